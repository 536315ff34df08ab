//! Deserialisers that clean and bound what a guest says. They know nothing of what the values mean.
//!
//! Cleaning happens while reading, so nothing larger than the bound is ever kept in memory. Texts lose every character
//! that XML 1.0 forbids (<https://www.w3.org/TR/xml/#charsets>), every control character, and the bidirectional overrides
//! that could make a name read as another one.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, IgnoredAny, SeqAccess, Visitor};

/// Longest text, in characters. Longer ones are cut.
pub const MAXIMUM_TEXT: usize = 1024;
/// Longest short list (interfaces, addresses, sessions, disks, file systems). Further items are dropped.
pub const MAXIMUM_LIST: usize = 256;
/// Longest list of packages. Further items are dropped.
pub const MAXIMUM_PACKAGES: usize = 20_000;
/// Largest number: the largest that a JSON reader with doubles keeps exactly, and well inside a signed 64-bit column.
pub const MAXIMUM_NUMBER: u64 = (1 << 53) - 1;

/// True for a character that may stand in a text that came from a guest.
pub fn is_allowed(character: char) -> bool {
    let forbidden = character.is_control()
        || matches!(character, '\u{FFFE}' | '\u{FFFF}' | '\u{FEFF}' | '\u{2028}' | '\u{2029}')
        || matches!(character, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200E}' | '\u{200F}');
    !forbidden
}

/// Drops forbidden characters and cuts to [`MAXIMUM_TEXT`] characters; outer white space goes too.
pub fn clean_text(text: &str) -> String {
    let kept: String = text.chars().filter(|character| is_allowed(*character)).take(MAXIMUM_TEXT).collect();
    kept.trim().to_owned()
}

struct TextVisitor;

impl Visitor<'_> for TextVisitor {
    type Value = String;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a text")
    }

    fn visit_str<E>(self, text: &str) -> Result<String, E> {
        Ok(clean_text(text))
    }

    fn visit_unit<E>(self) -> Result<String, E> {
        Ok(String::new())
    }
}

/// A cleaned text; `null` reads as empty.
pub fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    deserializer.deserialize_any(TextVisitor)
}

struct NumberVisitor;

impl Visitor<'_> for NumberVisitor {
    type Value = u64;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a whole number that is not negative")
    }

    fn visit_u64<E>(self, number: u64) -> Result<u64, E> {
        Ok(number.min(MAXIMUM_NUMBER))
    }
}

/// A whole number, at most [`MAXIMUM_NUMBER`]. Fractions and negative numbers are errors.
pub fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    deserializer.deserialize_any(NumberVisitor)
}

/// Seconds east of Greenwich, within a day either way.
pub fn offset_seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i32, D::Error> {
    let offset = i64::deserialize(deserializer)?;
    Ok(offset.clamp(-86_400, 86_400) as i32)
}

struct ListVisitor<T, const MAXIMUM: usize>(PhantomData<T>);

impl<'de, T: Deserialize<'de>, const MAXIMUM: usize> Visitor<'de> for ListVisitor<T, MAXIMUM> {
    type Value = Vec<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Vec<T>, A::Error> {
        let mut kept = Vec::new();
        while kept.len() < MAXIMUM {
            match items.next_element()? {
                Some(item) => kept.push(item),
                None => return Ok(kept),
            }
        }
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(kept)
    }
}

/// A list of at most [`MAXIMUM_LIST`] items.
pub fn list<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    deserializer.deserialize_seq(ListVisitor::<T, MAXIMUM_LIST>(PhantomData))
}

/// A list of at most [`MAXIMUM_PACKAGES`] items.
pub fn package_list<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    deserializer.deserialize_seq(ListVisitor::<T, MAXIMUM_PACKAGES>(PhantomData))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn control_characters_and_overrides_go() {
        assert_eq!(clean_text("a\u{0}b\u{1b}[31mc\u{202e}d\u{fffe}\n"), "ab[31mcd");
        assert_eq!(clean_text("  Grüße 主机 🙂 "), "Grüße 主机 🙂");
        assert_eq!(clean_text(&"x".repeat(5000)).len(), MAXIMUM_TEXT);
    }

    proptest! {
        #[test]
        fn cleaned_text_stays_clean(text in any::<String>()) {
            let once = clean_text(&text);
            prop_assert!(once.chars().all(is_allowed));
            prop_assert!(once.chars().count() <= MAXIMUM_TEXT);
            prop_assert_eq!(clean_text(&once), once);
        }
    }
}
