//! From the tree of a search to SQL fragments. Names of columns come from the tables beside this file, values are bound,
//! and nothing that a user wrote becomes part of the text.

use ferrovirt_model::search::{
    Comparison, Condition, DEFAULT_PAGE_SIZE, Entity, Field, FieldKind, Operator, Pattern, Query, Value,
};

use super::tables::{self, EntitySql};
use super::{Bind, Compiled};

/// A day in milliseconds.
const DAY: i64 = 86_400_000;

/// How a search is run, besides what it says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Whether capitals count.
    pub case_sensitive: bool,
    /// At most so many; with `page`, the size of a page. `None`: all, or pages of the usual size.
    pub max: Option<u32>,
}

/// Compiles a search over a kind of object.
#[must_use]
pub fn compile(entity: Entity, query: &Query, options: Options) -> Compiled {
    let mut compiler = Compiler { case_sensitive: options.case_sensitive, binds: Vec::new() };
    let table = tables::of(entity);
    let mut text = String::new();
    if let Some(condition) = &query.condition {
        text = compiler.condition(entity, condition);
    }
    let order = order(table, query);
    let limit = options.max.or(query.page.map(|_| DEFAULT_PAGE_SIZE)).map(i64::from);
    let page = i64::from(query.page.unwrap_or(1).max(1));
    Compiled {
        joins: joins(table, &format!("{text} {order}")),
        where_sql: text,
        order_sql: order,
        limit,
        offset: limit.map_or(0, |limit| limit.saturating_mul(page - 1)),
        binds: compiler.binds,
    }
}

/// The sorting of a query, made total by the list's own order.
fn order(table: &EntitySql, query: &Query) -> String {
    let own = table.order;
    let Some(sort) = &query.sort else { return own.to_owned() };
    let column = table.column(sort.field.name);
    let text = sort.field.kind.is_text();
    let expression = if text { format!("lower({})", column.sql) } else { column.sql.to_owned() };
    let expression = match column.through {
        Some(through) => format!("(select min({expression}) {through})"),
        None => expression,
    };
    format!("{expression} {} nulls last, {own}", sort.direction.as_str())
}

/// The joins whose aliases a text mentions, and those that these need in turn.
fn joins(table: &EntitySql, text: &str) -> String {
    let mut needed = text.to_owned();
    let mut chosen: Vec<&str> = Vec::new();
    // Later joins may stand on earlier ones, so the last is looked at first.
    for (alias, join) in table.joins.iter().rev() {
        if needed.contains(&format!("{alias}.")) {
            chosen.push(join);
            needed.push_str(join);
        }
    }
    chosen.reverse();
    chosen.join(" ")
}

struct Compiler {
    case_sensitive: bool,
    binds: Vec<Bind>,
}

impl Compiler {
    fn bind(&mut self, value: Bind) -> String {
        self.binds.push(value);
        format!("${}", self.binds.len())
    }

    fn condition(&mut self, entity: Entity, condition: &Condition) -> String {
        match condition {
            Condition::All(conditions) => self.joined(entity, conditions, " and "),
            Condition::Any(conditions) => self.joined(entity, conditions, " or "),
            Condition::Text(pattern) => self.free_text(entity, pattern),
            Condition::Compare(comparison) => self.comparison(entity, comparison),
        }
    }

    fn joined(&mut self, entity: Entity, conditions: &[Condition], connective: &str) -> String {
        let parts: Vec<String> = conditions.iter().map(|condition| self.condition(entity, condition)).collect();
        format!("({})", parts.join(connective))
    }

    /// Text in any free text field of the kind itself.
    fn free_text(&mut self, entity: Entity, pattern: &Pattern) -> String {
        let parameter = self.bind(Bind::Text(like(&format!("*{}*", pattern.0))));
        let operator = self.like_operator();
        let table = tables::of(entity);
        let fields = entity.fields().iter().filter(|field| field.free_text);
        let parts = fields.map(|field| {
            let column = table.column(field.name);
            through(column.through, &format!("{} {operator} {parameter}", column.sql))
        });
        format!("({})", parts.collect::<Vec<_>>().join(" or "))
    }

    fn comparison(&mut self, entity: Entity, comparison: &Comparison) -> String {
        let own = comparison.relation.unwrap_or(entity);
        let table = tables::of(own);
        let condition = self.field(table, comparison);
        let Some(relation) = comparison.relation else { return condition };
        let link = tables::of(entity).link(relation);
        let joins = joins(table, &condition);
        format!("exists (select 1 from {from} {joins} where {link} and {condition})", from = table.from)
    }

