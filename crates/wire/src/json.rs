//! The JSON pen. Its peculiarities are the API's: integers and booleans travel as strings, decimals as numbers, dates as
//! epoch milliseconds, what is not set is left out, one entity has no root key, and a collection is `{"vm":[..]}`, or `{}`
//! when it is empty (source: answers of the reference engine, which its portals and backup tools rely on).

mod parse;

use serde::de::DeserializeOwned;

use crate::{
    element::Document,
    error::{ReadError, WriteError},
    node::{Content, Node},
    read,
    timestamp::Timestamp,
    write::{self, Sink, Spot},
};

/// Writes a document.
pub fn to_vec<T: Document>(document: &T) -> Result<Vec<u8>, WriteError> {
    let mut sink = JsonSink::new();
    write::write(&mut sink, T::ROOT, document)?;
    Ok(sink.take())
}

/// Reads a document; real booleans and numbers are as welcome as strings. An empty body counts as `{}`.
pub fn from_slice<T: Document + DeserializeOwned>(document: &[u8]) -> Result<T, ReadError> {
    let content = if document.trim_ascii().is_empty() {
        Content::Record { text: "".into(), children: Vec::new() }
    } else {
        parse::parse(document)?
    };
    read::read(&Node { name: T::ROOT.into(), line: None, content })
}

pub(crate) struct JsonSink {
    out: Vec<u8>,
    depth: usize,
    /// The last byte that was taken.
    taken: Option<u8>,
}

impl JsonSink {
    /// An empty document.
    pub(crate) fn new() -> Self {
        Self { out: Vec::with_capacity(1024), depth: 0, taken: None }
    }

    /// What stands before a value: a comma unless it is the first, and its name unless it is an item or the root.
    fn lead(&mut self, spot: Spot) {
        if !matches!(self.out.last().copied().or(self.taken), None | Some(b'{' | b'[')) {
            self.out.push(b',');
        }
        if !spot.listed && self.depth > 0 {
            self.out.push(b'"');
            self.out.extend_from_slice(spot.name.as_bytes());
            self.out.extend_from_slice(b"\":");
        }
    }

    fn quoted(&mut self, text: &str) {
        self.out.push(b'"');
        let mut rest = 0;
        for (index, byte) in text.bytes().enumerate() {
            let escape: &[u8] = match byte {
                b'"' => b"\\\"",
                b'\\' => b"\\\\",
                b'\n' => b"\\n",
                b'\r' => b"\\r",
                b'\t' => b"\\t",
                0..0x20 => b"",
                _ => continue,
            };
            self.out.extend_from_slice(&text.as_bytes()[rest..index]);
            self.out.extend_from_slice(escape);
            if escape.is_empty() {
                self.out.extend_from_slice(format!("\\u{byte:04x}").as_bytes());
            }
            rest = index + 1;
        }
        self.out.extend_from_slice(&text.as_bytes()[rest..]);
        self.out.push(b'"');
    }
}

impl Sink for JsonSink {
    fn begin_record(&mut self, spot: Spot) {
        self.lead(spot);
        self.out.push(b'{');
        self.depth += 1;
    }

    fn end_record(&mut self, _: Spot) {
        self.out.push(b'}');
        self.depth -= 1;
    }

    fn begin_list(&mut self, spot: Spot) {
        self.lead(spot);
        self.out.push(b'[');
    }

    fn end_list(&mut self, _: Spot) {
        self.out.push(b']');
    }

    fn text(&mut self, spot: Spot, text: &str) {
        self.lead(spot);
        self.quoted(text);
    }

    fn boolean(&mut self, spot: Spot, value: bool) {
        self.lead(spot);
        self.out.extend_from_slice(if value { b"\"true\"" } else { b"\"false\"" });
    }

    fn integer(&mut self, spot: Spot, value: i64) {
        self.lead(spot);
        self.out.extend_from_slice(format!("\"{value}\"").as_bytes());
    }

    fn decimal(&mut self, spot: Spot, value: f64) {
        self.lead(spot);
        self.out.extend_from_slice(value.to_string().as_bytes());
    }

    fn timestamp(&mut self, spot: Spot, value: Timestamp) {
        self.lead(spot);
        self.out.extend_from_slice(value.0.to_string().as_bytes());
    }

    fn waiting(&self) -> usize {
        self.out.len()
    }

    fn take(&mut self) -> Vec<u8> {
        self.taken = self.out.last().copied().or(self.taken);
        std::mem::take(&mut self.out)
    }
}
