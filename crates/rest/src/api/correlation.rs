//! The correlation id of a request: given by the client or made here, cleaned, echoed in the reply.

use http::HeaderMap;
use uuid::Uuid;

use super::params::Params;

/// The header that carries it both ways.
pub const HEADER: &str = "correlation-id";
const LONGEST: usize = 36;

/// The id of this request. The query parameter is for clients that can't set headers; the header wins.
#[must_use]
pub fn of(headers: &HeaderMap, params: &Params) -> String {
    let given = headers.get(HEADER).and_then(|value| value.to_str().ok()).or_else(|| params.text("correlation_id"));
    let cleaned: String = given
        .unwrap_or_default()
        .chars()
        .filter(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-'))
        .take(LONGEST)
        .collect();
    if cleaned.is_empty() { Uuid::new_v4().to_string() } else { cleaned }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn foreign_letters_are_dropped_and_the_rest_is_cut() {
        let mut headers = HeaderMap::new();
        headers.insert(HEADER, HeaderValue::from_static("a b/c_1-2<script>"));
        assert_eq!(of(&headers, &Params::default()), "abc_1-2script");
        headers.insert(HEADER, HeaderValue::from_str(&"x".repeat(50)).unwrap());
        assert_eq!(of(&headers, &Params::default()).len(), 36);
    }

    #[test]
    fn the_query_is_taken_where_no_header_is() {
        let params = Params::new(Some("correlation_id=from_query"), Vec::new());
        assert_eq!(of(&HeaderMap::new(), &params), "from_query");
        assert_eq!(of(&HeaderMap::new(), &Params::default()).len(), 36);
    }
}
