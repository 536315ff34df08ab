//! Our sentences for the events that can happen here. Each constant is the one way to log an event of its type; a code
//! that the catalogue lacks fails the build.
//!
//! Placeholders keep the names that oVirt gives them, because notification templates outside may use the same.

mod compute;
mod infrastructure;
mod storage;

pub use compute::*;
pub use infrastructure::*;
pub use storage::*;

macro_rules! sentences {
    ($($code:literal $name:ident $template:literal;)*) => {
        $(
            #[doc = $template]
            pub const $name: $crate::events::EventSentence =
                $crate::events::EventSentence { event: $crate::events::known($code), template: $template };
        )*

        #[cfg(test)]
        pub(super) const ALL: &[(&str, $crate::events::EventSentence)] = &[$((stringify!($name), $name),)*];
    };
}
use sentences;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_sentence_stands_under_its_types_name_and_is_one() {
        for (name, sentence) in [compute::ALL, infrastructure::ALL, storage::ALL].concat() {
            assert_eq!(name, sentence.event.name);
            let ends = sentence.template.ends_with('.') || sentence.template.ends_with('}');
            assert!(ends && !sentence.template.contains("  "), "{name}");
            assert_eq!(sentence.template.matches("${").count(), sentence.placeholders().count(), "{name}");
        }
    }
}
