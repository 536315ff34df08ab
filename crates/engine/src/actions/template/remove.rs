//! Remove a template that nothing stands on.

use async_trait::async_trait;
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::ids::{DiskId, JobId, TemplateId};
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::storage::{Disk, DiskState};
use ferrovirt_model::template::Template;
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;
use uuid::Uuid;

use crate::action::{Action, ActionContext};
use crate::failure::Result;
use crate::jobs::remove_template::RemoveTemplate;

/// Remove a template.
#[derive(Clone, Debug)]
pub struct Remove {
    template: TemplateId,
    name: Option<String>,
}

impl Remove {
    /// The end of `template`.
    #[must_use]
    pub fn new(template: TemplateId) -> Self {
        Self { template, name: None }
    }
}

#[async_trait]
impl Action for Remove {
    type Output = ();

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<()> {
        let template = cx.tx.templates().lock_row(self.template).await?;
        let template = template.ok_or_else(|| Refusal::no_such("Template", self.template))?;
        self.name = Some(template.name.clone());
        cx.require(Permit::DeleteTemplate, self.template).await?;
        check(cx, &template).await?;
        let disks = disks(cx, &template).await?;
        cx.log(sentences::USER_REMOVE_VM_TEMPLATE.draft().template(template.id, template.name.clone()));
        if disks.is_empty() {
            cx.tx.permissions().forget(template.id.into()).await?;
            cx.tx.templates().remove(template.id).await?;
            cx.tx.changed(template.id, Change::Removed);
            cx.log(sentences::USER_REMOVE_VM_TEMPLATE_FINISHED.draft().template(template.id, template.name));
            return Ok(());
        }
        let job = JobId(Uuid::new_v4());
        for disk in &disks {
            cx.tx.disks().set_state(disk.id, DiskState::Locked, Some(job)).await?;
            cx.tx.changed(disk.id, Change::Updated);
        }
        cx.tx.templates().set_lock(template.id, Some(job), template.illegal).await?;
        cx.tx.changed(template.id, Change::Updated);
        let work = RemoveTemplate::new(template.id, disks.iter().map(|disk| disk.id).collect(), template.illegal);
        cx.begin_as(job, &work, format!("Removing template {}", template.name), vec![template.id.into()]).await
    }

    fn failed(&self) -> Option<EventDraft> {
        Some(sentences::USER_FAILED_REMOVE_VM_TEMPLATE.draft().template(self.template, self.name.clone()?))
    }
}

async fn check(cx: &mut ActionContext<'_>, template: &Template) -> Result<()> {
    super::check_not_blank(template, "removed")?;
    super::check_free(template)?;
    let name = || template.name.clone();
    if template.definition.delete_protected {
        return Err(Refusal::DeleteProtected { what: "Template", name: name() }.into());
    }
    let vms = cx.tx.templates().vms_of(template.id).await?;
    if !vms.is_empty() {
        return Err(Refusal::InUse { what: "Template", name: name(), users: format!("VMs {}", vms.join(", ")) }.into());
    }
    let versions = cx.tx.templates().versions(template.base).await?;
    if template.base == template.id && versions.len() > 1 {
        return Err(Refusal::InUse { what: "Template", name: name(), users: "its other versions".to_owned() }.into());
    }
    Ok(())
}

/// The template's disks, their rows locked; none of them carries a layer of another disk.
async fn disks(cx: &mut ActionContext<'_>, template: &Template) -> Result<Vec<Disk>> {
    let mut ids: Vec<DiskId> =
        cx.tx.disks().of_templates(&[template.id]).await?.into_iter().map(|attachment| attachment.disk).collect();
    ids.sort();
    let mut disks = Vec::with_capacity(ids.len());
    for id in ids {
        let Some(disk) = cx.tx.disks().lock_row(id).await? else { continue };
        if disk.state == DiskState::Locked {
            return Err(Refusal::Locked { what: "Disk", name: disk.alias }.into());
        }
        let above = cx.tx.disks().standing_on(id).await?;
        if !above.is_empty() {
            let users = format!("disks {}", above.join(", "));
            return Err(Refusal::InUse { what: "Disk", name: disk.alias, users }.into());
        }
        disks.push(disk);
    }
    Ok(disks)
}
