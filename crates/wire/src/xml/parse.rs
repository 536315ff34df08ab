//! Text of XML to nodes, within limits. No DTD, no entities but XML's own five, nothing fetched from anywhere. It knows
//! nothing of our types.

use std::borrow::Cow;

use quick_xml::{
    Reader, XmlVersion,
    escape::resolve_predefined_entity,
    events::{BytesRef, BytesStart, Event},
};

use crate::{
    error::ReadError,
    node::{Budget, Content, Node},
};

/// The outermost element of a document.
pub(super) fn parse(document: &[u8]) -> Result<Node<'_>, ReadError> {
    Budget::check_size(document)?;
    let text = std::str::from_utf8(document).map_err(|_| ReadError::new("the document is not UTF-8"))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_comments = true;
    let mut builder = Builder { text, line: 1, counted_to: 0, budget: Budget::default(), open: Vec::new(), root: None };
    loop {
        let event = reader.read_event();
        let end = usize::try_from(reader.buffer_position()).unwrap_or(text.len());
        match event {
            Ok(Event::Eof) => return builder.finish(),
            Ok(event) => builder.event(event)?,
            Err(error) => {
                builder.count_lines(end);
                return Err(builder.fail(format!("this is no XML: {error}")));
            }
        }
        builder.count_lines(end);
    }
}

/// An element whose end tag has not come yet.
struct Open<'d> {
    name: Cow<'d, str>,
    line: usize,
    text: Cow<'d, str>,
    children: Vec<Node<'d>>,
}

struct Builder<'d> {
    text: &'d str,
    line: usize,
    counted_to: usize,
    budget: Budget,
    open: Vec<Open<'d>>,
    root: Option<Node<'d>>,
}

impl<'d> Builder<'d> {
    /// An error at the innermost open element.
    fn fail(&self, problem: impl Into<String>) -> ReadError {
        let names: Vec<&str> = self.open.iter().map(|open| open.name.as_ref()).collect();
        ReadError { place: names.join("/"), line: Some(self.line), problem: problem.into() }
    }

    fn count_lines(&mut self, end: usize) {
        let passed = self.text.as_bytes().get(self.counted_to..end).unwrap_or_default();
        self.line += passed.iter().filter(|byte| **byte == b'\n').count();
        self.counted_to = end;
    }

    fn event(&mut self, event: Event<'d>) -> Result<(), ReadError> {
        match event {
            Event::Start(start) => self.start(&start),
            Event::Empty(start) => {
                self.start(&start)?;
                self.end()
            }
            Event::End(_) => self.end(),
            Event::Text(text) => self.append(text.xml10_content()),
            Event::CData(text) => self.append(text.xml10_content()),
            Event::GeneralRef(reference) => self.reference(&reference),
            Event::DocType(_) => Err(self.fail("a document type declaration is not allowed")),
            Event::Decl(declaration) => match declaration.encoding() {
                Some(Ok(encoding)) if !encoding.eq_ignore_ascii_case("utf-8") => {
                    Err(self.fail("only the encoding UTF-8 is understood"))
                }
                Some(Err(error)) => Err(self.fail(format!("this is no XML: {error}"))),
                _ => Ok(()),
            },
            Event::Comment(_) | Event::PI(_) | Event::Eof => Ok(()),
        }
    }

    fn start(&mut self, start: &BytesStart<'d>) -> Result<(), ReadError> {
        if self.root.is_some() {
            return Err(self.fail("there is something after the end of the document"));
        }
        self.budget.take(self.open.len() + 1).map_err(|error| self.fail(error.problem))?;
        let mut children = Vec::new();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| self.fail(format!("this is no XML: {error}")))?;
            self.budget.take(self.open.len() + 1).map_err(|error| self.fail(error.problem))?;
            let value = attribute
                .normalized_value(XmlVersion::Implicit1_0)
                .map_err(|error| self.fail(format!("this is no XML: {error}")))?;
            let name = Cow::Owned(attribute.key.as_ref().to_owned());
            let content = Content::Text(Cow::Owned(value.into_owned()));
            children.push(Node { name, line: Some(self.line), content });
        }
        let name = start.name().as_ref().to_owned();
        if name.is_empty() {
            return Err(self.fail("an element has no name"));
        }
        self.open.push(Open { name: Cow::Owned(name), line: self.line, text: Cow::Borrowed(""), children });
        Ok(())
    }

    fn end(&mut self) -> Result<(), ReadError> {
        let Some(open) = self.open.pop() else { return Err(self.fail("an end tag has no start")) };
        let content = if open.children.is_empty() {
            Content::Text(open.text)
        } else {
            Content::Record { text: open.text, children: open.children }
        };
        let node = Node { name: open.name, line: Some(open.line), content };
        match self.open.last_mut() {
            Some(parent) => parent.children.push(node),
            None => self.root = Some(node),
        }
        Ok(())
    }

    fn append(&mut self, text: Cow<'d, str>) -> Result<(), ReadError> {
        match self.open.last_mut() {
            Some(open) if open.text.is_empty() => open.text = text,
            Some(open) => open.text.to_mut().push_str(&text),
            None if text.trim().is_empty() => {}
            None => return Err(self.fail("there is text outside of the document")),
        }
        Ok(())
    }

    fn reference(&mut self, reference: &BytesRef<'d>) -> Result<(), ReadError> {
        let character = reference.resolve_char_ref().map_err(|error| self.fail(format!("this is no XML: {error}")))?;
        match (character, resolve_predefined_entity(reference)) {
            (Some(character), _) => self.append(Cow::Owned(character.to_string())),
            (None, Some(text)) => self.append(Cow::Borrowed(text)),
            (None, None) => Err(self.fail("only XML's own five entities are known")),
        }
    }

    fn finish(self) -> Result<Node<'d>, ReadError> {
        if !self.open.is_empty() {
            return Err(self.fail("the document ends before its elements do"));
        }
        match self.root {
            Some(root) => Ok(root),
            None => Err(self.fail("the document is empty")),
        }
    }
}
