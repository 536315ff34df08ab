//! The session cookie: its attributes, and the mark of sessions that demand their id in a header as well. Refuses to know
//! what a session is.

use ferrovirt_model::secret::Secret;
use http::{HeaderMap, HeaderValue, header};

/// The cookie and header name that clients of this API know.
const NAME: &str = "JSESSIONID";
/// Ends the value of a protected session's cookie. A foreign page can't change the cookie, so the mark can't be shed.
const PROTECTED: &str = ".p";

/// The session cookie of a request.
pub(crate) struct SessionCookie {
    /// The secret that names the session.
    pub(crate) token: Secret,
    /// Whether requests must repeat the value in a header.
    pub(crate) csrf: bool,
    value: Secret,
}

/// Finds the session cookie.
pub(crate) fn session_cookie(headers: &HeaderMap) -> Option<SessionCookie> {
    let texts = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = texts.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let (_, value) = pairs.find(|(name, value)| *name == NAME && !value.is_empty())?;
    let bare = value.strip_suffix(PROTECTED);
    Some(SessionCookie { token: Secret::new(bare.unwrap_or(value)), csrf: bare.is_some(), value: Secret::new(value) })
}

/// Whether the request repeats the cookie's value in its header.
pub(crate) fn echoed(headers: &HeaderMap, cookie: &SessionCookie) -> bool {
    headers.get(NAME).is_some_and(|value| same(value.as_bytes(), cookie.value.expose().as_bytes()))
}

/// The `Set-Cookie` of a new session.
pub(crate) fn session(token: &Secret, csrf: bool) -> HeaderValue {
    let mark = if csrf { PROTECTED } else { "" };
    with_attributes(&format!("{NAME}={}{mark}", token.expose()), "")
}

/// The `Set-Cookie` that makes a browser forget the session.
pub(crate) fn forget() -> HeaderValue {
    with_attributes(&format!("{NAME}="), "; Max-Age=0")
}

fn with_attributes(pair: &str, more: &str) -> HeaderValue {
    let text = format!("{pair}; Path=/ovirt-engine; Secure; HttpOnly; SameSite=Strict{more}");
    let mut value = HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static(""));
    value.set_sensitive(true);
    value
}

/// Compares in time that depends on the lengths only.
fn same(left: &[u8], right: &[u8]) -> bool {
    left.len() == right.len() && left.iter().zip(right).fold(0, |seen, (a, b)| seen | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(cookie: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, HeaderValue::from_str(cookie).unwrap());
        headers
    }

    #[test]
    fn the_cookie_is_closed_to_scripts_other_sites_and_plain_http() {
        let value = session(&Secret::new("abc"), false);
        let expected = "JSESSIONID=abc; Path=/ovirt-engine; Secure; HttpOnly; SameSite=Strict";
        assert_eq!(value.to_str().unwrap(), expected);
        assert!(forget().to_str().unwrap().ends_with("Max-Age=0"));
    }

    #[test]
    fn it_is_found_among_others() {
        let found = session_cookie(&sent("locale=de; JSESSIONID=abc.p; x=y")).unwrap();
        assert_eq!((found.token.expose(), found.csrf), ("abc", true));
        assert!(session_cookie(&sent("XJSESSIONID=abc; JSESSIONID=")).is_none());
    }

    #[test]
    fn a_protected_session_wants_its_whole_value_in_the_header() {
        let mut headers = sent("JSESSIONID=abc.p");
        let cookie = session_cookie(&headers).unwrap();
        assert!(!echoed(&headers, &cookie));
        headers.insert("jsessionid", HeaderValue::from_static("abc"));
        assert!(!echoed(&headers, &cookie));
        headers.insert("jsessionid", HeaderValue::from_static("abc.p"));
        assert!(echoed(&headers, &cookie));
    }
}
