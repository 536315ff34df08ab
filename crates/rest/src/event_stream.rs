//! Changes as server-sent events: what happened since the reader's last id, then what happens. A reader that falls
//! behind catches up from the outbox; one that asks for what is no longer kept is told to read everything anew.
//!
//! A stream outlives neither its session nor its rights: both are looked at anew when a user, a role or a group changes,
//! and now and then besides. One that was opened with a password ends when its user changes: the password may be another.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use ferrovirt_model::secret::Secret;
use futures::{Stream, StreamExt};
use http::HeaderMap;
use serde_json::json;
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::time::Instant;

use crate::api::fault::Fault;
use crate::api::params::Params;
use crate::door::{Door, DoorError, Notice, Session, Since};
use crate::sign_on::Signed;
use crate::web::Web;

/// A comment as often as this keeps proxies from closing the connection.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How often a stream looks at its session and rights, besides when it hears of a change.
const SESSION_CHECK: Duration = Duration::from_secs(15);

/// Opens the stream of a session.
pub(crate) async fn open(
    web: &Arc<Web>,
    signed: Signed,
    headers: &HeaderMap,
    params: &Params,
) -> Result<Response, Fault> {
    let permit =
        Arc::clone(&web.streams).try_acquire_owned().map_err(|_| Fault::unavailable("Too many open streams.", 30))?;
    let header = headers.get("last-event-id").and_then(|value| value.to_str().ok());
    let resume = header.or_else(|| params.filled("last_event_id"));
    let resume: Option<i64> = match resume {
        Some(text) => {
            Some(text.trim().parse().map_err(|_| Fault::bad_parameter("last_event_id", text, "an event id"))?)
        }
        None => None,
    };
    // Listening starts before the place is read: nothing can fall between the two.
    let live = web.door.changes();
    let place = match resume {
        Some(place) => place,
        None => web.door.newest_change(),
    };
    let door = Arc::clone(&web.door);
    let check = Instant::now() + SESSION_CHECK;
    let Signed { session, token, .. } = signed;
    let reader = Reader { door, session, token, live, place, ready: VecDeque::new(), behind: resume.is_some(), check };
    let messages = futures::stream::unfold((reader, permit), |(mut reader, permit)| async move {
        let message = reader.next().await?;
        Some((Ok::<_, Infallible>(message), (reader, permit)))
    });
    Ok(sse(messages.take_until(web.stopping.clone().cancelled_owned())))
}

fn sse(messages: impl Stream<Item = Result<Event, Infallible>> + Send + 'static) -> Response {
    let mut response = Sse::new(messages).keep_alive(KeepAlive::new().interval(HEARTBEAT)).into_response();
    response.headers_mut().insert("x-accel-buffering", http::HeaderValue::from_static("no"));
    response
}

/// One reader's place in the outbox.
struct Reader {
    door: Arc<dyn Door>,
    session: Session,
    /// The token of the session; nothing where the request carried its password.
    token: Option<Secret>,
    live: broadcast::Receiver<Arc<Notice>>,
    /// The newest change that was handed on or passed over.
    place: i64,
    ready: VecDeque<Arc<Notice>>,
    /// Whether there may be notices in the outbox that `live` did not or will not bring.
    behind: bool,
    /// When to look at the session again.
    check: Instant,
}

impl Reader {
    /// The next message, or the end of the stream when the engine stops or fails: the browser connects again by itself.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if Instant::now() >= self.check && !self.look_again().await {
                return None;
            }
            if let Some(notice) = self.ready.pop_front() {
                if notice.seq <= self.place {
                    continue;
                }
                if self.concerns_rights(&notice) {
                    let password_alone = self.token.is_none() && notice.kind == "user";
                    if password_alone || !self.look_again().await {
                        return None;
                    }
                }
                self.place = notice.seq;
                match self.door.may_see(&self.session, &notice).await {
                    Ok(true) => return Some(message(&notice)),
                    Ok(false) => continue,
                    Err(error) => return self.give_up(&error),
                }
            }
            if self.behind {
                match self.catch_up().await {
                    Ok(None) => continue,
                    Ok(Some(reset)) => return Some(reset),
                    Err(error) => return self.give_up(&error),
                }
            }
            match tokio::time::timeout_at(self.check, self.live.recv()).await {
                Ok(Ok(notice)) => self.ready.push_back(notice),
                Ok(Err(RecvError::Lagged(_))) => self.behind = true,
                Ok(Err(RecvError::Closed)) => return None,
                Err(_) => {}
            }
        }
    }

    fn concerns_rights(&self, notice: &Notice) -> bool {
        match notice.kind.as_str() {
            "user" => notice.object_id == self.session.user.to_string(),
            "role" | "group" => true,
            _ => false,
        }
    }

    /// Brings the session's rights up to date. Says whether it is open still.
    async fn look_again(&mut self) -> bool {
        self.check = Instant::now() + SESSION_CHECK;
        match self.door.look_again(&self.session, self.token.as_ref()).await {
            Ok(Some(session)) => {
                self.session = session;
                true
            }
            Ok(None) => false,
            Err(error) => self.give_up(&error).is_some(),
        }
    }

    async fn catch_up(&mut self) -> Result<Option<Event>, DoorError> {
        match self.door.changes_after(self.place).await? {
            Since::Notices(notices) => {
                self.behind = !notices.is_empty();
                self.ready.extend(notices.into_iter().map(Arc::new));
                Ok(None)
            }
            Since::TooOld { newest } => {
                self.place = newest;
                self.behind = false;
                Ok(Some(Event::default().id(newest.to_string()).event("reset").data("{}")))
            }
        }
    }

    fn give_up(&self, error: &DoorError) -> Option<Event> {
        tracing::warn!(%error, session = %self.session.id, "an event stream ends early");
        None
    }
}

fn message(notice: &Notice) -> Event {
    let data = json!({ "kind": notice.kind, "id": notice.object_id, "change": notice.change });
    Event::default().id(notice.seq.to_string()).event("change").data(data.to_string())
}

#[cfg(test)]
mod tests;
