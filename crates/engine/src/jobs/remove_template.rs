//! Remove a template with its disks. Both are locked by this job.
//!
//! ```text
//!  remove each volume ─▶ remove the rows
//!        a host refuses: what is gone is gone; the template is illegal and can be removed again
//! ```

use std::time::Duration;

use async_trait::async_trait;
use ferrovirt_model::events::sentences;
use ferrovirt_model::ids::{DiskId, HostId, TemplateId};
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::storage::DiskState;
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;
use serde::{Deserialize, Serialize};

use super::{Job, JobContext, Turn, volumes};
use crate::failure::{Failure, Result};
use crate::hosts::reach;

/// The job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RemoveTemplate {
    /// The template.
    pub template: TemplateId,
    /// Its disks.
    pub disks: Vec<DiskId>,
    /// It was broken before.
    pub was_illegal: bool,
    /// Which disk is being removed.
    pub at: usize,
    /// The host that removes it, once it was chosen.
    pub host: Option<HostId>,
    /// The host that removed the disk before: it is asked again rather than another.
    pub last: Option<HostId>,
    /// How often a host was looked for.
    pub waits: u32,
}

/// So many seconds it waits for some host to come up: an engine that has just taken over has yet to hear from them.
const WAITS: u32 = 30;

impl RemoveTemplate {
    /// From the beginning.
    #[must_use]
    pub fn new(template: TemplateId, disks: Vec<DiskId>, was_illegal: bool) -> Self {
        Self { template, disks, was_illegal, at: 0, host: None, last: None, waits: 0 }
    }

    async fn finish(&self, cx: &mut JobContext<'_>) -> Result<()> {
        let tx = cx.tx().await?;
        let name = tx.templates().get(&[self.template]).await?.pop().map(|template| template.name);
        for disk in &self.disks {
            tx.permissions().forget((*disk).into()).await?;
            tx.disks().remove(*disk).await?;
            tx.changed(*disk, Change::Removed);
        }
        tx.permissions().forget(self.template.into()).await?;
        tx.templates().remove(self.template).await?;
        tx.changed(self.template, Change::Removed);
        let draft = sentences::USER_REMOVE_VM_TEMPLATE_FINISHED.draft();
        cx.log(draft.template(self.template, name.unwrap_or_default())).await
    }

    /// Frees everything; what may be gone from the storage is known to be broken.
    async fn settle(&self, cx: &mut JobContext<'_>) -> Result<()> {
        let tx = cx.tx().await?;
        let begun = self.at > 0 || self.host.is_some();
        for (number, disk) in self.disks.iter().enumerate() {
            if tx.disks().lock_row(*disk).await?.is_some() {
                let gone = number < self.at || (number == self.at && self.host.is_some());
                let state = if gone { DiskState::Illegal } else { DiskState::Ok };
                tx.disks().set_state(*disk, state, None).await?;
                tx.changed(*disk, Change::Updated);
            }
        }
        tx.templates().set_lock(self.template, None, self.was_illegal || begun).await?;
        tx.changed(self.template, Change::Updated);
        let name = tx.templates().get(&[self.template]).await?.pop().map(|template| template.name);
        let draft = sentences::USER_FAILED_REMOVE_VM_TEMPLATE.draft();
        cx.log(draft.template(self.template, name.unwrap_or_default())).await
    }
}

#[async_trait]
impl Job for RemoveTemplate {
    const KIND: &'static str = "remove_template";
    const DEADLINE: Duration = Duration::from_secs(3600);

    fn step(&self) -> (&'static str, String) {
        ("remove", format!("Removing disk {} of {}", self.disks.len().min(self.at + 1), self.disks.len()))
    }

    async fn forward(self, cx: &mut JobContext<'_>) -> Result<Turn<Self>> {
        let Some(id) = self.disks.get(self.at).copied() else {
            self.finish(cx).await?;
            return Ok(Turn::Done);
        };
        let next = Self { at: self.at + 1, host: None, last: self.host, waits: 0, ..self.clone() };
        let mut reader = cx.engine.store().read().await?;
        let Some(disk) = reader.disks().get(&[id]).await?.pop() else { return Ok(Turn::Next(next)) };
        let place = reach::place(&mut reader, &disk).await?;
        let host = match reach::keep_or_choose(&mut reader, &place.domain, self.host.or(self.last)).await {
            Err(Failure::Refused(Refusal::NoActiveHost)) if self.waits < WAITS => {
                return Ok(Turn::Wait(Self { waits: self.waits + 1, ..self }, Duration::from_secs(1)));
            }
            chosen => chosen?,
        };
        drop(reader);
        if self.host != Some(host) {
            return Ok(Turn::Next(Self { host: Some(host), ..self }));
        }
        volumes::remove(cx, host, &disk).await?;
        Ok(Turn::Next(next))
    }

    async fn unwind(self, cx: &mut JobContext<'_>) -> Result<Turn<Self>> {
        self.settle(cx).await?;
        Ok(Turn::Done)
    }

    async fn give_up(self, cx: &mut JobContext<'_>) -> Result<()> {
        self.settle(cx).await
    }
}