    /// "Not equal" is the opposite of "equal", for nothing and for many values alike.
    fn field(&mut self, table: &EntitySql, comparison: &Comparison) -> String {
        let Comparison { field, operator, value, .. } = comparison;
        let column = table.column(field.name);
        let negated = *operator == Operator::NotEqual;
        let operator = if negated { Operator::Equal } else { *operator };
        let condition = through(column.through, &self.compare(column.sql, field, operator, value));
        if negated { format!("({condition}) is not true") } else { condition }
    }

    fn compare(&mut self, sql: &str, field: &Field, operator: Operator, value: &Value) -> String {
        let sign = operator.as_str();
        let bind = match value {
            Value::Text(pattern) => return self.text(sql, operator, pattern),
            Value::Word(word) => match field.kind {
                FieldKind::Ranked(words) => return self.ranked(sql, words, operator, word),
                _ => Bind::Text((*word).to_owned()),
            },
            Value::OperatingSystems { ids, .. } => return self.any_of(sql, ids),
            Value::Moment { at, whole_day } => return self.moment(sql, operator, *at, *whole_day),
            Value::Integer(number) | Value::Bytes(number) | Value::Seconds(number) => Bind::Integer(*number),
            Value::Decimal(number) => Bind::Number(*number),
            Value::Flag(flag) => Bind::Flag(*flag),
            Value::Id(id) => Bind::Id(*id),
        };
        let parameter = self.bind(bind);
        format!("{sql} {sign} {parameter}")
    }

    fn like_operator(&self) -> &'static str {
        if self.case_sensitive { "like" } else { "ilike" }
    }

    /// What is before or after a text is so by all its letters: wildcards stand for themselves there.
    fn text(&mut self, sql: &str, operator: Operator, pattern: &Pattern) -> String {
        if operator == Operator::Equal && pattern.has_wildcard() {
            let parameter = self.bind(Bind::Text(like(&pattern.0)));
            return format!("{sql} {} {parameter}", self.like_operator());
        }
        let parameter = self.bind(Bind::Text(pattern.0.clone()));
        let sign = operator.as_str();
        if self.case_sensitive {
            format!("{sql} {sign} {parameter}")
        } else {
            format!("lower({sql}) {sign} lower({parameter})")
        }
    }

    fn any_of(&mut self, sql: &str, ids: &[u32]) -> String {
        if ids.is_empty() {
            return "false".to_owned();
        }
        let parameters: Vec<String> = ids.iter().map(|id| self.bind(Bind::Integer(i64::from(*id)))).collect();
        format!("{sql} in ({})", parameters.join(", "))
    }

    /// The words that the comparison allows.
    fn ranked(&mut self, sql: &str, words: &[(&str, &str)], operator: Operator, word: &str) -> String {
        let rank = |word: &str| words.iter().position(|(_, stored)| *stored == word);
        let bound = rank(word);
        let allowed = words.iter().filter(|(_, stored)| match operator {
            Operator::Equal => *stored == word,
            Operator::NotEqual => *stored != word,
            Operator::Less => rank(stored) < bound,
            Operator::LessOrEqual => rank(stored) <= bound,
            Operator::Greater => rank(stored) > bound,
            Operator::GreaterOrEqual => rank(stored) >= bound,
        });
        let parameters: Vec<String> = allowed.map(|(_, stored)| self.bind(Bind::Text((*stored).to_owned()))).collect();
        if parameters.is_empty() { "false".to_owned() } else { format!("{sql} in ({})", parameters.join(", ")) }
    }

    /// A day is compared from its beginning, and equals any time of it; a time equals any within its second.
    fn moment(&mut self, sql: &str, operator: Operator, at: i64, whole_day: bool) -> String {
        let end = at.saturating_add(if whole_day { DAY } else { 1000 });
        let (sign, bound) = match operator {
            Operator::Equal | Operator::NotEqual => {
                let (from, to) = (self.bind(Bind::Integer(at)), self.bind(Bind::Integer(end)));
                return format!("({sql} >= {from} and {sql} < {to})");
            }
            Operator::Less => ("<", at),
            Operator::LessOrEqual => ("<", end),
            Operator::Greater if whole_day => (">=", at),
            Operator::Greater => (">", at),
            Operator::GreaterOrEqual => (">=", at),
        };
        let parameter = self.bind(Bind::Integer(bound));
        format!("{sql} {sign} {parameter}")
    }
}

/// A condition on any of the rows that a field stands in.
fn through(path: Option<&str>, condition: &str) -> String {
    match path {
        Some(path) => format!("exists (select 1 {path} and {condition})"),
        None => condition.to_owned(),
    }
}

/// A text with `*` as a pattern of SQL; what SQL takes for wildcards stands for itself.
fn like(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 4);
    for letter in text.chars() {
        match letter {
            '*' => pattern.push('%'),
            '%' | '_' | '\\' => pattern.extend(['\\', letter]),
            _ => pattern.push(letter),
        }
    }
    pattern
}
