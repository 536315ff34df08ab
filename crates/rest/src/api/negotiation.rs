//! Which format a client sends and wants back. Refuses to know what is in the documents.

use ferrovirt_wire::Format;
use http::{HeaderMap, StatusCode, header};

use super::{fault::Fault, params::Params};

/// The media type of a console connection file.
pub const VIRT_VIEWER: &str = "application/x-virt-viewer";

/// What the client would like to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The format of documents and faults.
    pub format: Format,
    /// Whether a console is to be described as a connection file.
    pub virt_viewer: bool,
}

/// Reads `accept` of the query (for clients that can't set headers), then `Accept`. XML where nothing fits: clients of
/// this API depend on a readable fault more than on a 406.
#[must_use]
pub fn wanted(headers: &HeaderMap, params: &Params) -> Wanted {
    let mut best = Wanted { format: Format::Xml, virt_viewer: false };
    let header = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    let Some(accepted) = params.filled("accept").or(header) else { return best };
    let mut best_weight = 0.0_f32;
    for range in accepted.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let Some(offer) = offer(parts.next().unwrap_or_default()) else { continue };
        let weight = parts.find_map(|part| part.strip_prefix("q=")?.parse::<f32>().ok()).unwrap_or(1.0);
        if weight > best_weight {
            (best, best_weight) = (offer, weight);
        }
    }
    best
}

fn offer(media_type: &str) -> Option<Wanted> {
    let documents = |format| Some(Wanted { format, virt_viewer: false });
    match media_type.to_ascii_lowercase().as_str() {
        "application/json" | "text/json" => documents(Format::Json),
        "application/xml" | "text/xml" | "*/*" | "application/*" | "text/*" => documents(Format::Xml),
        VIRT_VIEWER => Some(Wanted { format: Format::Xml, virt_viewer: true }),
        _ => None,
    }
}

/// The format of a request body: by `Content-Type`, or by its first letter where the client gave none.
pub fn sent(headers: &HeaderMap, body: &[u8]) -> Result<Format, Fault> {
    let Some(value) = headers.get(header::CONTENT_TYPE) else {
        let first = body.iter().find(|byte| !byte.is_ascii_whitespace());
        return Ok(if first == Some(&b'{') { Format::Json } else { Format::Xml });
    };
    let text = value.to_str().unwrap_or_default();
    match text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
        "application/xml" | "text/xml" => Ok(Format::Xml),
        "application/json" | "text/json" => Ok(Format::Json),
        other => Err(Fault::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            format!("The content type '{other}' is not supported: use application/xml or application/json."),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn accepting(text: &'static str) -> Wanted {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static(text));
        wanted(&headers, &Params::default())
    }

    #[test]
    fn weights_decide() {
        assert_eq!(accepting("application/json").format, Format::Json);
        assert_eq!(accepting("application/xml;q=0.5, application/json;q=0.9").format, Format::Json);
        assert_eq!(accepting("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8").format, Format::Xml);
        assert_eq!(accepting("image/png").format, Format::Xml);
        assert!(accepting("application/x-virt-viewer").virt_viewer);
        assert_eq!(accepting("application/json;q=0, */*").format, Format::Xml);
    }

    #[test]
    fn the_query_overrides_the_header() {
        let params = Params::new(Some("accept=application/json"), Vec::new());
        assert_eq!(wanted(&HeaderMap::new(), &params).format, Format::Json);
    }

    #[test]
    fn bodies_without_a_type_are_told_by_their_first_letter() {
        assert_eq!(sent(&HeaderMap::new(), b"  {\"name\":\"x\"}").unwrap(), Format::Json);
        assert_eq!(sent(&HeaderMap::new(), b"<vm/>").unwrap(), Format::Xml);
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/xml; charset=utf-8"));
        assert_eq!(sent(&headers, b"{}").unwrap(), Format::Xml);
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        assert_eq!(sent(&headers, b"a=b").unwrap_err().status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }
}
