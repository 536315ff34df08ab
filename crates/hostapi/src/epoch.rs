//! The leader's epoch: every request of an engine carries it, and every host keeps the same rule about it.
//!
//! Connections come and go beneath a request, so the epoch stands in the request itself. This module refuses to know where
//! a host remembers what it heard, and whence an engine has its epoch.

use tonic::metadata::{Ascii, MetadataMap, MetadataValue};
use tonic::{Request, Status};

/// The name in a request's metadata.
pub const LEADER_EPOCH: &str = "ferrovirt-leader-epoch";

/// Puts an epoch into each request of a client.
#[derive(Clone, Debug)]
pub struct EpochMark(MetadataValue<Ascii>);

impl EpochMark {
    /// For requests that speak for the leader of this epoch.
    #[must_use]
    pub fn new(epoch: u64) -> Self {
        Self(MetadataValue::from(epoch))
    }
}

impl tonic::service::Interceptor for EpochMark {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        request.metadata_mut().insert(LEADER_EPOCH, self.0.clone());
        Ok(request)
    }
}

/// An engine says hello: the highest epoch that the host knows of from now on.
///
/// # Errors
/// PERMISSION_DENIED where an engine of a higher one was here: this one leads no more.
pub fn greet(highest: Option<u64>, epoch: u64) -> Result<u64, Status> {
    match highest {
        Some(highest) if epoch < highest => Err(Status::permission_denied(format!(
            "an engine of leader epoch {highest} was here; epoch {epoch} leads no more"
        ))),
        _ => Ok(epoch),
    }
}

/// A request would change something: the highest epoch that the host knows of from now on.
///
/// # Errors
/// As [`greet`]. UNAVAILABLE on a host that knows of no epoch: only an engine that leads says hello, and whoever else may
/// come first is told to wait for that. FAILED_PRECONDITION or INVALID_ARGUMENT for a request without a readable epoch.
pub fn admit(highest: Option<u64>, metadata: &MetadataMap) -> Result<u64, Status> {
    let told = metadata.get(LEADER_EPOCH).ok_or_else(|| {
        Status::failed_precondition(
            "the request does not say which leader it speaks for: this engine is older than the host, upgrade it first",
        )
    })?;
    let epoch = told.to_str().ok().and_then(|text| text.parse().ok());
    let epoch = epoch.ok_or_else(|| Status::invalid_argument(format!("{LEADER_EPOCH} is no number")))?;
    if highest.is_none() {
        return Err(Status::unavailable("no engine that leads has said hello to this host yet"));
    }
    greet(highest, epoch)
}

#[cfg(test)]
mod tests {
    use tonic::Code;
    use tonic::service::Interceptor;

    use super::*;

    fn marked(epoch: u64) -> MetadataMap {
        EpochMark::new(epoch).call(Request::new(())).unwrap().metadata().clone()
    }

    #[test]
    fn a_lower_epoch_than_was_heard_changes_nothing() {
        assert_eq!(greet(None, 4).unwrap(), 4);
        assert_eq!(greet(Some(4), 4).unwrap(), 4);
        assert_eq!(greet(Some(4), 5).unwrap(), 5);
        assert_eq!(greet(Some(5), 4).unwrap_err().code(), Code::PermissionDenied);
        assert_eq!(admit(Some(4), &marked(4)).unwrap(), 4);
        assert_eq!(admit(Some(4), &marked(5)).unwrap(), 5, "a request may come before its engine's hello");
        assert_eq!(admit(Some(5), &marked(4)).unwrap_err().code(), Code::PermissionDenied);
    }

    #[test]
    fn without_an_epoch_nothing_changes() {
        assert_eq!(admit(None, &marked(4)).unwrap_err().code(), Code::Unavailable, "hello comes first");
        assert_eq!(admit(Some(4), &MetadataMap::new()).unwrap_err().code(), Code::FailedPrecondition);
        let mut odd = MetadataMap::new();
        odd.insert(LEADER_EPOCH, MetadataValue::from_static("-1"));
        assert_eq!(admit(Some(4), &odd).unwrap_err().code(), Code::InvalidArgument);
    }
}
