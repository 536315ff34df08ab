//! A small XML tree: enough to write libvirt's documents and to read them back. It refuses DTDs and entities of its own
//! making, and knows nothing of libvirt's vocabulary.

use quick_xml::XmlVersion;
use quick_xml::escape::escape;
use quick_xml::events::{BytesStart, Event};

/// Documents deeper than this are refused.
const DEPTH: usize = 64;

/// Why a text is no XML that we take.
#[derive(Debug, thiserror::Error)]
pub enum XmlError {
    /// The parser stumbled.
    #[error("malformed XML: {0}")]
    Malformed(String),
    /// Nothing, or more than one root.
    #[error("the document has no single root element")]
    NoRoot,
    /// Nested too deeply.
    #[error("the document is nested deeper than {DEPTH} levels")]
    TooDeep,
}

/// An element with its attributes, its children and the text directly inside.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Element {
    /// The name, with its prefix as written.
    pub name: String,
    /// Attributes in order.
    pub attributes: Vec<(String, String)>,
    /// Child elements in order.
    pub children: Vec<Element>,
    /// Text directly inside, trimmed.
    pub text: String,
}

impl Element {
    /// An empty element.
    pub fn new(name: &str) -> Self {
        Element { name: name.to_owned(), ..Element::default() }
    }

    /// An element that holds only a text.
    pub fn leaf(name: &str, text: impl ToString) -> Self {
        Element { name: name.to_owned(), text: text.to_string(), ..Element::default() }
    }

    /// Adds an attribute.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.set(name, value);
        self
    }

    /// Adds an attribute where there is a value.
    #[must_use]
    pub fn with_some(self, name: &str, value: Option<impl ToString>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// Adds a child.
    #[must_use]
    pub fn child(mut self, child: Element) -> Self {
        self.children.push(child);
        self
    }

    /// Adds children.
    #[must_use]
    pub fn children(mut self, children: impl IntoIterator<Item = Element>) -> Self {
        self.children.extend(children);
        self
    }

    /// Sets or replaces an attribute.
    pub fn set(&mut self, name: &str, value: impl ToString) {
        let value = value.to_string();
        match self.attributes.iter_mut().find(|(held, _)| held == name) {
            Some((_, held)) => *held = value,
            None => self.attributes.push((name.to_owned(), value)),
        }
    }

    /// Removes an attribute.
    pub fn unset(&mut self, name: &str) {
        self.attributes.retain(|(held, _)| held != name);
    }

    /// The value of an attribute.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(held, _)| held == name).map(|(_, value)| value.as_str())
    }

    /// The name without its prefix.
    pub fn local_name(&self) -> &str {
        self.name.rsplit(':').next().unwrap_or(&self.name)
    }

    /// The first child of that name, prefixes aside.
    pub fn get(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.local_name() == name)
    }

    /// The first child of that name, to change it.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Element> {
        self.children.iter_mut().find(|child| child.local_name() == name)
    }

    /// Follows a path of child names.
    pub fn path(&self, names: &[&str]) -> Option<&Element> {
        names.iter().try_fold(self, |element, name| element.get(name))
    }

    /// All children of that name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children.iter().filter(move |child| child.local_name() == name)
    }

    /// Writes the element, two spaces a level.
    pub fn to_xml(&self) -> String {
        let mut out = String::with_capacity(4096);
        self.write(&mut out, 0);
        out
    }

    fn write(&self, out: &mut String, level: usize) {
        let indent = "  ".repeat(level);
        out.push_str(&indent);
        out.push('<');
        out.push_str(&self.name);
        for (name, value) in &self.attributes {
            out.push_str(&format!(" {name}=\"{}\"", escape(value.as_str())));
        }
        if self.children.is_empty() && self.text.is_empty() {
            out.push_str("/>\n");
            return;
        }
        out.push('>');
        out.push_str(&escape(self.text.as_str()));
        if !self.children.is_empty() {
            out.push('\n');
            for child in &self.children {
                child.write(out, level + 1);
            }
            out.push_str(&indent);
        }
        out.push_str(&format!("</{}>\n", self.name));
    }
}

/// Reads one document.
pub fn parse(text: &str) -> Result<Element, XmlError> {
    let mut reader = quick_xml::Reader::from_str(text);
    let mut open: Vec<Element> = Vec::new();
    let mut root = None;
    loop {
        let event = reader.read_event().map_err(|error| XmlError::Malformed(error.to_string()))?;
        match event {
            Event::Start(start) => {
                if open.len() >= DEPTH {
                    return Err(XmlError::TooDeep);
                }
                open.push(element(&start)?);
            }
            Event::Empty(start) => close(element(&start)?, &mut open, &mut root)?,
            Event::End(_) => {
                let done = open.pop().ok_or(XmlError::NoRoot)?;
                close(done, &mut open, &mut root)?;
            }
            Event::Text(text) => append(&mut open, &text),
            Event::CData(data) => append(&mut open, &data),
            Event::GeneralRef(reference) => append(&mut open, &resolve(&reference)?),
            Event::DocType(_) => return Err(XmlError::Malformed("a document type".into())),
            Event::Eof => return root.filter(|_| open.is_empty()).ok_or(XmlError::NoRoot),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
        }
    }
}

fn malformed(error: impl std::fmt::Display) -> XmlError {
    XmlError::Malformed(error.to_string())
}

fn element(start: &BytesStart<'_>) -> Result<Element, XmlError> {
    let name = start.name().as_ref().to_owned();
    let mut element = Element::new(&name);
    for attribute in start.attributes() {
        let attribute = attribute.map_err(malformed)?;
        let name = attribute.key.as_ref().to_owned();
        let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(malformed)?.into_owned();
        element.attributes.push((name, value));
    }
    Ok(element)
}

fn resolve(reference: &quick_xml::events::BytesRef<'_>) -> Result<String, XmlError> {
    if let Some(character) = reference.resolve_char_ref().map_err(malformed)? {
        return Ok(character.to_string());
    }
    let name: &str = reference;
    quick_xml::escape::resolve_predefined_entity(name)
        .map(str::to_owned)
        .ok_or_else(|| XmlError::Malformed(format!("unknown entity {name}")))
}

fn append(open: &mut [Element], text: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
    }
}

fn close(mut done: Element, open: &mut [Element], root: &mut Option<Element>) -> Result<(), XmlError> {
    done.text = done.text.trim().to_owned();
    match open.last_mut() {
        Some(parent) => parent.children.push(done),
        None if root.is_none() => *root = Some(done),
        None => return Err(XmlError::NoRoot),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let tree = Element::new("domain")
            .with("type", "qemu")
            .child(Element::leaf("name", "a <b> & \"c\""))
            .child(Element::new("os").child(Element::leaf("type", "hvm").with("machine", "q'35")));
        assert_eq!(parse(&tree.to_xml()).unwrap(), tree);
    }

    #[test]
    fn bad_documents_are_refused() {
        for text in ["", "<a>", "<a/><b/>", "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "<a>&nope;</a>", "<a b=c/>"] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(matches!(parse(&"<a>".repeat(100)), Err(XmlError::TooDeep)));
    }
}
