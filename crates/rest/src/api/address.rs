//! The path of an API request: version prefix, decoded segments, matrix parameters. Refuses to know which resources exist.

use http::StatusCode;
use percent_encoding::percent_decode_str;

use super::fault::Fault;

/// Where the API is mounted. Every href starts with it.
pub const ROOT: &str = "/ovirt-engine/api";

/// A request path, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub struct Address {
    /// The prefix of every href in the reply: the root, with `/v4` where the client asked through it.
    pub base: String,
    /// The version in the path, where there is one.
    pub version: Option<u32>,
    /// The segments after the base, percent-decoded.
    pub segments: Vec<String>,
    /// `;name=value` parameters of any segment, in order.
    pub matrix: Vec<(String, String)>,
}

/// Takes the raw (still encoded) path apart. The path starts with [`ROOT`].
pub fn parse(path: &str) -> Result<Address, Fault> {
    let rest = path.strip_prefix(ROOT).unwrap_or(path);
    let mut address = Address { base: ROOT.to_owned(), version: None, segments: Vec::new(), matrix: Vec::new() };
    for raw in rest.split('/') {
        let mut parts = raw.split(';');
        let segment = decode(parts.next().unwrap_or_default())?;
        for parameter in parts.filter(|part| !part.is_empty()) {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            address.matrix.push((decode(name)?, decode(value)?));
        }
        if segment.is_empty() {
            continue;
        }
        let may_be_version = address.segments.is_empty() && address.version.is_none();
        if let Some(version) = version_segment(&segment).filter(|_| may_be_version) {
            address.version = Some(version);
            address.base = format!("{ROOT}/{segment}");
            continue;
        }
        address.segments.push(segment);
    }
    Ok(address)
}

fn version_segment(segment: &str) -> Option<u32> {
    segment.strip_prefix('v').filter(|digits| !digits.is_empty() && digits.len() < 4)?.parse().ok()
}

fn decode(text: &str) -> Result<String, Fault> {
    percent_decode_str(text)
        .decode_utf8()
        .map(std::borrow::Cow::into_owned)
        .map_err(|_| Fault::new(StatusCode::BAD_REQUEST, "The path is not valid UTF-8."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matrix_parameters_leave_the_segments_clean() {
        let address = parse("/ovirt-engine/api/vms;max=10;search=name%3Da%20b/;current").unwrap();
        assert_eq!(address.segments, ["vms"]);
        let expected = [("max", "10"), ("search", "name=a b"), ("current", "")];
        assert_eq!(address.matrix, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert_eq!(address.base, ROOT);
    }

    #[test]
    fn the_version_prefix_becomes_part_of_the_base() {
        let address = parse("/ovirt-engine/api/v4/vms/123").unwrap();
        assert_eq!((address.base.as_str(), address.version), ("/ovirt-engine/api/v4", Some(4)));
        assert_eq!(address.segments, ["vms", "123"]);
        assert_eq!(parse("/ovirt-engine/api/vms/v4").unwrap().version, None);
    }

    #[test]
    fn bytes_that_are_not_text_are_refused() {
        assert_eq!(parse("/ovirt-engine/api/vms/%ff").unwrap_err().status, StatusCode::BAD_REQUEST);
    }

    #[test]
    fn an_encoded_slash_stays_inside_its_segment() {
        assert_eq!(parse("/ovirt-engine/api/options/a%2Fb").unwrap().segments, ["options", "a/b"]);
    }
}
