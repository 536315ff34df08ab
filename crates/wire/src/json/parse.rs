//! Text of JSON to nodes, within limits. It knows nothing of our types.

use std::{borrow::Cow, cell::RefCell, fmt};

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::{
    error::ReadError,
    node::{Budget, Content, Node},
};

/// The content of a JSON text.
pub(super) fn parse(document: &[u8]) -> Result<Content<'_>, ReadError> {
    Budget::check_size(document)?;
    let budget = RefCell::new(Budget::default());
    let mut parser = serde_json::Deserializer::from_slice(document);
    let content = Value { budget: &budget, depth: 1 }.deserialize(&mut parser).and_then(|content| {
        parser.end()?;
        Ok(content)
    });
    content.map_err(|error| ReadError { place: String::new(), line: Some(error.line()), problem: sentence(&error) })
}

/// The library ends its messages with the position, which we tell in our own way.
fn sentence(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let position = format!(" at line {} column {}", error.line(), error.column());
    match text.strip_suffix(&position) {
        Some(text) => format!("this is no JSON: {text}, column {}", error.column()),
        None => format!("this is no JSON: {text}"),
    }
}

#[derive(Clone, Copy)]
struct Value<'b> {
    budget: &'b RefCell<Budget>,
    depth: usize,
}

impl Value<'_> {
    fn deeper(self) -> Self {
        Self { depth: self.depth + 1, ..self }
    }
}

impl<'de> DeserializeSeed<'de> for Value<'_> {
    type Value = Content<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Content<'de>, D::Error> {
        self.budget.borrow_mut().take(self.depth).map_err(de::Error::custom)?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value<'_> {
    type Value = Content<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Content<'de>, E> {
        Ok(Content::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Content<'de>, E> {
        Ok(Content::Boolean(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Content<'de>, E> {
        Ok(Content::Integer(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Content<'de>, E> {
        // Beyond 63 bits nothing of ours fits; as text the reader says so in its own words.
        Ok(i64::try_from(value).map_or_else(|_| Content::Text(value.to_string().into()), Content::Integer))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Content<'de>, E> {
        Ok(Content::Decimal(value))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Content<'de>, E> {
        Ok(Content::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Content<'de>, E> {
        Ok(Content::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Content<'de>, A::Error> {
        let mut items = Vec::new();
        while let Some(content) = sequence.next_element_seed(self.deeper())? {
            items.push(Node { name: Cow::Borrowed(""), line: None, content });
        }
        Ok(Content::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Content<'de>, A::Error> {
        let mut children = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            let content = map.next_value_seed(self.deeper())?;
            children.push(Node { name: Cow::Owned(name), line: None, content });
        }
        Ok(Content::Record { text: Cow::Borrowed(""), children })
    }
}
