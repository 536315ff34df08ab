//! Reads request bodies within bounds of size and time. Refuses to know formats.

use axum::body::Body;
use bytes::Bytes;
use http::StatusCode;
use http_body_util::{BodyExt, LengthLimitError, Limited};

use crate::api::fault::Fault;
use crate::config::Limits;

/// The whole body, or the fault that the client reads when it is too large, too slow or broken.
pub(crate) async fn read(body: Body, limits: &Limits) -> Result<Bytes, Fault> {
    let collected = tokio::time::timeout(limits.body, Limited::new(body, limits.body_bytes).collect()).await;
    match collected {
        Ok(Ok(whole)) => Ok(whole.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            let sentence = format!("The body is larger than {} bytes.", limits.body_bytes);
            Err(Fault::new(StatusCode::PAYLOAD_TOO_LARGE, sentence))
        }
        Ok(Err(_)) => Err(Fault::new(StatusCode::BAD_REQUEST, "The body of the request is broken off.")),
        Err(_) => Err(Fault::new(StatusCode::REQUEST_TIMEOUT, "The body of the request came too slowly.")),
    }
}
