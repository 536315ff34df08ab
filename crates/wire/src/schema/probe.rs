//! A deserializer that hands out empty values and notes what was asked of it: how a type describes itself.

use serde::{
    de::{self, DeserializeOwned, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor, value::Error},
    forward_to_deserialize_any,
};

use super::{Field, Kind, WordSet};
use crate::{element::LIST, timestamp};

/// Name and fields of a struct; enumerations met on the way are added to `words`. `None` for what is no struct.
pub(super) fn fields_of<T: DeserializeOwned>(words: &mut Vec<WordSet>) -> Option<(&'static str, Vec<Field>)> {
    let mut found = None;
    // Values are of no interest; what the type asked for is in `found` either way.
    T::deserialize(RecordProbe { found: &mut found, words }).ok()?;
    found
}

fn refuse<T>() -> Result<T, Error> {
    Err(de::Error::custom("no type of the API asks for this"))
}

struct RecordProbe<'p> {
    found: &'p mut Option<(&'static str, Vec<Field>)>,
    words: &'p mut Vec<WordSet>,
}

impl<'de> Deserializer<'de> for RecordProbe<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        refuse()
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let (_, found) = self.found.insert((name, Vec::with_capacity(fields.len())));
        visitor.visit_map(Fields { rest: fields, found, words: self.words })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

/// Offers every field in turn and notes what it is.
struct Fields<'p> {
    rest: &'static [&'static str],
    found: &'p mut Vec<Field>,
    words: &'p mut Vec<WordSet>,
}

impl<'de> MapAccess<'de> for Fields<'_> {
    type Error = Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Error> {
        let Some(name) = self.rest.first() else { return Ok(None) };
        seed.deserialize(de::value::StrDeserializer::new(name)).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Error> {
        let Some((name, rest)) = self.rest.split_first() else { return refuse() };
        self.rest = rest;
        let mut kind = None;
        let value = seed.deserialize(KindProbe { kind: &mut kind, words: self.words })?;
        match kind {
            Some(kind) => self.found.push(Field { name, kind }),
            None => return refuse(),
        }
        Ok(value)
    }
}

/// A field that does not exist: a record inside a record is only named.
struct NoFields;

impl<'de> MapAccess<'de> for NoFields {
    type Error = Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, _: S) -> Result<Option<S::Value>, Error> {
        Ok(None)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, _: S) -> Result<S::Value, Error> {
        refuse()
    }
}

struct KindProbe<'p> {
    kind: &'p mut Option<Kind>,
    words: &'p mut Vec<WordSet>,
}

impl<'de> Deserializer<'de> for KindProbe<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        refuse()
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        *self.kind = Some(Kind::Boolean);
        visitor.visit_bool(false)
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        *self.kind = Some(Kind::Integer);
        visitor.visit_i64(0)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        *self.kind = Some(Kind::Decimal);
        visitor.visit_f64(0.0)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        *self.kind = Some(Kind::Text);
        visitor.visit_str("")
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Error> {
        if name != timestamp::NAME {
            return refuse();
        }
        *self.kind = Some(Kind::Timestamp);
        visitor.visit_i64(0)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let mut item = None;
        let value = visitor.visit_seq(OneItem { kind: &mut item, words: self.words, given: false })?;
        *self.kind = item.map(|kind| Kind::Many(Box::new(kind)));
        Ok(value)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        if name != LIST {
            *self.kind = Some(Kind::Record(name));
            return visitor.visit_map(NoFields);
        }
        let mut found = Vec::new();
        let value = visitor.visit_map(Fields { rest: fields, found: &mut found, words: self.words })?;
        if let [Field { name: tag, kind: Kind::Many(item) }] = found.as_slice()
            && let Kind::Record(of) = **item
        {
            *self.kind = Some(Kind::Collection { tag, of });
        }
        Ok(value)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        words: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        if !self.words.iter().any(|known| known.name == name) {
            self.words.push(WordSet { name, words });
        }
        *self.kind = Some(Kind::Words(name));
        visitor.visit_str(words.first().copied().unwrap_or_default())
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        i8 i16 i32 u8 u16 u32 u64 f32 char str bytes byte_buf unit unit_struct tuple tuple_struct map identifier
    }
}

/// A list of one item, which shows what lists of it hold.
struct OneItem<'p> {
    kind: &'p mut Option<Kind>,
    words: &'p mut Vec<WordSet>,
    given: bool,
}

impl<'de> SeqAccess<'de> for OneItem<'_> {
    type Error = Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Error> {
        if self.given {
            return Ok(None);
        }
        self.given = true;
        seed.deserialize(KindProbe { kind: self.kind, words: self.words }).map(Some)
    }
}
