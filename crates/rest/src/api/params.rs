//! Query and matrix parameters of one request, read with the API's rules for booleans. Refuses to know what they mean.

use std::str::FromStr;

use super::fault::Fault;

/// All parameters of a request; the query comes before the matrix.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Params(Vec<(String, String)>);

impl Params {
    /// Joins the parameters of the query text with those found in the path.
    #[must_use]
    pub fn new(query: Option<&str>, matrix: Vec<(String, String)>) -> Self {
        let mut all: Vec<(String, String)> = query.map(decode_form).unwrap_or_default();
        all.extend(matrix);
        Self(all)
    }

    /// Reads a form body (`application/x-www-form-urlencoded`) by the same rules.
    #[must_use]
    pub fn from_form(body: &str) -> Self {
        Self(decode_form(body))
    }

    /// The first value of a parameter.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The first value, unless it is empty.
    #[must_use]
    pub fn filled(&self, name: &str) -> Option<&str> {
        self.text(name).filter(|value| !value.is_empty())
    }

    /// A boolean: t/true/y/yes/1 and f/false/n/no/0 in any case; present and empty is true.
    pub fn boolean(&self, name: &str) -> Result<Option<bool>, Fault> {
        let Some(value) = self.text(name) else { return Ok(None) };
        match value.to_ascii_lowercase().as_str() {
            "" | "t" | "true" | "y" | "yes" | "1" => Ok(Some(true)),
            "f" | "false" | "n" | "no" | "0" => Ok(Some(false)),
            _ => Err(Fault::bad_parameter(name, value, "a boolean")),
        }
    }

    /// A boolean that is false when absent.
    pub fn flag(&self, name: &str) -> Result<bool, Fault> {
        Ok(self.boolean(name)?.unwrap_or(false))
    }

    /// A whole number.
    pub fn integer(&self, name: &str) -> Result<Option<i64>, Fault> {
        self.parsed(name, "a whole number")
    }

    /// Any value that parses from text; `what` names it in the fault.
    pub fn parsed<T: FromStr>(&self, name: &str, what: &str) -> Result<Option<T>, Fault> {
        let Some(value) = self.text(name) else { return Ok(None) };
        value.trim().parse().map(Some).map_err(|_| Fault::bad_parameter(name, value, what))
    }
}

fn decode_form(text: &str) -> Vec<(String, String)> {
    form_urlencoded::parse(text.as_bytes()).into_owned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(query: &str) -> Params {
        Params::new(Some(query), Vec::new())
    }

    #[test]
    fn booleans_follow_the_table() {
        for (text, value) in
            [("a=t", true), ("a=Yes", true), ("a=1", true), ("a=", true), ("a", true), ("a=n", false), ("a=0", false)]
        {
            assert_eq!(params(text).boolean("a").unwrap(), Some(value), "{text}");
        }
        assert_eq!(params("").boolean("a").unwrap(), None);
        assert!(params("a=maybe").boolean("a").is_err());
    }

    #[test]
    fn the_query_wins_over_the_matrix() {
        let both =
            Params::new(Some("max=1"), vec![("max".to_owned(), "2".to_owned()), ("from".to_owned(), "9".to_owned())]);
        assert_eq!(both.integer("max").unwrap(), Some(1));
        assert_eq!(both.integer("from").unwrap(), Some(9));
        assert!(params("max=many").integer("max").is_err());
    }

    #[test]
    fn form_texts_are_decoded() {
        assert_eq!(params("search=name%3Da+b").text("search"), Some("name=a b"));
    }
}
