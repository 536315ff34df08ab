//! Who asks: the session behind a request, and the request's own marks.

use ferrovirt_model::ids::UserId;
use uuid::Uuid;

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
