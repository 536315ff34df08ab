//! The event catalogue: every event type that clients of the API know, and our sentences for those that can happen here.
//!
//! A type has a code, a name, a severity and a flood interval. Only a type with a sentence can be logged: the constants
//! of [`sentences`] are the one way to an [`EventDraft`], so a code without words can't reach the log. This module knows
//! no clock and no store: the writer of the log adds time and number.

mod draft;
mod pairs;
pub mod sentences;
mod types_from_0;
mod types_from_1000;
mod types_from_4000;
mod types_from_500;

pub use draft::{EventDraft, SYSTEM_USER};
pub use pairs::CLEARED_BY;
use serde::{Deserialize, Serialize};

use crate::event::Severity;

/// The number of an event type: `code` on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EventCode(pub u32);

/// What is known of an event before it happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventType {
    /// The number that clients wait for.
    pub code: EventCode,
    /// The name that notification settings use.
    pub name: &'static str,
    /// How grave.
    pub severity: Severity,
    /// Seconds in which the same event about the same object is logged only once; 0: each time.
    pub flood_seconds: u32,
}

const fn event(code: u32, name: &'static str, severity: Severity, flood_seconds: u32) -> EventType {
    EventType { code: EventCode(code), name, severity, flood_seconds }
}

const fn table_of(code: u32) -> &'static [EventType] {
    match code {
        0..500 => types_from_0::TYPES,
        500..1000 => types_from_500::TYPES,
        1000..4000 => types_from_1000::TYPES,
        _ => types_from_4000::TYPES,
    }
}

/// The type of a code that is certain to exist. Used in constants only, where a wrong code fails the build.
const fn known(code: u32) -> &'static EventType {
    let table = table_of(code);
    let mut index = 0;
    while table[index].code.0 != code {
        index += 1;
    }
    &table[index]
}

/// The type with this code.
#[must_use]
pub fn event_type(code: EventCode) -> Option<&'static EventType> {
    let table = table_of(code.0);
    table.binary_search_by_key(&code, |known| known.code).ok().map(|index| &table[index])
}

/// The type with this name.
#[must_use]
pub fn event_type_named(name: &str) -> Option<&'static EventType> {
    all_types().find(|known| known.name == name)
}

/// Every event type, by code.
pub fn all_types() -> impl Iterator<Item = &'static EventType> {
    [types_from_0::TYPES, types_from_500::TYPES, types_from_1000::TYPES, types_from_4000::TYPES].into_iter().flatten()
}

/// An event that can happen here: its type and our sentence, with `${Name}` where a value goes.
#[derive(Clone, Copy, Debug)]
pub struct EventSentence {
    /// What is logged.
    pub event: &'static EventType,
    /// The words.
    pub template: &'static str,
}

impl EventSentence {
    /// Starts an entry of the log.
    #[must_use]
    pub fn draft(self) -> EventDraft {
        EventDraft::new(self)
    }

    /// The names of the values that the sentence asks for.
    pub fn placeholders(self) -> impl Iterator<Item = &'static str> {
        self.template.split("${").skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_stand_in_the_order_of_their_codes() {
        let codes: Vec<_> = all_types().map(|known| known.code).collect();
        assert_eq!(codes.len(), 1363);
        assert!(codes.windows(2).all(|pair| pair[0] < pair[1]));
        for code in codes {
            assert!(event_type(code).is_some(), "{code:?} is in the wrong table");
        }
    }

    #[test]
    fn a_code_gives_its_name_and_back() {
        assert_eq!(event_type(EventCode(32)).map(|known| known.name), Some("USER_RUN_VM"));
        assert_eq!(event_type_named("VM_DOWN_ERROR").map(|known| known.code), Some(EventCode(119)));
        assert_eq!(event_type(EventCode(99_999)), None);
    }

    #[test]
    fn pairs_name_events_that_exist() {
        for (event, cleared_by) in CLEARED_BY {
            assert!(event_type_named(event).is_some(), "{event}");
            assert!(event_type_named(cleared_by).is_some(), "{cleared_by}");
        }
    }
}
