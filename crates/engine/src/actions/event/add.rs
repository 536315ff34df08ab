//! Write an entry into the event log for a program outside.

use async_trait::async_trait;
use ferrovirt_model::event::{About, LogEntry, Severity};
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::ids::{ObjectKind, ObjectRef};
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_store::Areas;
use ferrovirt_store::tx::NewEvent;

use crate::action::{Action, ActionContext, event};
use crate::actions::objects;
use crate::core::Engine;
use crate::failure::Result;
use crate::session::Caller;

/// The longest sentence that is taken, in characters.
const LONGEST: usize = 4000;
/// The origin that is the engine's own.
const OWN_ORIGIN: &str = "oVirt";

/// Write an entry.
#[derive(Clone, Debug)]
pub struct Add {
    /// The sentence.
    pub message: String,
    /// How bad it is.
    pub severity: Severity,
    /// The program.
    pub origin: String,
    /// The program's number for it.
    pub custom_id: i32,
    /// Seconds in which the same is not written again.
    pub flood_rate: Option<i32>,
    /// The program's data.
    pub custom_data: Option<String>,
    /// What it is about: VMs, hosts, templates, clusters, data centres, storage domains.
    pub about: Vec<ObjectRef>,
}

#[async_trait]
impl Action for Add {
    type Output = NewEvent;

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<NewEvent> {
        cx.require(Permit::InjectExternalEvents, ObjectRef::SYSTEM).await?;
        self.check()?;
        let sentence = match self.severity {
            Severity::Normal => sentences::EXTERNAL_EVENT_NORMAL,
            Severity::Warning => sentences::EXTERNAL_EVENT_WARNING,
            Severity::Error => sentences::EXTERNAL_EVENT_ERROR,
            Severity::Alert => sentences::EXTERNAL_ALERT,
        };
        let mut draft = sentence.draft().with("Message", &self.message);
        for object in &self.about {
            cx.require(Permit::InjectExternalEvents, *object).await?;
            let name = objects::name(&mut cx.tx, *object).await?;
            name_in(&mut draft.about, *object, name)?;
        }
        let session = &cx.caller.session;
        let draft = draft.user(session.user, session.principal.clone());
        let entry = NewEvent {
            origin: self.origin.clone(),
            custom_id: Some(self.custom_id),
            flood_rate: self.flood_rate.filter(|seconds| *seconds > 0),
            custom_data: self.custom_data.clone(),
            ..event(&draft, &cx.caller.correlation_id, cx.now)
        };
        cx.tx.log(entry.clone());
        cx.job_tells();
        Ok(entry)
    }

    fn failed(&self) -> Option<EventDraft> {
        None
    }
}

impl Add {
    fn check(&self) -> Result<()> {
        if self.message.trim().is_empty() {
            return Err(Refusal::Missing { entity: "Event", field: "description" }.into());
        }
        if self.message.chars().count() > LONGEST {
            let why = format!("at most {LONGEST} characters may be used");
            return Err(Refusal::bad_value("description", "(long)", why).into());
        }
        if self.origin.trim().is_empty() {
            return Err(Refusal::Missing { entity: "Event", field: "origin" }.into());
        }
        if self.origin.eq_ignore_ascii_case(OWN_ORIGIN) {
            return Err(Refusal::bad_value("origin", &self.origin, "it is the engine's own").into());
        }
        Ok(())
    }
}

fn name_in(about: &mut About, object: ObjectRef, name: String) -> Result<()> {
    let id = object.id;
    match object.kind {
        ObjectKind::Vm => about.vm = Some((id.into(), name)),
        ObjectKind::Host => about.host = Some((id.into(), name)),
        ObjectKind::Template => about.template = Some((id.into(), name)),
        ObjectKind::Cluster => about.cluster = Some((id.into(), name)),
        ObjectKind::DataCenter => about.data_center = Some((id.into(), name)),
        ObjectKind::StorageDomain => about.storage_domain = Some((id.into(), name)),
        other => {
            return Err(Refusal::rule(format!("An event can't be about a {}.", objects::word(other))).into());
        }
    }
    Ok(())
}

impl Engine {
    /// Writes an entry for a program outside, and reads it back: where the same was written a moment ago, that one.
    ///
    /// # Errors
    /// As any action.
    pub async fn add_event(&self, caller: &Caller, ask: Add) -> Result<LogEntry> {
        let written = self.act(caller, ask).await?.value;
        let newest = self.store().read().await?.events().newest_like(&written).await?;
        newest.ok_or_else(|| Refusal::no_such("Event", written.message).into())
    }
}
