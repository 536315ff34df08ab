//! What a client reads when a request fails: a status code and oVirt's `fault`. The one place where refusals and trouble
//! become HTTP.

use ferrovirt_model::refusal::{Refusal, RefusalClass};
use ferrovirt_wire::{ReadError, types};
use http::StatusCode;

use crate::door::DoorError;

/// The reason that tools expect on a refused operation.
pub const OPERATION_FAILED: &str = "Operation Failed";

/// A failed request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The status of the reply.
    pub status: StatusCode,
    /// The short heading.
    pub reason: String,
    /// The sentences, as the user reads them.
    pub detail: String,
    /// Seconds after which the client may try again.
    pub retry_after: Option<u64>,
    /// The verbs that would do, for a 405.
    pub allow: Option<String>,
}

impl Fault {
    /// A fault with one sentence, in the bracketed style that tools search for.
    #[must_use]
    pub fn new(status: StatusCode, sentence: impl AsRef<str>) -> Self {
        Self::titled(status, OPERATION_FAILED, format!("[{}]", sentence.as_ref()))
    }

    /// A fault with a heading of its own.
    #[must_use]
    pub fn titled(status: StatusCode, reason: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { status, reason: reason.into(), detail: detail.into(), retry_after: None, allow: None }
    }

    /// Nothing stands at this address.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Entity not found.")
    }

    /// Named as what could not be found.
    #[must_use]
    pub fn no_such(kind: &str, id: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("Entity not found: {kind} {id}"))
    }

    /// The address is right, the verb is not.
    #[must_use]
    pub fn wrong_verb(allow: String) -> Self {
        let detail = format!("[The method is not allowed here. Allowed: {allow}]");
        Self { allow: Some(allow), ..Self::titled(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed", detail) }
    }

    /// The contract has the operation, this server does not serve it.
    #[must_use]
    pub fn not_served(operation: &str) -> Self {
        let detail = format!("[The operation {operation} is not served by this version.]");
        Self::titled(StatusCode::NOT_IMPLEMENTED, "Not Implemented", detail)
    }

    /// The contract has the element, and this server does not do what its value asks for.
    #[must_use]
    pub fn value_not_served(element: &str) -> Self {
        let detail = format!("[What {element} asks for is not served by this version.]");
        Self::titled(StatusCode::NOT_IMPLEMENTED, "Not Implemented", detail)
    }

    /// A parameter of the query or path that can't be read.
    #[must_use]
    pub fn bad_parameter(name: &str, value: &str, wanted: &str) -> Self {
        Self::titled(
            StatusCode::BAD_REQUEST,
            "Invalid value",
            format!("The value '{value}' of '{name}' is not {wanted}."),
        )
    }

    /// A required element is absent from the body.
    #[must_use]
    pub fn incomplete(entity: &str, fields: &str, operation: &str) -> Self {
        let detail = format!("{entity} [{fields}] required for {operation}");
        Self::titled(StatusCode::BAD_REQUEST, "Incomplete parameters", detail)
    }

    /// Something broke on our side; the log has the story, the client gets the correlation id.
    #[must_use]
    pub fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "Internal Engine Error")
    }

    /// The database or another needed part is away for the moment.
    #[must_use]
    pub fn unavailable(sentence: &str, retry_after: u64) -> Self {
        Self { retry_after: Some(retry_after), ..Self::new(StatusCode::SERVICE_UNAVAILABLE, sentence) }
    }

    /// The database is away.
    #[must_use]
    pub fn without_database() -> Self {
        Self::unavailable("The engine can't reach its database now. Please try again.", 5)
    }

    /// The caller is not known.
    #[must_use]
    pub fn unauthenticated() -> Self {
        Self::titled(StatusCode::UNAUTHORIZED, "Unauthorized", "[Sign on first: the request has no valid credentials.]")
    }

    /// The caller is known, and may not.
    #[must_use]
    pub fn forbidden(sentence: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, sentence)
    }

    /// The document of this fault.
    #[must_use]
    pub fn document(&self) -> types::Fault {
        types::Fault { detail: Some(self.detail.clone()), reason: Some(self.reason.clone()) }
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        let retry_after = match &refusal {
            Refusal::SignOnDelayed { seconds } => Some(*seconds),
            _ => None,
        };
        let status = match refusal.class() {
            RefusalClass::BadRequest => StatusCode::BAD_REQUEST,
            RefusalClass::Conflict => StatusCode::CONFLICT,
            RefusalClass::Forbidden => StatusCode::FORBIDDEN,
            RefusalClass::NotFound => StatusCode::NOT_FOUND,
        };
        Self { retry_after, ..Self::new(status, refusal.to_string()) }
    }
}

impl From<DoorError> for Fault {
    fn from(error: DoorError) -> Self {
        match error {
            DoorError::Refused(refusal) => refusal.into(),
            DoorError::Away(what) => {
                tracing::warn!(what, "a needed part is away");
                Self::without_database()
            }
            DoorError::Conflict => {
                Self::unavailable("Other requests for the same things were in the way. Please try again.", 1)
            }
            DoorError::HostAway(host) => {
                tracing::warn!(%host, "a host that a request needs does not answer");
                Self::unavailable("The host that is needed does not answer now. Please try again.", 5)
            }
            DoorError::Trouble(story) => {
                tracing::error!(story, "a request ran into trouble");
                Self::internal()
            }
        }
    }
}

impl From<ferrovirt_engine::Failure> for Fault {
    fn from(failure: ferrovirt_engine::Failure) -> Self {
        DoorError::from(failure).into()
    }
}

impl From<ReadError> for Fault {
    fn from(error: ReadError) -> Self {
        Self::titled(StatusCode::BAD_REQUEST, "Malformed request", error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_class_has_its_status() {
        let status = |refusal: Refusal| Fault::from(refusal).status.as_u16();
        assert_eq!(status(Refusal::no_such("VM", "x")), 404);
        assert_eq!(status(Refusal::NotAuthorized { permit: "create_vm" }), 403);
        assert_eq!(status(Refusal::Locked { what: "VM", name: "x".to_owned() }), 409);
        assert_eq!(status(Refusal::rule("No.")), 400);
    }

    #[test]
    fn the_detail_is_bracketed_as_tools_expect() {
        let fault = Fault::from(Refusal::rule("Cannot add VM."));
        assert_eq!((fault.reason.as_str(), fault.detail.as_str()), (OPERATION_FAILED, "[Cannot add VM.]"));
    }
}
