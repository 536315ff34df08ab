//! What a document asks for and nothing here does. It is refused (501) where it stands, never taken as if it had been done;
//! what is equal to that which is shown anyway may stay, because clients send back what they read.

use ferrovirt_wire::List;

use super::fault::Fault;

/// One element of a document, and whether it asks for something that is not done.
pub(crate) type Asked<'a> = (&'a str, bool);

/// Refuses a document that asks for one of these elements; `entity` is its name.
pub(crate) fn refuse(entity: &str, asked: &[Asked<'_>]) -> Result<(), Fault> {
    match asked.iter().find(|(_, asked)| *asked) {
        Some((element, _)) => Err(Fault::value_not_served(&format!("{entity}.{element}"))),
        None => Ok(()),
    }
}

/// A value is given, and it is not the one that holds anyway.
pub(crate) fn other<T: PartialEq>(given: Option<&T>, holds: &T) -> bool {
    given.is_some_and(|given| given != holds)
}

/// It is asked to be on, and is off.
pub(crate) fn on(given: Option<bool>) -> bool {
    given == Some(true)
}

/// A text is given.
pub(crate) fn text(given: Option<&String>) -> bool {
    given.is_some_and(|text| !text.is_empty())
}

/// A list with something in it is given.
pub(crate) fn any<T>(given: Option<&List<T>>) -> bool {
    given.is_some_and(|list| !list.items.is_empty())
}
