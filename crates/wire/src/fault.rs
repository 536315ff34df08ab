//! Ways to make a [`Fault`]. Which HTTP status goes with it is not known here.

use crate::{ReadError, types::Fault};

/// What the API says about every operation that was refused. Tools look for the sentences of the detail instead.
const OPERATION_FAILED: &str = "Operation Failed";

impl Fault {
    /// A fault with both its texts.
    pub fn new(reason: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { reason: Some(reason.into()), detail: Some(detail.into()) }
    }

    /// A refused operation. The detail stands in brackets, its sentences separated by commas, for clients search it so.
    pub fn operation_failed<S: AsRef<str>>(sentences: &[S]) -> Self {
        let sentences: Vec<&str> = sentences.iter().map(AsRef::as_ref).collect();
        Self::new(OPERATION_FAILED, format!("[{}]", sentences.join(", ")))
    }

    /// A body that could not be read.
    pub fn malformed(error: &ReadError) -> Self {
        Self::new("Syntax Error", error.to_string())
    }

    /// An operation that is declared and not served yet, such as `VmService.screenshot`.
    pub fn not_served(operation: &str) -> Self {
        Self::new("Not Implemented", format!("{operation} is part of the API, but this engine does not serve it yet."))
    }

    /// Something that does not exist.
    pub fn not_found(what: &str) -> Self {
        Self::new(OPERATION_FAILED, format!("Entity not found: {what}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{json, xml};

    #[test]
    fn details_stand_in_brackets() {
        let fault = Fault::operation_failed(&["Cannot add VM.", "The name is taken."]);
        let xml = String::from_utf8(xml::to_vec(&fault).unwrap()).unwrap();
        assert!(xml.ends_with(
            "<fault><detail>[Cannot add VM., The name is taken.]</detail><reason>Operation Failed</reason></fault>"
        ));
        let json = String::from_utf8(json::to_vec(&fault).unwrap()).unwrap();
        assert_eq!(json, r#"{"detail":"[Cannot add VM., The name is taken.]","reason":"Operation Failed"}"#);
    }

    #[test]
    fn a_malformed_body_names_its_place() {
        let error = xml::from_slice::<crate::types::Vm>(b"<vm>\n<memory>much</memory></vm>").unwrap_err();
        let detail = Fault::malformed(&error).detail.unwrap();
        assert_eq!(detail, "'much' is not a whole number of 64 bits, at vm/memory, line 2");
    }
}
