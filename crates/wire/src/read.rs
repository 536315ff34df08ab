//! Turns nodes into values of our types, forgiving in how scalars are spelled and exact in telling what is wrong where.
//! It does not know which format the nodes came from.

use std::borrow::Cow;

use serde::{
    de::{DeserializeOwned, DeserializeSeed, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor},
    forward_to_deserialize_any,
};

use crate::{
    error::{ReadError, shortened},
    node::{Content, Node, check_characters},
    timestamp::{self, Timestamp},
};

/// Reads a whole document.
pub(crate) fn read<T: DeserializeOwned>(root: &Node<'_>) -> Result<T, ReadError> {
    T::deserialize(Reader { run: &[root] }).map_err(|error| error.inside(&root.name, root.line))
}

/// The nodes of one name inside one parent: one for a plain field, many for a list. Never empty.
#[derive(Clone, Copy)]
struct Reader<'r, 'd> {
    run: &'r [&'r Node<'d>],
}

impl<'r, 'd> Reader<'r, 'd> {
    /// The last one counts when a plain field was said twice, as in the API's own readers.
    fn content(self) -> Result<&'r Content<'d>, ReadError> {
        self.run.last().map(|node| &node.content).ok_or_else(|| ReadError::new("nothing is there"))
    }

    /// The text of a scalar.
    fn text(self) -> Result<Cow<'r, str>, ReadError> {
        let text = match self.content()? {
            Content::Text(text) => Cow::Borrowed(text.as_ref()),
            Content::Boolean(value) => Cow::Owned(value.to_string()),
            Content::Integer(value) => Cow::Owned(value.to_string()),
            Content::Decimal(value) => Cow::Owned(value.to_string()),
            Content::Record { text, children } if children.is_empty() => Cow::Borrowed(text.as_ref()),
            Content::Record { children, text } if !text.trim().is_empty() && children.iter().all(is_attribute) => {
                Cow::Borrowed(text.as_ref())
            }
            _ => return Err(ReadError::new("a plain value is expected here")),
        };
        check_characters(&text)?;
        Ok(text)
    }

    fn unexpected<T>(text: &str, expected: &str) -> Result<T, ReadError> {
        Err(ReadError::new(format!("'{}' is not {expected}", shortened(text))))
    }
}

fn is_attribute(node: &Node<'_>) -> bool {
    matches!(node.content, Content::Text(_))
}

impl<'de> serde::Deserializer<'de> for Reader<'_, '_> {
    type Error = ReadError;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, ReadError> {
        Err(ReadError::new("a value of no declared kind is expected here"))
    }

    /// Exactly `true` and `false`, as the API's own reader; JSON may also bring real booleans.
    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        match self.text()?.trim() {
            "true" => visitor.visit_bool(true),
            "false" => visitor.visit_bool(false),
            other => Self::unexpected(other, "true or false"),
        }
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        let text = self.text()?;
        match text.trim().parse() {
            Ok(value) => visitor.visit_i64(value),
            Err(_) => Self::unexpected(&text, "a whole number of 64 bits"),
        }
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        let text = self.text()?;
        match text.trim().parse::<f64>() {
            Ok(value) if value.is_finite() => visitor.visit_f64(value),
            _ => Self::unexpected(&text, "a decimal number"),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        visitor.visit_str(&self.text()?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        visitor.visit_string(self.text()?.into_owned())
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        match self.content()? {
            Content::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    /// A date: epoch milliseconds, as a number or as digits, or ISO 8601.
    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        if name != timestamp::NAME {
            return visitor.visit_newtype_struct(self);
        }
        let text = self.text()?;
        let text = text.trim();
        if let Ok(milliseconds) = text.parse() {
            return visitor.visit_i64(milliseconds);
        }
        match text.parse::<Timestamp>() {
            Ok(moment) => visitor.visit_i64(moment.0),
            Err(_) => Self::unexpected(text, "a date such as 2026-01-31T12:00:00.000Z"),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        let mut items: Vec<&Node<'_>> = Vec::with_capacity(self.run.len());
        for node in self.run {
            match &node.content {
                Content::List(inner) => items.extend(inner),
                Content::Null => {}
                _ => items.push(node),
            }
        }
        visitor.visit_seq(Items { items: items.into_iter() })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        let children = match self.content()? {
            Content::Record { children, text } if !children.is_empty() || text.trim().is_empty() => children.as_slice(),
            Content::Text(text) if text.trim().is_empty() => &[],
            _ => return Err(ReadError::new("elements are expected here, not a plain value")),
        };
        let mut sorted: Vec<&Node<'_>> = children.iter().collect();
        // A stable sort brings equal names together, each run in the order of the document.
        sorted.sort_by(|left, right| left.name.cmp(&right.name));
        visitor.visit_map(Fields { rest: &sorted, run: &[] })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        visitor.visit_enum(WordAccess(self.text()?.trim()))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        i8 i16 i32 u8 u16 u32 u64 f32 char bytes byte_buf unit unit_struct tuple tuple_struct map identifier
    }
}

struct Items<I> {
    items: I,
}

impl<'de, 'r, 'd: 'r, I: Iterator<Item = &'r Node<'d>>> SeqAccess<'de> for Items<I> {
    type Error = ReadError;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, ReadError> {
        self.items.next().map(|node| seed.deserialize(Reader { run: &[node] })).transpose()
    }
}

struct Fields<'r, 'd> {
    /// Children not looked at yet, sorted by name.
    rest: &'r [&'r Node<'d>],
    /// Those of the name that was asked for last.
    run: &'r [&'r Node<'d>],
}

impl<'de> MapAccess<'de> for Fields<'_, '_> {
    type Error = ReadError;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, ReadError> {
        let Some(first) = self.rest.first() else { return Ok(None) };
        let length = self.rest.iter().take_while(|node| node.name == first.name).count();
        (self.run, self.rest) = self.rest.split_at(length);
        seed.deserialize(Name(&first.name)).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, ReadError> {
        let (name, line) = self.run.last().map_or(("", None), |node| (node.name.as_ref(), node.line));
        seed.deserialize(Reader { run: self.run }).map_err(|error| error.inside(name, line))
    }
}

/// The name of a field.
struct Name<'n>(&'n str);

impl<'de> serde::Deserializer<'de> for Name<'_> {
    type Error = ReadError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        visitor.visit_str(self.0)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// A word of an enumeration.
struct WordAccess<'w>(&'w str);

impl<'de> EnumAccess<'de> for WordAccess<'_> {
    type Error = ReadError;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self), ReadError> {
        Ok((seed.deserialize(Name(self.0))?, self))
    }
}

impl<'de> VariantAccess<'de> for WordAccess<'_> {
    type Error = ReadError;

    fn unit_variant(self) -> Result<(), ReadError> {
        Ok(())
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, _: S) -> Result<S::Value, ReadError> {
        Err(ReadError::new("a word is expected here"))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, ReadError> {
        Err(ReadError::new("a word is expected here"))
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], _: V) -> Result<V::Value, ReadError> {
        Err(ReadError::new("a word is expected here"))
    }
}
