//! Tags and what they hang on, as users read them.

use std::collections::HashMap;

use ferrovirt_model::ids::{ObjectRef, TagId};
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::tag::Tag;
use ferrovirt_store::Areas;
use uuid::Uuid;

use super::the_one;
use crate::core::Engine;
use crate::failure::Result;
use crate::session::Caller;

impl Engine {
    /// All tags, by name. They are the administrators' own notes.
    ///
    /// # Errors
    /// [`Refusal::NotAuthorized`] for others; trouble with the store.
    pub async fn tags(&self, caller: &Caller) -> Result<Vec<Tag>> {
        if !caller.session.administrator {
            return Err(Refusal::NotAuthorized { permit: Permit::TagManagement.name() }.into());
        }
        Ok(self.store().read().await?.tags().all().await?)
    }

    /// A tag.
    ///
    /// # Errors
    /// [`Refusal::NoSuchObject`]; otherwise as [`Engine::tags`].
    pub async fn tag(&self, caller: &Caller, id: TagId) -> Result<Tag> {
        let mut tags = self.tags(caller).await?;
        tags.retain(|tag| tag.id == id);
        the_one(tags, "Tag", id)
    }

    /// The tags of an object that the caller may know of.
    ///
    /// # Errors
    /// [`Refusal::NoSuchObject`], or trouble with the store.
    pub async fn tags_of(&self, caller: &Caller, object: ObjectRef) -> Result<Vec<Tag>> {
        self.object_name(caller, object).await?;
        Ok(self.tags_of_each(&[object.id]).await?.remove(&object.id).unwrap_or_default())
    }

    /// The tags of objects, for links that are followed from objects that the caller sees.
    ///
    /// # Errors
    /// Trouble with the store.
    pub async fn tags_of_each(&self, objects: &[Uuid]) -> Result<HashMap<Uuid, Vec<Tag>>> {
        let mut sorted: HashMap<Uuid, Vec<Tag>> = HashMap::new();
        for (object, tag) in self.store().read().await?.tags().of(objects).await? {
            sorted.entry(object).or_default().push(tag);
        }
        Ok(sorted)
    }
}
