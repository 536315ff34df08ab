//! The XML pen. `id`, `href` and `rel` are attributes, everything else is an element; a list is its container's element
//! with one element an item; what is not set is left out (source: the API model's rules for XML). No namespaces, and no
//! DTD is ever read.

mod parse;

use serde::de::DeserializeOwned;

use crate::{
    element::Document,
    error::{ReadError, WriteError},
    read,
    timestamp::Timestamp,
    write::{self, Sink, Spot},
};

const DECLARATION: &[u8] = b"<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";

/// Names that stand in the start tag. The types put them before every element.
pub(crate) const ATTRIBUTES: [&str; 3] = ["href", "id", "rel"];

/// Writes a document.
pub fn to_vec<T: Document>(document: &T) -> Result<Vec<u8>, WriteError> {
    let mut sink = XmlSink::new();
    write::write(&mut sink, T::ROOT, document)?;
    Ok(sink.take())
}

/// Reads a document, whose outermost element must have the tag of `T`. Unknown elements are passed over.
pub fn from_slice<T: Document + DeserializeOwned>(document: &[u8]) -> Result<T, ReadError> {
    let root = parse::parse(document)?;
    if root.name != T::ROOT {
        let problem = format!("the document is '{}', but '{}' is expected here", root.name, T::ROOT);
        return Err(ReadError::new(problem).inside(&root.name, root.line));
    }
    read::read(&root)
}

pub(crate) struct XmlSink {
    out: Vec<u8>,
    /// A start tag still lacks its `>`, for attributes may follow.
    tag_is_open: bool,
}

impl XmlSink {
    /// A document whose declaration is written.
    pub(crate) fn new() -> Self {
        let mut out = Vec::with_capacity(1024);
        out.extend_from_slice(DECLARATION);
        Self { out, tag_is_open: false }
    }

    fn close_tag(&mut self) {
        if self.tag_is_open {
            self.out.push(b'>');
            self.tag_is_open = false;
        }
    }

    /// A scalar whose characters need no escape.
    fn plain(&mut self, spot: Spot, text: &str) {
        self.scalar(spot, |out, _| out.extend_from_slice(text.as_bytes()));
    }

    fn scalar(&mut self, spot: Spot, content: impl FnOnce(&mut Vec<u8>, bool)) {
        let name = spot.name.as_bytes();
        let attribute = self.tag_is_open && !spot.listed && ATTRIBUTES.contains(&spot.name);
        if attribute {
            self.out.push(b' ');
            self.out.extend_from_slice(name);
            self.out.extend_from_slice(b"=\"");
            content(&mut self.out, true);
            self.out.push(b'"');
        } else {
            self.close_tag();
            self.out.push(b'<');
            self.out.extend_from_slice(name);
            self.out.push(b'>');
            content(&mut self.out, false);
            self.end_tag(name);
        }
    }

    fn end_tag(&mut self, name: &[u8]) {
        self.out.extend_from_slice(b"</");
        self.out.extend_from_slice(name);
        self.out.push(b'>');
    }
}

/// Bytes that may have to be spelled out. Nearly all of a document is other bytes, which this passes over quickly.
static SUSPICIOUS: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 0x20 {
        table[byte] = true;
        byte += 1;
    }
    table[b'&' as usize] = true;
    table[b'<' as usize] = true;
    table[b'>' as usize] = true;
    table[b'"' as usize] = true;
    table[0xef] = true;
    table
};

/// Appends `text` with what XML would misread spelled out. A character that XML 1.0 cannot carry becomes U+FFFD: guests
/// and hosts say what they like, and one bad byte must not make a whole answer unreadable.
fn escape(out: &mut Vec<u8>, text: &str, attribute: bool) {
    let bytes = text.as_bytes();
    let mut rest = 0;
    for (index, byte) in bytes.iter().enumerate().filter(|(_, byte)| SUSPICIOUS[usize::from(**byte)]) {
        let (replacement, length) = match byte {
            b'&' => ("&amp;", 1),
            b'<' => ("&lt;", 1),
            b'>' => ("&gt;", 1),
            b'\r' => ("&#13;", 1),
            b'"' if attribute => ("&quot;", 1),
            b'\n' if attribute => ("&#10;", 1),
            b'\t' if attribute => ("&#9;", 1),
            b'\n' | b'\t' => continue,
            0..0x20 => ("\u{fffd}", 1),
            // U+FFFE and U+FFFF, the only others that a Rust string can hold and XML cannot.
            0xef if matches!(bytes.get(index + 1..index + 3), Some([0xbf, 0xbe | 0xbf])) => ("\u{fffd}", 3),
            _ => continue,
        };
        out.extend_from_slice(&bytes[rest..index]);
        out.extend_from_slice(replacement.as_bytes());
        rest = index + length;
    }
    out.extend_from_slice(&bytes[rest..]);
}

impl Sink for XmlSink {
    fn begin_record(&mut self, spot: Spot) {
        self.close_tag();
        self.out.push(b'<');
        self.out.extend_from_slice(spot.name.as_bytes());
        self.tag_is_open = true;
    }

    fn end_record(&mut self, spot: Spot) {
        if self.tag_is_open {
            self.out.extend_from_slice(b"/>");
            self.tag_is_open = false;
        } else {
            self.end_tag(spot.name.as_bytes());
        }
    }

    fn begin_list(&mut self, _: Spot) {}

    fn end_list(&mut self, _: Spot) {}

    fn text(&mut self, spot: Spot, text: &str) {
        self.scalar(spot, |out, attribute| escape(out, text, attribute));
    }

    fn boolean(&mut self, spot: Spot, value: bool) {
        self.plain(spot, if value { "true" } else { "false" });
    }

    fn integer(&mut self, spot: Spot, value: i64) {
        self.plain(spot, &value.to_string());
    }

    fn decimal(&mut self, spot: Spot, value: f64) {
        self.plain(spot, &value.to_string());
    }

    fn timestamp(&mut self, spot: Spot, value: Timestamp) {
        self.plain(spot, &value.to_string());
    }

    fn waiting(&self) -> usize {
        self.out.len()
    }

    fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out)
    }
}
