//! Builds the tree of a search. Total: any text gives a tree or an error, in time linear to its length but for values,
//! which are bounded.

use super::ast::{Comparison, Condition, Direction, Operator, Pattern, Query, Sort};
use super::fields::{Entity, Field};
use super::scanner::Scanner;
use super::{MAX_CONDITIONS, MAX_DEPTH, MAX_LENGTH, SearchError, values};
use crate::Millis;

struct Parser<'t> {
    entity: Entity,
    now: Millis,
    scanner: Scanner<'t>,
    depth: usize,
    conditions: usize,
}

pub(super) fn parse(entity: Entity, text: &str, now: Millis) -> Result<Query, SearchError> {
    if text.chars().count() > MAX_LENGTH {
        return Err(SearchError::TooMuch { what: "long" });
    }
    let chars: Vec<char> = text.chars().collect();
    let mut parser = Parser { entity, now, scanner: Scanner::new(&chars), depth: 0, conditions: 0 };
    let mut query = Query::default();
    while !parser.scanner.at_end() {
        if parser.scanner.sort_clause_follows() {
            query.sort = Some(parser.sort()?);
        } else if let Some(page) = parser.scanner.page_clause() {
            query.page = Some(page);
        } else if query.condition.is_none() && query.sort.is_none() && query.page.is_none() {
            query.condition = Some(parser.any()?);
        } else {
            return Err(SearchError::Expected { need: "the end of the search", at: parser.scanner.at() });
        }
    }
    Ok(query)
}

