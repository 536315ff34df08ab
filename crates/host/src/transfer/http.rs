//! Headers, queries and bodies of the transfer protocol. Pure: text in, meaning or a fault out.
//!
//! Rules as imageio has them; ranges follow RFC 9110 section 14, one range a request, no suffix ranges.

use serde::Deserialize;

/// Why a request gets no success: status and a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) status: u16,
    pub(super) text: String,
}

impl Fault {
    pub(super) fn new(status: u16, text: impl Into<String>) -> Self {
        Fault { status, text: text.into() }
    }
}

/// What a path names.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Resource {
    Image(String),
    Extents(String),
    Checksum(String),
    Algorithms,
}

/// `/images/{ticket}[/extents|/checksum[/algorithms]]`.
pub(super) fn resource(path: &str) -> Result<Resource, Fault> {
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    let ticket = |text: &str| text.to_owned();
    match parts.as_slice() {
        ["images"] => Err(Fault::new(400, "Ticket id is required")),
        ["images", id] => Ok(Resource::Image(ticket(id))),
        ["images", id, "extents"] => Ok(Resource::Extents(ticket(id))),
        ["images", id, "checksum"] => Ok(Resource::Checksum(ticket(id))),
        ["images", _, "checksum", "algorithms"] => Ok(Resource::Algorithms),
        _ => Err(Fault::new(404, format!("No handler for {path:?}"))),
    }
}

/// One value of a query.
pub(super) fn query<'a>(query: Option<&'a str>, name: &str) -> Option<&'a str> {
    query?.split('&').filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name).map(|(_, value)| value)
}

/// A query value that is one of two letters.
pub(super) fn yes_or_no(value: Option<&str>, name: &str, usual: bool) -> Result<bool, Fault> {
    match value {
        None => Ok(usual),
        Some("y") => Ok(true),
        Some("n") => Ok(false),
        Some(other) => {
            Err(Fault::new(400, format!("Unsupported value {other:?} for {name:?}, expecting one of ['n', 'y']")))
        }
    }
}

/// First and, when told, last byte of a `Range` header.
pub(super) fn range(header: &str) -> Result<(u64, Option<u64>), Fault> {
    let fault = |why: &str| Fault::new(416, format!("Cannot satisfy range {header:?}, {why}"));
    let invalid = || fault("invalid range or multiple ranges");
    let (first, last) = header.strip_prefix("bytes=").and_then(|rest| rest.split_once('-')).ok_or_else(invalid)?;
    if first.is_empty() {
        return Err(fault("suffix-byte-range-spec not supported yet"));
    }
    let first = number(first).ok_or_else(invalid)?;
    if last.is_empty() {
        return Ok((first, None));
    }
    let last = number(last).ok_or_else(invalid)?;
    if first > last { Err(fault("first > last")) } else { Ok((first, Some(last))) }
}

/// The first byte of a `Content-Range` header.
pub(super) fn content_range(header: &str) -> Result<u64, Fault> {
    let fault = || Fault::new(400, format!("Invalid Content-Range {header:?}"));
    let (range, complete) = header.strip_prefix("bytes ").and_then(|rest| rest.split_once('/')).ok_or_else(fault)?;
    let (first, last) = range.split_once('-').ok_or_else(fault)?;
    let open = |text: &str| text == "*" || number(text).is_some();
    let first = number(first).ok_or_else(fault)?;
    if !open(last) || !open(complete) || number(last).is_some_and(|last| last < first) {
        return Err(fault());
    }
    Ok(first)
}

fn number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// What a PATCH asks.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Patch {
    Zero { offset: u64, size: u64, flush: bool },
    Flush,
}

#[derive(Deserialize)]
struct PatchBody {
    op: Option<String>,
    #[serde(default)]
    offset: u64,
    size: Option<u64>,
    #[serde(default)]
    flush: bool,
}

/// Reads the body of a PATCH.
pub(super) fn patch(body: &[u8]) -> Result<Patch, Fault> {
    let body: PatchBody =
        serde_json::from_slice(body).map_err(|error| Fault::new(400, format!("Invalid JSON message {error}")))?;
    match body.op.as_deref() {
        Some("flush") => Ok(Patch::Flush),
        Some("zero") => {
            let size = body.size.ok_or_else(|| Fault::new(400, "Missing required value for 'size'"))?;
            Ok(Patch::Zero { offset: body.offset, size, flush: body.flush })
        }
        Some(other) => {
            let text = format!("Unsupported value {other:?} for \"op\", expecting one of ['flush', 'zero']");
            Err(Fault::new(400, text))
        }
        None => Err(Fault::new(400, "Missing required value for op")),
    }
}

/// A name for `Content-Disposition`, without what could end the header or leave a folder.
pub(super) fn file_name(name: &str) -> String {
    name.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').filter(|c| !"\"\\/;".contains(*c)).take(255).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ranges_are_read_strictly() {
        assert_eq!(range("bytes=0-99"), Ok((0, Some(99))));
        assert_eq!(range("bytes=7-"), Ok((7, None)));
        for odd in
            ["bytes=-5", "bytes=5-4", "bytes=0-1,3-4", "0-5", "bytes=a-b", "bytes=-", "bytes=0-99999999999999999999"]
        {
            assert_eq!(range(odd).unwrap_err().status, 416, "{odd}");
        }
        assert_eq!(content_range("bytes 5-9/*"), Ok(5));
        assert_eq!(content_range("bytes 5-*/100"), Ok(5));
        for odd in ["bytes 9-5/*", "bytes 5-9", "bytes */100", "5-9/*", "bytes -5/*"] {
            assert_eq!(content_range(odd).unwrap_err().status, 400, "{odd}");
        }
    }

    #[test]
    fn patches_are_read() {
        let zero = Patch::Zero { offset: 4096, size: 10, flush: true };
        assert_eq!(patch(br#"{"op":"zero","offset":4096,"size":10,"flush":true,"future":1}"#), Ok(zero));
        assert_eq!(patch(br#"{"op":"flush"}"#), Ok(Patch::Flush));
        for odd in [&b"{}"[..], b"[", br#"{"op":"trim"}"#, br#"{"op":"zero"}"#, br#"{"op":"zero","size":-1}"#] {
            assert_eq!(patch(odd).unwrap_err().status, 400);
        }
    }

    #[test]
    fn paths_name_resources() {
        assert_eq!(resource("/images/x"), Ok(Resource::Image("x".into())));
        assert_eq!(resource("/images/x/extents"), Ok(Resource::Extents("x".into())));
        assert_eq!(resource("/images/x/checksum/algorithms"), Ok(Resource::Algorithms));
        assert_eq!(resource("/images/").unwrap_err().status, 400);
        assert_eq!(resource("/tickets/x").unwrap_err().status, 404);
        assert_eq!(file_name("a\"b;c\r\nd/../e.qcow2"), "abcd..e.qcow2");
    }

    proptest! {
        #[test]
        fn nothing_makes_the_readers_panic(text in "\\PC{0,60}", bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            let _ = (range(&text), content_range(&text), resource(&text), patch(&bytes));
        }
    }
}
