//! Why something may not be done: one variant a sentence, each of which the user can act on.
//!
//! A refusal is not trouble: nothing is broken. The web door turns the class into a status code; this module does not
//! know which.

use thiserror::Error;

/// What kind of "no" it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RefusalClass {
    /// The request itself is wrong, or the thing can't do that.
    BadRequest,
    /// Right, but not now: something is locked, in use or in the wrong state.
    Conflict,
    /// The caller lacks a permit.
    Forbidden,
    /// What the request names does not exist, or the caller may not know that it does.
    NotFound,
}

/// A refusal with the sentence that the user reads.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The named object is not there.
    #[error("{kind} {id} does not exist.")]
    NoSuchObject {
        /// What was looked for, in words.
        kind: &'static str,
        /// The id or name as it was given.
        id: String,
    },
    /// The caller lacks a permit on an object.
    #[error("User is not authorized to perform this action.")]
    NotAuthorized {
        /// The missing permit.
        permit: &'static str,
    },
    /// A required element of the request is missing.
    #[error("{entity} {field} is required.")]
    Missing {
        /// The element that lacks it.
        entity: &'static str,
        /// The missing part.
        field: &'static str,
    },
    /// A value is outside what is accepted.
    #[error("The value '{value}' of {field} is not valid: {why}.")]
    BadValue {
        /// Which value.
        field: &'static str,
        /// What was given.
        value: String,
        /// What would be accepted.
        why: String,
    },
    /// Names are unique within a kind.
    #[error("{kind} with the name '{name}' already exists.")]
    NameTaken {
        /// The kind in words.
        kind: &'static str,
        /// The name that is taken.
        name: String,
    },
    /// Ids chosen by the client must be new.
    #[error("{kind} with the id {id} already exists.")]
    IdTaken {
        /// The kind in words.
        kind: &'static str,
        /// The id that is taken.
        id: String,
    },
    /// Another operation holds it.
    #[error("Related operation is currently in progress on {what} '{name}'. Please try again later.")]
    Locked {
        /// The kind in words.
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// The state does not allow it.
    #[error("{what} '{name}' is {status}: {need}.")]
    WrongState {
        /// The kind in words.
        what: &'static str,
        /// Its name.
        name: String,
        /// The status as the user sees it.
        status: String,
        /// What would have to be so.
        need: &'static str,
    },
    /// It is in use by others.
    #[error("{what} '{name}' is in use by {users}.")]
    InUse {
        /// The kind in words.
        what: &'static str,
        /// Its name.
        name: String,
        /// Who uses it, named.
        users: String,
    },
    /// Placement found no host; each host's reason is named.
    #[error("There is no host that satisfies current scheduling constraints. See below for details: {reasons}")]
    NoHost {
        /// One sentence a host.
        reasons: String,
    },
    /// A storage domain lacks room.
    #[error("Low disk space on storage domain {name}: {available_mib} MiB are free, {needed_mib} MiB are needed.")]
    NoSpace {
        /// The domain's name.
        name: String,
        /// Free space in MiB.
        available_mib: u64,
        /// Needed space in MiB, the reserve included.
        needed_mib: u64,
    },
    /// The MAC pool is used up.
    #[error("Not enough MAC addresses left in MAC Address Pool.")]
    NoMacLeft,
    /// A MAC address is used elsewhere.
    #[error("MAC Address {address} is already in use.")]
    MacTaken {
        /// The address.
        address: String,
    },
    /// A protected thing is to be removed.
    #[error("{what} '{name}' is delete-protected. It cannot be removed until delete protection is disabled.")]
    DeleteProtected {
        /// The kind in words.
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// A predefined or special object can't be changed so.
    #[error("{what} '{name}' is predefined and cannot be {verb}.")]
    Predefined {
        /// The kind in words.
        what: &'static str,
        /// Its name.
        name: String,
        /// The participle: removed, changed.
        verb: &'static str,
    },
    /// No host can do a piece of storage or network work now.
    #[error("There is no active Host in the Data Center that can do this now.")]
    NoActiveHost,
    /// A host answered a request with a refusal of its own.
    #[error("Host {host} refused: {why}")]
    HostRefused {
        /// The host's name.
        host: String,
        /// Its sentence.
        why: String,
    },
    /// The search text can't be understood.
    #[error("The search '{text}' is not valid: {why}.")]
    BadSearch {
        /// The text.
        text: String,
        /// What is wrong, with the place.
        why: String,
    },
    /// Credentials were not accepted. Says nothing of which part was wrong.
    #[error(
        "Cannot authenticate user '{user}': Unable to log in. Verify your login information or contact the system administrator."
    )]
    BadCredentials {
        /// The name as it was given.
        user: String,
    },
    /// Too many failures: slow down.
    #[error("Too many failed sign-on attempts. Try again in {seconds} seconds.")]
    SignOnDelayed {
        /// How long to wait.
        seconds: u64,
    },
    /// A token or ticket is unknown, used or expired.
    #[error("The {what} is not valid or has expired.")]
    StaleToken {
        /// Which: access token, console ticket, join token.
        what: &'static str,
    },
    /// A rule with a sentence of its own that stands in one place only.
    #[error("{sentence}")]
    Rule {
        /// What the user reads.
        sentence: String,
    },
    /// As [`Refusal::Rule`], where waiting or changing a state would help.
    #[error("{sentence}")]
    Busy {
        /// What the user reads.
        sentence: String,
    },
}

impl Refusal {
    /// The class of this refusal.
    #[must_use]
    pub fn class(&self) -> RefusalClass {
        match self {
            Self::NoSuchObject { .. } => RefusalClass::NotFound,
            Self::NotAuthorized { .. } => RefusalClass::Forbidden,
            Self::Locked { .. }
            | Self::WrongState { .. }
            | Self::InUse { .. }
            | Self::NoActiveHost
            | Self::NoHost { .. }
            | Self::Busy { .. } => RefusalClass::Conflict,
            _ => RefusalClass::BadRequest,
        }
    }

    /// A missing object.
    #[must_use]
    pub fn no_such(kind: &'static str, id: impl ToString) -> Self {
        Self::NoSuchObject { kind, id: id.to_string() }
    }

    /// A rule's own sentence.
    #[must_use]
    pub fn rule(sentence: impl Into<String>) -> Self {
        Self::Rule { sentence: sentence.into() }
    }

    /// A value that is not accepted.
    #[must_use]
    pub fn bad_value(field: &'static str, value: impl ToString, why: impl Into<String>) -> Self {
        Self::BadValue { field, value: value.to_string(), why: why.into() }
    }
}
