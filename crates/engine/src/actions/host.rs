//! What users ask of hosts.

mod activate;
mod add;
mod approve;
mod confirm_rebooted;
mod deactivate;
mod refresh;
mod remove;
mod update;

use ferrovirt_model::cluster::Cluster;
use ferrovirt_model::host::Host;
use ferrovirt_model::ids::{ClusterId, HostId};
use ferrovirt_model::refusal::Refusal;
use ferrovirt_plan::names::{self, NameKind};
use ferrovirt_store::Areas;

use super::named::Named;
use crate::action::ActionContext;
use crate::failure::Result;

pub use activate::Activate;
pub use add::Add;
pub use approve::Approve;
pub use confirm_rebooted::ConfirmRebooted;
pub use deactivate::Deactivate;
pub use refresh::Refresh;
pub use remove::Remove;
pub use update::Update;

/// What a request says of a host; what it leaves open stays or takes its default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// The name.
    pub name: Option<String>,
    /// Free text.
    pub description: Option<String>,
    /// Free text.
    pub comment: Option<String>,
    /// Where the engine dials it.
    pub address: Option<String>,
    /// TCP port of its agent.
    pub port: Option<u16>,
    /// Its cluster.
    pub cluster: Option<Named<ClusterId>>,
    /// oVirt's SPM priority.
    pub spm_priority: Option<i64>,
}

impl Wish {
    /// Lays all but the cluster over what is there, and looks whether it can be meant.
    async fn lay_over(&self, cx: &mut ActionContext<'_>, host: &mut Host) -> Result<()> {
        if let Some(name) = &self.name {
            names::check(NameKind::Host, "Host", name)?;
            let holder = cx.tx.hosts().by_name(name).await?;
            if holder.is_some_and(|holder| holder.id != host.id) {
                return Err(Refusal::NameTaken { kind: "Host", name: name.clone() }.into());
            }
            host.name.clone_from(name);
        }
        if let Some(address) = &self.address {
            host.address = self.free_address(cx, host.id, address).await?;
        }
        if let Some(priority) = self.spm_priority {
            let known = i32::try_from(priority).ok().filter(|priority| (-1..=10).contains(priority));
            host.spm_priority =
                known.ok_or_else(|| Refusal::bad_value("spm.priority", priority, "priorities are -1 to 10"))?;
        }
        host.port = self.port.unwrap_or(host.port);
        host.description = self.description.clone().unwrap_or_else(|| host.description.clone());
        host.comment = self.comment.clone().unwrap_or_else(|| host.comment.clone());
        Ok(())
    }

    /// The address without its margins, where no other host has it.
    async fn free_address(&self, cx: &mut ActionContext<'_>, id: HostId, address: &str) -> Result<String> {
        let address = address.trim();
        let fits = !address.is_empty()
            && address.len() <= 255
            && address.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '.' | '-' | '_' | ':' | '%'));
        if !fits {
            return Err(Refusal::bad_value("address", address, "a host name or an IP address is needed").into());
        }
        let holder = cx.tx.hosts().all().await?.into_iter().find(|host| same_address(&host.address, address));
        if holder.is_some_and(|holder| holder.id != id) {
            let sentence = format!("Cannot use the address {address}: another Host has it already.");
            return Err(Refusal::rule(sentence).into());
        }
        Ok(address.to_owned())
    }
}

/// Host names differ in nothing but letters' case.
fn same_address(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

/// The cluster that a request names.
async fn cluster(cx: &mut ActionContext<'_>, named: &Named<ClusterId>) -> Result<Cluster> {
    let known = match named {
        Named::Id(id) => cx.tx.clusters().lock_row(*id).await?,
        Named::Name(name) => cx.tx.clusters().by_name(name).await?,
    };
    known.ok_or_else(|| Refusal::no_such("Cluster", named.text()).into())
}

/// The host, its row locked.
async fn locked(cx: &mut ActionContext<'_>, id: HostId) -> Result<Host> {
    cx.tx.hosts().lock_row(id).await?.ok_or_else(|| Refusal::no_such("Host", id).into())
}
