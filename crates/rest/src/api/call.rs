//! One request as a handler sees it: who asks, for which object, with which parameters and body.

use std::str::FromStr;
use std::sync::Arc;

use bytes::Bytes;
use ferrovirt_wire::tree::{Operation, Service};
use ferrovirt_wire::{Document, Format, types};
use serde::de::DeserializeOwned;

use super::fault::Fault;
use super::follow::Follow;
use super::hrefs::Hrefs;
use super::list_query;
use super::negotiation::Wanted;
use super::params::Params;
use crate::door::{Caller, Door, Engine, ListQuery};

/// A request that was authenticated and resolved in the service tree.
pub struct Call {
    /// The way to the engine.
    pub door: Arc<dyn Door>,
    /// Who asks, with the correlation id and whether to act as a plain user.
    pub caller: Caller,
    /// The service of the tree that answers.
    pub service: &'static Service,
    /// The operation of that service.
    pub operation: &'static Operation,
    /// Ids of the path by the tree's names, outermost first.
    pub ids: Vec<(&'static str, String)>,
    /// Query and matrix parameters.
    pub params: Params,
    /// Links to inline.
    pub follow: Follow,
    /// Builder of hrefs under the base that the client used.
    pub hrefs: Hrefs,
    /// The client wants everything, OVF data included.
    pub all_content: bool,
    /// `Expect: 201-created` or `202-accepted`: whether a create is to wait; nothing when the client leaves it open.
    pub blocking: Option<bool>,
    /// What the client wants to read.
    pub wanted: Wanted,
    /// The first language of `Accept-Language`, in its own spelling.
    pub language: Option<String>,
    /// The path as it was asked, without parameters: the href of what is answered.
    pub href: String,
    pub(crate) sent: Format,
    pub(crate) body: Bytes,
}

impl Call {
    /// The engine.
    #[must_use]
    pub fn engine(&self) -> &Arc<Engine> {
        self.door.engine()
    }

    /// An id of the path, as text.
    pub fn text_id(&self, name: &str) -> Result<&str, Fault> {
        let found = self.ids.iter().rev().find(|(key, _)| *key == name);
        found.map(|(_, value)| value.as_str()).ok_or_else(Fault::not_found)
    }

    /// An id of the path in its type. What can't be an id names nothing: 404.
    pub fn id<Id: FromStr>(&self, name: &str) -> Result<Id, Fault> {
        let text = self.text_id(name)?;
        text.parse().map_err(|_| Fault::no_such(name, text))
    }

    /// The body in its type. An empty body is malformed.
    pub fn body<T: Document + DeserializeOwned>(&self) -> Result<T, Fault> {
        Ok(self.sent.from_slice(&self.body)?)
    }

    /// The body of an action; absent and empty bodies mean an action without parameters.
    pub fn action(&self) -> Result<types::Action, Fault> {
        if self.body.iter().all(u8::is_ascii_whitespace) { Ok(types::Action::default()) } else { self.body() }
    }

    /// The parameters of a list: search, max, from, case_sensitive.
    pub fn list_query(&self) -> Result<ListQuery, Fault> {
        list_query::of(&self.params)
    }

    /// The href of an item of the collection that was asked.
    #[must_use]
    pub fn item_href(&self, id: impl std::fmt::Display) -> String {
        format!("{}/{id}", self.href)
    }

    /// Refuses a body that lacks elements, in the words that clients of this API know.
    pub fn require(&self, entity: &str, fields: &str, present: bool) -> Result<(), Fault> {
        if present { Ok(()) } else { Err(Fault::incomplete(entity, fields, self.operation.method)) }
    }
}
