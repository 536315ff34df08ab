//! A VM and the host that it runs on, as the event log names them where what was asked of the VM comes to nothing. Refuses
//! to know what was asked.

use ferrovirt_model::events::{EventDraft, EventSentence};
use ferrovirt_model::ids::{HostId, VmId};
use ferrovirt_store::Areas;

use crate::action::ActionContext;
use crate::failure::Result;

/// What stands for the host of a VM that runs on none.
const NO_HOST: &str = "none";

/// The names, as far as they are known.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    /// The VM's.
    pub(super) vm: Option<String>,
    host: Option<(HostId, String)>,
}

impl Known {
    /// Looks for them; of a VM that there is not, nothing is known.
    ///
    /// # Errors
    /// Trouble with the store.
    pub(super) async fn find(cx: &mut ActionContext<'_>, vm: VmId) -> Result<Self> {
        let Some(view) = cx.tx.vms().view(vm).await? else { return Ok(Self::default()) };
        let host = match view.run {
            Some(run) => cx.tx.hosts().get(run.host).await?,
            None => None,
        };
        Ok(Self { vm: Some(view.vm.name), host: host.map(|host| (host.id, host.name)) })
    }

    /// The draft of an entry; none of a VM that nobody found.
    pub(super) fn draft(&self, sentence: EventSentence, vm: VmId) -> Option<EventDraft> {
        let draft = sentence.draft().vm(vm, self.vm.clone()?);
        Some(match &self.host {
            Some((id, name)) => draft.host(*id, name.clone()),
            None => draft.with("VdsName", NO_HOST),
        })
    }
}
