//! Change a storage domain's name, texts and thresholds.

use async_trait::async_trait;
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::ids::StorageDomainId;
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::storage::lifecycle::{self, Ask};
use ferrovirt_plan::names::{self, NameKind};
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;

use crate::action::{Action, ActionContext};
use crate::actions::named::name_taken;
use crate::failure::Result;

/// What is to be different; what is left out stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Unique.
    pub name: Option<String>,
    /// Free text.
    pub description: Option<String>,
    /// Free text.
    pub comment: Option<String>,
    /// Overwrite removed disks.
    pub wipe_after_delete: Option<bool>,
    /// Give removed space back.
    pub discard_after_delete: Option<bool>,
    /// Its disks can't be run.
    pub backup: Option<bool>,
    /// Percent, 0 to 100.
    pub warning_low_space_percent: Option<u32>,
    /// GiB.
    pub critical_space_gib: Option<u32>,
}

/// Update a domain.
#[derive(Clone, Debug)]
pub struct Update {
    /// The domain.
    pub domain: StorageDomainId,
    /// What is to be different.
    pub settings: Settings,
    name: Option<String>,
}

impl Update {
    /// Changes `domain`.
    #[must_use]
    pub fn new(domain: StorageDomainId, settings: Settings) -> Self {
        Self { domain, settings, name: None }
    }
}

#[async_trait]
impl Action for Update {
    type Output = ();

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<()> {
        let (mut domain, host_up) = super::locked(cx, self.domain).await?;
        self.name = Some(domain.name.clone());
        cx.require(Permit::EditStorageDomainConfiguration, self.domain).await?;
        lifecycle::may(&domain, host_up, Ask::Update)?;
        let wanted = self.settings.clone();
        if let Some(name) = wanted.name.filter(|name| *name != domain.name) {
            names::check(NameKind::StorageDomain, "StorageDomain", &name)?;
            if cx.tx.storage().id_by_name(&name).await?.is_some() {
                return Err(Refusal::NameTaken { kind: "Storage Domain", name }.into());
            }
            domain.name = name;
        }
        domain.description = wanted.description.unwrap_or(domain.description);
        domain.comment = wanted.comment.unwrap_or(domain.comment);
        domain.wipe_after_delete = wanted.wipe_after_delete.unwrap_or(domain.wipe_after_delete);
        domain.discard_after_delete = wanted.discard_after_delete.unwrap_or(domain.discard_after_delete);
        domain.backup = wanted.backup.unwrap_or(domain.backup);
        domain.warning_low_space_percent = wanted.warning_low_space_percent.unwrap_or(domain.warning_low_space_percent);
        domain.critical_space_gib = wanted.critical_space_gib.unwrap_or(domain.critical_space_gib);
        if domain.warning_low_space_percent > 100 {
            let given = domain.warning_low_space_percent;
            return Err(Refusal::bad_value("warning_low_space_indicator", given, "it is 0 to 100 percent").into());
        }
        let taken = |error| name_taken(error, "Storage Domain", &domain.name);
        cx.tx.storage().update(&domain).await.map_err(taken)?;
        cx.tx.changed(domain.id, Change::Updated);
        cx.log(sentences::USER_UPDATE_STORAGE_DOMAIN.draft().storage_domain(domain.id, domain.name));
        Ok(())
    }

    fn failed(&self) -> Option<EventDraft> {
        let draft = sentences::USER_UPDATE_STORAGE_DOMAIN_FAILED.draft();
        Some(draft.storage_domain(self.domain, self.name.clone()?))
    }
}
