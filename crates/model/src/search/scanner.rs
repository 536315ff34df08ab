//! Walks over the text of a search and finds its words. Knows keywords and operators, no fields.

use super::SearchError;
use super::ast::Operator;

/// A place in the text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scanner<'t> {
    chars: &'t [char],
    position: usize,
}

impl<'t> Scanner<'t> {
    pub(super) fn new(chars: &'t [char]) -> Self {
        Self { chars, position: 0 }
    }

    /// The place as people count it.
    pub(super) fn at(&self) -> usize {
        self.position + 1
    }

    pub(super) fn position(&self) -> usize {
        self.position
    }

    pub(super) fn back_to(&mut self, position: usize) {
        self.position = position;
    }

    pub(super) fn text(&self, from: usize, to: usize) -> String {
        self.chars[from..to].iter().collect()
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.chars.get(self.position).copied()
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let next = self.peek();
        self.position += usize::from(next.is_some());
        next
    }

    pub(super) fn skip_space(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.position += 1;
        }
    }

    /// Takes `wanted` if it stands here, after space.
    pub(super) fn take(&mut self, wanted: char) -> bool {
        self.skip_space();
        let found = self.peek() == Some(wanted);
        self.position += usize::from(found);
        found
    }

    pub(super) fn at_end(&mut self) -> bool {
        self.skip_space();
        self.peek().is_none()
    }

    /// Whether an operator begins at `position`.
    fn operator_at(&self, position: usize) -> Option<(Operator, usize)> {
        let next = self.chars.get(position + 1) == Some(&'=');
        match (self.chars.get(position)?, next) {
            ('=', _) => Some((Operator::Equal, 1)),
            ('!', true) => Some((Operator::NotEqual, 2)),
            ('<', true) => Some((Operator::LessOrEqual, 2)),
            ('>', true) => Some((Operator::GreaterOrEqual, 2)),
            ('<', false) => Some((Operator::Less, 1)),
            ('>', false) => Some((Operator::Greater, 1)),
            _ => None,
        }
    }

    /// Takes an operator, after space.
    pub(super) fn operator(&mut self) -> Option<Operator> {
        self.skip_space();
        let (operator, length) = self.operator_at(self.position)?;
        self.position += length;
        Some(operator)
    }

    /// Takes a word, after space: anything up to space, a parenthesis, a quote or an operator. Empty when there is none.
    pub(super) fn word(&mut self) -> String {
        self.skip_space();
        let start = self.position;
        while let Some(next) = self.peek() {
            if next.is_whitespace() || matches!(next, '(' | ')' | '"') || self.operator_at(self.position).is_some() {
                break;
            }
            self.position += 1;
        }
        self.text(start, self.position)
    }

    /// The word that follows, without taking it.
    pub(super) fn peek_word(&self) -> String {
        let mut ahead = *self;
        ahead.word()
    }

    /// Whether a condition follows: a word and an operator, a quote or a parenthesis.
    pub(super) fn condition_follows(&self) -> bool {
        let mut ahead = *self;
        ahead.skip_space();
        matches!(ahead.peek(), Some('(' | '"')) || (!ahead.word().is_empty() && ahead.operator().is_some())
    }

    /// The number of the clause `page N`, if it stands here and nothing but `sortby` follows it.
    pub(super) fn page_clause(&mut self) -> Option<u32> {
        let mut ahead = *self;
        if !ahead.word().eq_ignore_ascii_case("page") {
            return None;
        }
        let number = ahead.word().parse().ok().filter(|number| *number > 0)?;
        let last = ahead.at_end() || ahead.sort_clause_follows() || ahead.peek() == Some(')');
        last.then(|| {
            *self = ahead;
            number
        })
    }

    /// Whether `sortby` and a word follow.
    pub(super) fn sort_clause_follows(&self) -> bool {
        let mut ahead = *self;
        ahead.word().eq_ignore_ascii_case("sortby") && !ahead.word().is_empty()
    }

    /// Takes a quoted text; the quote stands here. `\"` and `\\` stand for themselves.
    pub(super) fn quoted(&mut self) -> Result<String, SearchError> {
        let at = self.at();
        self.position += 1;
        let mut text = String::new();
        while let Some(next) = self.next() {
            match (next, self.peek()) {
                ('"', _) => return Ok(text),
                ('\\', Some(escaped @ ('"' | '\\'))) => {
                    text.push(escaped);
                    self.position += 1;
                }
                _ => text.push(next),
            }
        }
        Err(SearchError::Expected { need: "a closing quote for the one", at })
    }
}
