//! The tree of a search, and how it is written out again. Writing and reading give the same tree.

use std::fmt;

use uuid::Uuid;

use super::fields::{Entity, Field};
use super::moments;
use crate::Millis;

/// A search that was understood.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    /// What must hold; `None`: anything does.
    pub condition: Option<Condition>,
    /// What to sort by; `None`: the list's own order.
    pub sort: Option<Sort>,
    /// Which page, from 1 on; `None`: no paging was asked.
    pub page: Option<u32>,
}

/// What must hold.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// All of these; two at least.
    All(Vec<Condition>),
    /// Any of these; two at least.
    Any(Vec<Condition>),
    /// A field compared with a value.
    Compare(Comparison),
    /// Text in any free text field.
    Text(Pattern),
}

/// A field compared with a value.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// The related kind of object whose field it is; `None`: the searched one's own.
    pub relation: Option<Entity>,
    /// The field.
    pub field: &'static Field,
    /// How it is compared.
    pub operator: Operator,
    /// With what.
    pub value: Value,
}

/// How a field is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `>`
    Greater,
    /// `<=`
    LessOrEqual,
    /// `>=`
    GreaterOrEqual,
}

impl Operator {
    /// As it is written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::Greater => ">",
            Self::LessOrEqual => "<=",
            Self::GreaterOrEqual => ">=",
        }
    }
}

/// What a field is compared with; which one it is follows from the field's kind.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Text, perhaps with wildcards.
    Text(Pattern),
    /// A whole number.
    Integer(i64),
    /// A number with a fraction.
    Decimal(f64),
    /// Bytes.
    Bytes(i64),
    /// Yes or no.
    Flag(bool),
    /// A word of the field's list, as rows hold it.
    Word(&'static str),
    /// A time; `whole_day` when it was written without a time of day, so that `=` means any time of that day.
    Moment {
        /// When, or when the day begins.
        at: Millis,
        /// Whether the day is meant.
        whole_day: bool,
    },
    /// A span of time in seconds.
    Seconds(i64),
    /// An id.
    Id(Uuid),
    /// Ids of the guest systems that the text names.
    OperatingSystems {
        /// The text.
        pattern: Pattern,
        /// Their numbers; empty when there is none.
        ids: Vec<u32>,
    },
}

/// Text in which `*` stands for anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(pub String);

impl Pattern {
    /// Whether it has a wildcard.
    #[must_use]
    pub fn has_wildcard(&self) -> bool {
        self.0.contains('*')
    }

    /// Whether a text fits, capitals aside.
    #[must_use]
    pub fn fits(&self, text: &str) -> bool {
        let pattern = self.0.to_lowercase();
        let text = text.to_lowercase();
        let mut parts = pattern.split('*');
        let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
        let mut parts: Vec<_> = parts.collect();
        let Some(last) = parts.pop() else { return rest.is_empty() };
        for part in parts {
            match rest.find(part) {
                Some(found) => rest = &rest[found + part.len()..],
                None => return false,
            }
        }
        rest.ends_with(last)
    }
}

/// What to sort by.
#[derive(Clone, Debug, PartialEq)]
pub struct Sort {
    /// The field.
    pub field: &'static Field,
    /// Which way.
    pub direction: Direction,
}

/// Which way to sort.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Smallest first.
    Ascending,
    /// Largest first.
    Descending,
}

impl Direction {
    /// As it is written, here and in SQL.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ascending => "asc",
            Self::Descending => "desc",
        }
    }
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if let Some(condition) = &self.condition {
            parts.push(condition.to_string());
        }
        if let Some(sort) = &self.sort {
            parts.push(format!("sortby {} {}", sort.field.name, sort.direction.as_str()));
        }
        if let Some(page) = self.page {
            parts.push(format!("page {page}"));
        }
        f.write_str(&parts.join(" "))
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (conditions, connective) = match self {
            Self::All(conditions) => (conditions, " and "),
            Self::Any(conditions) => (conditions, " or "),
            Self::Compare(comparison) => return comparison.fmt(f),
            Self::Text(pattern) => return pattern.fmt(f),
        };
        for (index, condition) in conditions.iter().enumerate() {
            if index > 0 {
                f.write_str(connective)?;
            }
            match condition {
                Self::All(_) | Self::Any(_) => write!(f, "({condition})")?,
                Self::Compare(_) | Self::Text(_) => condition.fmt(f)?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(relation) = self.relation {
            write!(f, "{}.", relation.word())?;
        }
        write!(f, "{} {} {}", self.field.name, self.operator.as_str(), self.value)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0.replace('\\', "\\\\").replace('"', "\\\""))
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(pattern) | Self::OperatingSystems { pattern, .. } => pattern.fmt(f),
            Self::Integer(number) => number.fmt(f),
            Self::Decimal(number) => number.fmt(f),
            Self::Bytes(bytes) => write!(f, "{bytes}B"),
            Self::Flag(flag) => flag.fmt(f),
            Self::Word(word) => f.write_str(word),
            Self::Moment { at, whole_day } => write!(f, "\"{}\"", moments::print(*at, *whole_day)),
            Self::Seconds(seconds) => write!(f, "{seconds}s"),
            Self::Id(id) => id.fmt(f),
        }
    }
}
