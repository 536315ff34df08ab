//! Values of any type out of bytes, for tests: a deserializer that invents what it is asked for. The same bytes give the
//! same value, and fewer bytes a smaller one, so that failures shrink.

use serde::{
    de::{
        self, DeserializeOwned, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor,
        value::{Error, StrDeserializer},
    },
    forward_to_deserialize_any,
};

use crate::timestamp;

/// Entities nest without end; samples do not.
const DEEPEST: usize = 4;

/// A value of `T` that depends on `bytes` alone.
pub(crate) fn sample<T: DeserializeOwned>(bytes: &[u8]) -> T {
    let mut source = Source { bytes, next: 0 };
    T::deserialize(Inventor { source: &mut source, depth: 0 }).unwrap()
}

struct Source<'s> {
    bytes: &'s [u8],
    next: usize,
}

impl Source<'_> {
    /// Goes round and round, each time a little different; zero when there are no bytes.
    fn byte(&mut self) -> u8 {
        if self.bytes.is_empty() {
            return 0;
        }
        let round = (self.next / self.bytes.len()) as u8;
        let byte = self.bytes[self.next % self.bytes.len()].wrapping_mul(round.wrapping_mul(2).wrapping_add(1));
        self.next += 1;
        byte
    }

    fn number(&mut self) -> i64 {
        let length = self.byte() % 9;
        (0..length).fold(i64::from(self.byte() as i8), |number, _| number.wrapping_shl(8) | i64::from(self.byte()))
    }

    fn text(&mut self) -> String {
        const PIECES: [&str; 24] = [
            "a", "vm", " ", "\n", "\t", "\r", "&", "<", ">", "\"", "'", "]]>", "&amp;", "<!--", "ä", "שלום",
            "\u{fffd}", "😀", "0", "true", "null", "\\", "/", "{}",
        ];
        let length = self.byte() % 6;
        (0..length).map(|_| PIECES[usize::from(self.byte()) % PIECES.len()]).collect()
    }
}

struct Inventor<'i, 's> {
    source: &'i mut Source<'s>,
    depth: usize,
}

impl<'de> Deserializer<'de> for Inventor<'_, '_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(de::Error::custom("no type of the API asks for this"))
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_bool(self.source.byte() % 2 == 1)
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_i64(self.source.number())
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        // Beyond about 15 digits a decimal may come back with another last digit, which no figure of the API needs.
        visitor.visit_f64((self.source.number() % 1_000_000_000_000) as f64 / 1000.0)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_string(self.source.text())
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.depth > DEEPEST || self.source.byte().is_multiple_of(4) {
            true => visitor.visit_none(),
            false => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Error> {
        assert_eq!(name, timestamp::NAME);
        // Within the years that ISO 8601 has four digits for.
        visitor.visit_i64(self.source.number() % 60_000_000_000_000)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let left = usize::from(self.source.byte() % 3);
        visitor.visit_seq(Items { inventor: self, left })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        // From the second level on records are sparse, or one sample would be a data centre.
        visitor.visit_map(Fields { inventor: self, rest: fields })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        words: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_str(words[usize::from(self.source.byte()) % words.len()])
    }

    forward_to_deserialize_any! {
        i8 i16 i32 u8 u16 u32 u64 f32 char str bytes byte_buf unit unit_struct tuple tuple_struct map identifier
        ignored_any
    }
}

struct Items<'i, 's> {
    inventor: Inventor<'i, 's>,
    left: usize,
}

impl<'de> SeqAccess<'de> for Items<'_, '_> {
    type Error = Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Error> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        seed.deserialize(Inventor { source: self.inventor.source, depth: self.inventor.depth }).map(Some)
    }
}

struct Fields<'i, 's> {
    inventor: Inventor<'i, 's>,
    rest: &'static [&'static str],
}

impl<'de> MapAccess<'de> for Fields<'_, '_> {
    type Error = Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Error> {
        while let Some((name, rest)) = self.rest.split_first() {
            // The one field of a list always is there, or there would be no lists to speak of.
            let sparse = self.inventor.depth > 0 && self.rest.len() > 1;
            if sparse && usize::from(self.inventor.source.byte()) % 100 > 60 >> self.inventor.depth {
                self.rest = rest;
                continue;
            }
            return seed.deserialize(StrDeserializer::new(name)).map(Some);
        }
        Ok(None)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Error> {
        self.rest = &self.rest[1..];
        seed.deserialize(Inventor { source: self.inventor.source, depth: self.inventor.depth + 1 })
    }
}
