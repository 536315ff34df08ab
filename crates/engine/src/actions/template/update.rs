//! Change a template: its name, its definition, its version's name. VMs made from it stay as they are.

use async_trait::async_trait;
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::ids::TemplateId;
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_plan::names::{self, NameKind};
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;

use super::add::check_name;
use crate::action::{Action, ActionContext};
use crate::actions::vm::definition::{self, Edit};
use crate::failure::Result;

/// Change a template.
pub struct Update {
    /// Which.
    pub template: TemplateId,
    /// Its new name.
    pub name: Option<String>,
    /// Its version's new name.
    pub version_name: Option<String>,
    /// What of its definition changes.
    pub edit: Edit,
    /// Its name, as far as it is known.
    pub was: Option<String>,
}

#[async_trait]
impl Action for Update {
    type Output = ();

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<()> {
        let known = cx.tx.templates().get(&[self.template]).await?.pop();
        let known = known.ok_or_else(|| Refusal::no_such("Template", self.template))?;
        self.was = Some(known.name.clone());
        cx.require(Permit::EditTemplateProperties, self.template).await?;
        super::check_not_blank(&known, "changed")?;
        let Some(cluster) = known.cluster else { return Err(Refusal::no_such("Cluster", self.template).into()) };
        let cluster = cx.tx.clusters().get(&[cluster]).await?.pop();
        let cluster = cluster.ok_or_else(|| Refusal::no_such("Cluster", self.template))?;
        cx.tx.data_centers().lock_row(cluster.data_center).await?;
        let mut template = super::free(cx, self.template).await?;
        if let Some(name) = self.name.as_ref().filter(|name| **name != template.name) {
            names::check(NameKind::Template, "Template", name)?;
            let same = cx.tx.templates().by_name(name).await?;
            check_name(cx, same, name, &cluster).await?;
            if cx.tx.templates().versions(template.base).await?.len() > 1 {
                return Err(Refusal::rule("A template with several versions can't be renamed.").into());
            }
            template.name.clone_from(name);
        }
        if let Some(name) = &self.version_name {
            template.version_name.clone_from(name);
        }
        let given = template.definition.clone();
        definition::change(&mut template.definition, &self.edit)?;
        let administer = Permit::EditAdminTemplateProperties;
        definition::require(cx, template.id, administer, &given, &template.definition).await?;
        definition::check(&template.definition, &cluster)?;
        cx.tx.templates().put(&template).await?;
        cx.tx.changed(template.id, Change::Updated);
        cx.log(sentences::USER_UPDATE_VM_TEMPLATE.draft().template(template.id, template.name));
        Ok(())
    }

    fn failed(&self) -> Option<EventDraft> {
        Some(sentences::USER_FAILED_UPDATE_VM_TEMPLATE.draft().template(self.template, self.was.clone()?))
    }
}