impl Parser<'_> {
    fn any(&mut self) -> Result<Condition, SearchError> {
        let mut conditions = vec![self.all()?];
        while self.keyword("or") {
            conditions.push(self.all()?);
        }
        Ok(one_or(conditions, Condition::Any))
    }

    fn all(&mut self) -> Result<Condition, SearchError> {
        let mut conditions = vec![self.unit()?];
        while self.keyword("and") || self.another_unit() {
            conditions.push(self.unit()?);
        }
        Ok(one_or(conditions, Condition::All))
    }

    /// Takes a connective.
    fn keyword(&mut self, wanted: &str) -> bool {
        let found = self.scanner.peek_word().eq_ignore_ascii_case(wanted);
        if found {
            self.scanner.word();
        }
        found
    }

    /// Whether a unit follows without a connective.
    fn another_unit(&mut self) -> bool {
        if self.scanner.at_end() || self.scanner.peek() == Some(')') {
            return false;
        }
        let word = self.scanner.peek_word();
        let mut ahead = self.scanner;
        let clause = self.scanner.sort_clause_follows() || ahead.page_clause().is_some();
        !clause && !word.eq_ignore_ascii_case("or")
    }

    fn unit(&mut self) -> Result<Condition, SearchError> {
        self.conditions += 1;
        if self.conditions > MAX_CONDITIONS {
            return Err(SearchError::TooMuch { what: "complex" });
        }
        if self.scanner.take('(') {
            return self.group();
        }
        if self.scanner.peek() == Some('"') {
            return self.scanner.quoted().map(|text| Condition::Text(Pattern(text)));
        }
        let at = self.scanner.at();
        let word = self.scanner.word();
        if word.is_empty() || word.eq_ignore_ascii_case("and") || word.eq_ignore_ascii_case("or") {
            return Err(SearchError::Expected { need: "a condition", at });
        }
        let after_word = self.scanner.position();
        let operator_at = {
            self.scanner.skip_space();
            self.scanner.at()
        };
        match self.scanner.operator() {
            Some(operator) => self.comparison(&word, at, operator, operator_at),
            None => {
                self.scanner.back_to(after_word);
                Ok(Condition::Text(Pattern(word)))
            }
        }
    }

    fn group(&mut self) -> Result<Condition, SearchError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(SearchError::TooMuch { what: "deep" });
        }
        let condition = self.any()?;
        self.depth -= 1;
        if !self.scanner.take(')') {
            return Err(SearchError::Expected { need: "a closing parenthesis", at: self.scanner.at() });
        }
        Ok(condition)
    }

    fn comparison(
        &mut self,
        word: &str,
        at: usize,
        operator: Operator,
        operator_at: usize,
    ) -> Result<Condition, SearchError> {
        let (relation, field) = self.field(word, at)?;
        if !field.kind.allows(operator) {
            return Err(SearchError::OperatorNotAllowed {
                field: field.name,
                operator: operator.as_str(),
                at: operator_at,
            });
        }
        self.scanner.skip_space();
        let at = self.scanner.at();
        let text = if self.scanner.peek() == Some('"') { self.scanner.quoted()? } else { self.unquoted() };
        let value = values::parse(field.kind, &text, self.now).map_err(|need| SearchError::BadValue {
            field: field.name,
            value: text,
            need,
            at,
        })?;
        Ok(Condition::Compare(Comparison { relation, field, operator, value }))
    }

    fn field(&self, word: &str, at: usize) -> Result<(Option<Entity>, &'static Field), SearchError> {
        let unknown = || SearchError::UnknownField { name: word.to_owned(), at };
        if let Some((relation, name)) = word.split_once('.') {
            let relation = self.entity.relation(relation).ok_or_else(unknown)?;
            let field = relation.field(name).ok_or_else(unknown)?;
            return Ok((Some(relation), field));
        }
        self.entity.field(word).map(|field| (None, field)).ok_or_else(unknown)
    }

    /// The text of a value without quotes: up to the next condition, clause, closing parenthesis or the end.
    fn unquoted(&mut self) -> String {
        let start = self.scanner.position();
        let mut end = start;
        let mut open = 0_usize;
        loop {
            self.scanner.skip_space();
            let before = self.scanner.position();
            if self.value_ends_here(open) {
                self.scanner.back_to(end);
                return self.scanner.text(start, end);
            }
            // An operator inside a value is part of it, as are quotes and balanced parentheses.
            if self.scanner.word().is_empty() {
                match self.scanner.next() {
                    Some('(') => open += 1,
                    Some(')') => open = open.saturating_sub(1),
                    _ => {}
                }
            }
            debug_assert!(self.scanner.position() > before, "each round takes something");
            end = self.scanner.position();
        }
    }

    fn value_ends_here(&self, open: usize) -> bool {
        let scanner = self.scanner;
        match scanner.peek() {
            None => return true,
            Some(')') if open == 0 => return true,
            _ => {}
        }
        let mut ahead = scanner;
        let word = ahead.word();
        if word.eq_ignore_ascii_case("and") || word.eq_ignore_ascii_case("or") {
            return ahead.condition_follows();
        }
        let own_field = self.field(&word, 0).is_ok() && ahead.operator().is_some();
        let mut ahead = scanner;
        own_field || scanner.sort_clause_follows() || ahead.page_clause().is_some()
    }

    fn sort(&mut self) -> Result<Sort, SearchError> {
        self.scanner.word();
        self.scanner.skip_space();
        let at = self.scanner.at();
        let word = self.scanner.word();
        let unknown = || SearchError::UnknownField { name: word.clone(), at };
        let field = self.entity.field(&word).ok_or_else(unknown)?;
        if !field.sortable {
            return Err(SearchError::NotSortable { field: field.name, at });
        }
        let direction = if self.keyword("desc") {
            Direction::Descending
        } else {
            self.keyword("asc");
            Direction::Ascending
        };
        Ok(Sort { field, direction })
    }
}

fn one_or(mut conditions: Vec<Condition>, many: fn(Vec<Condition>) -> Condition) -> Condition {
    match (conditions.len(), conditions.pop()) {
        (1, Some(only)) => only,
        (_, last) => {
            conditions.extend(last);
            many(conditions)
        }
    }
}
