//! Who sends a request: Bearer token, session cookie or Basic, with oVirt's `Prefer` and CSRF rules. Refuses to check
//! passwords: the engine does.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::secret::Secret;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};

use crate::api::fault::Fault;
use crate::door::{DoorError, Session, SignIn};
use crate::headers;
use crate::web::{Peer, Web};

pub(crate) mod cookies;
pub(crate) mod sso;

/// The longest idle time-out that a client may ask for, in minutes: a week.
const LONGEST_IDLE: u64 = 7 * 24 * 60;

/// A request's caller, and the cookie that the reply is to set.
pub(crate) struct Signed {
    pub(crate) session: Session,
    /// The session's token; nothing where the request carried its password.
    pub(crate) token: Option<Secret>,
    pub(crate) cookie: Option<HeaderValue>,
}

/// What `Prefer` asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Preferences {
    persistent: bool,
    csrf: bool,
    new: bool,
}

enum Credentials {
    None,
    Bearer(Secret),
    Basic { user: String, password: Secret },
}

/// Finds out who asks, or answers with the 401 or 403 of the request.
pub(crate) async fn authenticate(
    web: &Arc<Web>,
    method: &Method,
    headers: &HeaderMap,
    peer: Option<Peer>,
) -> Result<Signed, Fault> {
    let prefer = preferences(headers);
    let cookie = cookies::session_cookie(headers).filter(|_| !prefer.new);
    match credentials(headers)? {
        Credentials::Bearer(token) => by_token(web, token, prefer).await,
        Credentials::None => match cookie {
            Some(cookie) => by_cookie(web, &cookie, method, headers).await,
            None => Err(Fault::unauthenticated()),
        },
        Credentials::Basic { user, password } => {
            // A browser that was asked for the password once repeats it on its own, whichever page sends the form.
            refuse_foreign_page(web, method, headers)?;
            if let Some(cookie) = cookie {
                // Clients of the cookie protocol repeat their password; the open session spares the work.
                match by_cookie(web, &cookie, method, headers).await {
                    Ok(signed) if names_match(&user, &signed.session) => return Ok(signed),
                    Err(fault) if fault.status != StatusCode::UNAUTHORIZED => return Err(fault),
                    _ => {}
                }
            }
            let ask = SignIn { user, password, from: peer.map(|peer| peer.0), idle: idle(headers)?, scope: None };
            by_password(web, ask, prefer).await
        }
    }
}

async fn by_token(web: &Arc<Web>, token: Secret, prefer: Preferences) -> Result<Signed, Fault> {
    let session = web.door.session(&token).await?.ok_or_else(Fault::unauthenticated)?;
    let cookie = prefer.persistent.then(|| cookies::session(&token, prefer.csrf));
    Ok(Signed { session, token: Some(token), cookie })
}

async fn by_cookie(
    web: &Arc<Web>,
    cookie: &cookies::SessionCookie,
    method: &Method,
    headers: &HeaderMap,
) -> Result<Signed, Fault> {
    let session = web.door.session(&cookie.token).await?.ok_or_else(Fault::unauthenticated)?;
    refuse_foreign_page(web, method, headers)?;
    if cookie.csrf && !cookies::echoed(headers, cookie) {
        return Err(Fault::forbidden("This session is protected: send its id in the JSESSIONID header too."));
    }
    Ok(Signed { session, token: Some(cookie.token.clone()), cookie: None })
}

/// Cookies and passwords that a browser sends by itself change nothing on behalf of a foreign page. Bearer tokens are sent
/// by scripts alone, and those need the leave of the cross-origin rules first.
fn refuse_foreign_page(web: &Arc<Web>, method: &Method, headers: &HeaderMap) -> Result<(), Fault> {
    if !method.is_safe() && headers::from_foreign_page(headers, &web.config) {
        return Err(Fault::forbidden("The request came from a page of another origin."));
    }
    Ok(())
}

