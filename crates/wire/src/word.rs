//! Enumerations of the API: closed sets of words. It does not know which words there are.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserializer,
    de::{self, EnumAccess, VariantAccess, Visitor},
};

/// One of a closed set of words.
pub trait Word: Copy + 'static {
    /// Name of the set, as the API model has it.
    const NAME: &'static str;
    /// Every member, in the model's order.
    const ALL: &'static [Self];
    /// Every word, in the same order.
    const WORDS: &'static [&'static str];

    /// The word as it stands on the wire.
    fn as_str(self) -> &'static str;

    /// The member that `word` names.
    fn from_word(word: &str) -> Option<Self> {
        Self::WORDS.iter().position(|known| *known == word).map(|index| Self::ALL[index])
    }
}

/// The text is not one of the words of a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not one of {}", .allowed.join(", "))]
pub struct UnknownWord {
    /// What would have been accepted.
    pub allowed: &'static [&'static str],
}

/// Reads a word; another word is refused with the list of those allowed.
pub(crate) fn read<'de, W: Word, D: Deserializer<'de>>(deserializer: D) -> Result<W, D::Error> {
    deserializer.deserialize_enum(W::NAME, W::WORDS, WordVisitor(PhantomData))
}

struct WordVisitor<W>(PhantomData<W>);

impl<'de, W: Word> Visitor<'de> for WordVisitor<W> {
    type Value = W;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "one of {}", W::WORDS.join(", "))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<W, A::Error> {
        let (word, rest) = data.variant::<String>()?;
        rest.unit_variant()?;
        self.visit_str(&word)
    }

    fn visit_str<E: de::Error>(self, word: &str) -> Result<W, E> {
        W::from_word(word).ok_or_else(|| E::unknown_variant(word, W::WORDS))
    }
}

/// Declares enumerations: `/// doc` `Name { Member = "word", .. }`.
macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($member:ident = $word:literal,)+ })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $(#[doc = concat!("`", $word, "`")] $member,)+ }

        impl $crate::word::Word for $name {
            const NAME: &'static str = stringify!($name);
            const ALL: &'static [Self] = &[$(Self::$member,)+];
            const WORDS: &'static [&'static str] = &[$($word,)+];

            fn as_str(self) -> &'static str {
                match self { $(Self::$member => $word,)+ }
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                formatter.write_str($crate::word::Word::as_str(*self))
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::word::UnknownWord;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                use $crate::word::Word;
                Self::from_word(text).ok_or($crate::word::UnknownWord { allowed: Self::WORDS })
            }
        }

        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use $crate::word::Word;
                serializer.serialize_unit_variant(Self::NAME, *self as u32, self.as_str())
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::word::read(deserializer)
            }
        }
    )+};
}
pub(crate) use words;
