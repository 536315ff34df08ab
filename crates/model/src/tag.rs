//! Tags: a tree of labels that administrators hang on things.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::ids::TagId;

/// The root of the tree.
pub const ROOT: TagId = TagId(Uuid::nil());

/// A tag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tag {
    /// The id.
    pub id: TagId,
    /// Unique.
    pub name: String,
    /// Free text.
    pub description: String,
    /// `None` for the root.
    pub parent: Option<TagId>,
}
