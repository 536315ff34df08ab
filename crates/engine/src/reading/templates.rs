//! Templates with their disks and NICs, as users read them.

use ferrovirt_model::catalogue::instance_types::{InstanceType, instance_type};
use ferrovirt_model::ids::TemplateId;
use ferrovirt_model::search::Entity;
use ferrovirt_model::template::Template;
use ferrovirt_model::vm::VmNic;
pub use ferrovirt_store::disks::TemplateAttachment;
use ferrovirt_store::{Areas, templates};
use uuid::Uuid;

use super::{sees_all, the_one};
use crate::core::{Engine, now};
use crate::failure::Result;
use crate::listing::{self, ListQuery};
use crate::session::Caller;

fn scope(caller: &Caller) -> Option<String> {
    (!sees_all(caller)).then(|| templates::seen_by(caller.session.user))
}

impl Engine {
    /// Instance types by search.
    ///
    /// # Errors
    /// A refusal for a search that can't be read; trouble with the store.
    pub async fn list_instance_types(&self, query: &ListQuery) -> Result<Vec<&'static InstanceType>> {
        let search = listing::compile(Entity::InstanceType, query, now())?;
        let found = self.store().read().await?.templates().instance_types(&search).await?;
        Ok(found.into_iter().filter_map(instance_type).collect())
    }

    /// Templates by search.
    ///
    /// # Errors
    /// A refusal for a search that can't be read; trouble with the store.
    pub async fn list_templates(&self, caller: &Caller, query: &ListQuery) -> Result<Vec<Template>> {
        let search = listing::compile(Entity::Template, query, now())?;
        Ok(self.store().read().await?.templates().list(&search, scope(caller).as_deref()).await?)
    }

    /// Templates by id, in no order; those that the caller may not know of are left out.
    ///
    /// # Errors
    /// Trouble with the store.
    pub async fn templates(&self, caller: &Caller, ids: &[TemplateId]) -> Result<Vec<Template>> {
        Ok(self.store().read().await?.templates().get_within(ids, scope(caller).as_deref()).await?)
    }

    /// A template.
    ///
    /// # Errors
    /// [`ferrovirt_model::refusal::Refusal::NoSuchObject`], or trouble with the store.
    pub async fn template(&self, caller: &Caller, id: TemplateId) -> Result<Template> {
        the_one(self.templates(caller, &[id]).await?, "Template", id)
    }

    /// The disks of templates that the caller sees, and how they hang.
    ///
    /// # Errors
    /// Trouble with the store.
    pub async fn template_disks(&self, ids: &[TemplateId]) -> Result<Vec<TemplateAttachment>> {
        Ok(self.store().read().await?.disks().of_templates(ids).await?)
    }

    /// The NICs of templates that the caller sees, by name.
    ///
    /// # Errors
    /// Trouble with the store.
    pub async fn template_nics(&self, ids: &[TemplateId]) -> Result<Vec<(TemplateId, VmNic)>> {
        let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        let found = self.store().read().await?.vms().nics(&ids).await?;
        Ok(found.into_iter().map(|(owner, nic)| (TemplateId(owner), nic)).collect())
    }
}
