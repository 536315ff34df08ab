//! The engine's types that the web door hands on, in the engine's own shape, until that crate can be linked.

use ferrovirt_model::ids::UserId;
use uuid::Uuid;

/// The application.
pub struct Engine;

/// A signed-on user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Names the session in the event log; not a secret.
    pub id: Uuid,
    /// The user.
    pub user: UserId,
    /// The name without its profile.
    pub name: String,
    /// The directory domain, `internal-authz`.
    pub domain: String,
    /// user@profile.
    pub principal: String,
    /// Holds an administrator's role somewhere.
    pub administrator: bool,
}

/// A session with what one request adds to it.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who.
    pub session: Session,
    /// Ties the request to its job and events.
    pub correlation_id: String,
    /// Act as a plain user: lists show what the user has a role on.
    pub filter: bool,
}

/// A list request: search text, size and place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListQuery {
    /// In the search language.
    pub search: Option<String>,
    /// At most so many; with `page N` the size of a page.
    pub max: Option<u32>,
    /// Text compares with case.
    pub case_sensitive: bool,
    /// Events: larger ids only.
    pub from: Option<i64>,
}

/// One change notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Grows with time, without gaps that matter.
    pub seq: i64,
    /// The kind of object.
    pub kind: String,
    /// Its id.
    pub object_id: String,
    /// created, updated or removed.
    pub change: String,
}

/// What happened since a number.
#[derive(Debug)]
pub enum Since {
    /// These, in order; call again from the last one until none comes.
    Notices(Vec<Notice>),
    /// The table no longer reaches back so far: begin anew at `newest`.
    TooOld {
        /// The newest number.
        newest: i64,
    },
}
