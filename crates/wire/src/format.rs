//! The two formats as one choice. How the choice was made (`Accept`, `Content-Type`) is not known here.

use serde::de::DeserializeOwned;

use crate::{Document, ReadError, WriteError, json, xml};

/// A format of documents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Format {
    /// What every SDK speaks.
    #[default]
    Xml,
    /// What portals and scripts speak.
    Json,
}

impl Format {
    /// The media type of a document in this format. The Python SDK refuses an answer without one.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Xml => "application/xml",
            Self::Json => "application/json",
        }
    }

    /// Writes a document.
    pub fn to_vec<T: Document>(self, document: &T) -> Result<Vec<u8>, WriteError> {
        match self {
            Self::Xml => xml::to_vec(document),
            Self::Json => json::to_vec(document),
        }
    }

    /// Reads a document.
    pub fn from_slice<T: Document + DeserializeOwned>(self, document: &[u8]) -> Result<T, ReadError> {
        match self {
            Self::Xml => xml::from_slice(document),
            Self::Json => json::from_slice(document),
        }
    }
}
