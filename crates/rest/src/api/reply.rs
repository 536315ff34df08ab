//! What a handler answers: a status and a document that is written in the client's format at the door.

use ferrovirt_wire::{Document, Element, Format, Made, WriteError, types};
use http::StatusCode;

use super::fault::Fault;

/// The answer of a handler.
pub struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) location: Option<String>,
    pub(crate) content: Content,
}

/// The body of an answer.
pub(crate) enum Content {
    /// A document in the negotiated format.
    Document(Box<dyn Writable>),
    /// A long list in the negotiated format, written as fast as the client takes it.
    Pieces(Box<dyn FnOnce(Format) -> Pieces + Send>),
    /// Bytes of a type of their own, with the file name where it is an attachment.
    Raw { media_type: &'static str, bytes: Vec<u8>, file_name: Option<String> },
}

/// The pieces of a document.
pub(crate) type Pieces = Box<dyn Iterator<Item = Result<Vec<u8>, WriteError>> + Send>;

/// A document whose type is forgotten.
pub(crate) trait Writable: Send {
    fn write(&self, format: Format) -> Result<Vec<u8>, WriteError>;
    fn cut(&mut self, most: usize);
}

impl<T: Document + Send> Writable for T {
    fn write(&self, format: Format) -> Result<Vec<u8>, WriteError> {
        format.to_vec(self)
    }

    fn cut(&mut self, most: usize) {
        Document::cut(self, most);
    }
}

impl Reply {
    /// 200 with a document: reads and updates.
    #[must_use]
    pub fn ok(document: impl Document + Send + 'static) -> Self {
        Self::with(StatusCode::OK, document)
    }

    /// 200 with a list whose items are made while it is written: `count` items, each from its place.
    #[must_use]
    pub fn made<T: Element + 'static>(count: usize, make: impl Fn(usize) -> T + Send + 'static) -> Self {
        let pieces = move |format| -> Pieces { Box::new(Made::new(count, make).pieces(format)) };
        Self { status: StatusCode::OK, location: None, content: Content::Pieces(Box::new(pieces)) }
    }

    /// 201: the entity is there and complete.
    #[must_use]
    pub fn created(href: impl Into<String>, document: impl Document + Send + 'static) -> Self {
        Self { location: Some(href.into()), ..Self::with(StatusCode::CREATED, document) }
    }

    /// 202: the entity is there, a job still works on it.
    #[must_use]
    pub fn accepted(href: impl Into<String>, document: impl Document + Send + 'static) -> Self {
        Self { location: Some(href.into()), ..Self::with(StatusCode::ACCEPTED, document) }
    }

    /// 200 for a removal. Clients refuse 204, so there is a body.
    #[must_use]
    pub fn removed() -> Self {
        Self::action(types::Action::default())
    }

    /// 200 for an action that is done. The status is filled in where the handler left it open.
    #[must_use]
    pub fn action(mut action: types::Action) -> Self {
        action.status.get_or_insert_with(|| "complete".to_owned());
        Self::with(StatusCode::OK, action)
    }

    /// The answer of an action whose work goes on in a job: 202 where the client asked not to wait, else 200.
    #[must_use]
    pub fn action_with_job(job: types::Job, no_wait: bool) -> Self {
        let status = if no_wait { "in_progress" } else { "complete" };
        let action = types::Action { status: Some(status.to_owned()), job: Some(Box::new(job)), ..Default::default() };
        Self::with(if no_wait { StatusCode::ACCEPTED } else { StatusCode::OK }, action)
    }

    /// Bytes of a type of their own.
    #[must_use]
    pub fn raw(media_type: &'static str, bytes: impl Into<Vec<u8>>) -> Self {
        let content = Content::Raw { media_type, bytes: bytes.into(), file_name: None };
        Self { status: StatusCode::OK, location: None, content }
    }

    /// Bytes that a browser is to save under a name.
    #[must_use]
    pub fn attachment(media_type: &'static str, file_name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        let content = Content::Raw { media_type, bytes: bytes.into(), file_name: Some(file_name.into()) };
        Self { status: StatusCode::OK, location: None, content }
    }

    /// The same, with the first `most` items of a list. One that is written in pieces is cut by who makes it.
    #[must_use]
    pub(crate) fn cut(mut self, most: usize) -> Self {
        if let Content::Document(document) = &mut self.content {
            document.cut(most);
        }
        self
    }

    fn with(status: StatusCode, document: impl Document + Send + 'static) -> Self {
        Self { status, location: None, content: Content::Document(Box::new(document)) }
    }
}

/// The document of a failed request: on actions the fault stands inside the action.
pub(crate) fn fault_document(fault: &Fault, on_action: bool) -> Box<dyn Writable> {
    if !on_action {
        return Box::new(fault.document());
    }
    let status = Some("failed".to_owned());
    Box::new(types::Action { status, fault: Some(fault.document()), ..Default::default() })
}