async fn by_password(web: &Arc<Web>, ask: SignIn, prefer: Preferences) -> Result<Signed, Fault> {
    if prefer.persistent {
        let grant = web.door.sign_in(ask).await.map_err(unauthorized)?;
        let cookie = Some(cookies::session(&grant.token, prefer.csrf));
        return Ok(Signed { session: grant.session, token: Some(grant.token), cookie });
    }
    let session = web.door.verify(ask).await.map_err(unauthorized)?;
    Ok(Signed { session, token: None, cookie: None })
}

/// On the API, credentials that are not accepted are a 401 and a slow-down is a 429.
fn unauthorized(error: DoorError) -> Fault {
    let status = match &error {
        DoorError::Refused(Refusal::BadCredentials { .. }) => StatusCode::UNAUTHORIZED,
        DoorError::Refused(Refusal::SignOnDelayed { .. }) => StatusCode::TOO_MANY_REQUESTS,
        _ => return error.into(),
    };
    Fault { status, ..error.into() }
}

/// The challenge of a 401. Scripts of a browser get one that opens no password window over the page.
pub(crate) fn challenge(headers: &HeaderMap) -> HeaderValue {
    let from_script = headers.get("sec-fetch-mode").is_some_and(|mode| mode.as_bytes() != b"navigate");
    HeaderValue::from_static(if from_script { "Bearer realm=\"RESTAPI\"" } else { "Basic realm=\"RESTAPI\"" })
}

fn preferences(headers: &HeaderMap) -> Preferences {
    let mut found = Preferences::default();
    let values = headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok());
    for word in values.flat_map(|value| value.split(',')) {
        match word.trim().to_ascii_lowercase().as_str() {
            "persistent-auth" => found.persistent = true,
            "csrf-protection" => found.csrf = true,
            "new-auth" => found.new = true,
            _ => {}
        }
    }
    found
}

/// `Session-TTL`: minutes of idleness that the client wants for its session.
fn idle(headers: &HeaderMap) -> Result<Option<Duration>, Fault> {
    let Some(value) = headers.get("session-ttl").and_then(|value| value.to_str().ok()) else { return Ok(None) };
    let minutes: u64 =
        value.trim().parse().map_err(|_| Fault::bad_parameter("Session-TTL", value, "a number of minutes"))?;
    Ok(Some(Duration::from_secs(minutes.clamp(1, LONGEST_IDLE) * 60)))
}

fn credentials(headers: &HeaderMap) -> Result<Credentials, Fault> {
    let Some(value) = headers.get(header::AUTHORIZATION) else { return Ok(Credentials::None) };
    let text = value.to_str().map_err(|_| Fault::unauthenticated())?;
    let (scheme, rest) = text.split_once(' ').unwrap_or((text, ""));
    let rest = rest.trim();
    match scheme.to_ascii_lowercase().as_str() {
        "bearer" if !rest.is_empty() => Ok(Credentials::Bearer(Secret::new(rest))),
        "basic" => basic(rest).ok_or_else(Fault::unauthenticated),
        _ => Err(Fault::unauthenticated()),
    }
}

/// The part before the first colon is the user: names have none, passwords may.
fn basic(encoded: &str) -> Option<Credentials> {
    let bytes = STANDARD.decode(encoded).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (user, password) = text.split_once(':')?;
    (!user.is_empty()).then(|| Credentials::Basic { user: user.to_owned(), password: Secret::new(password) })
}

/// Whether a typed name can mean the session's user: equal up to the profile.
fn names_match(typed: &str, session: &Session) -> bool {
    typed == session.name
        || typed == session.principal
        || typed.rsplit_once('@').is_some_and(|(name, profile)| {
            let bare = session.domain.strip_suffix("-authz").unwrap_or(&session.domain);
            name == session.name && (profile == bare || profile == session.domain)
        })
}

#[cfg(test)]
mod tests;
