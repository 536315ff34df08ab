//! What users ask of logical networks.

mod add;
mod remove;
mod update;

use ferrovirt_model::events::EventDraft;
use ferrovirt_model::ids::NetworkId;
use ferrovirt_model::network::Network;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_plan::names::{self, NameKind};
use ferrovirt_store::Areas;

use crate::action::ActionContext;
use crate::failure::Result;

pub use add::Add;
pub use remove::Remove;
pub use update::Update;

/// What a request says of a network; what it leaves open stays or takes its default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// The name.
    pub name: Option<String>,
    /// Free text.
    pub description: Option<String>,
    /// Free text.
    pub comment: Option<String>,
    /// The tag; `Some(None)`: untagged.
    pub vlan: Option<Option<i64>>,
    /// Bytes, 0: the default.
    pub mtu: Option<i64>,
    /// VMs may join it.
    pub vm_network: Option<bool>,
    /// Spanning tree on the bridge.
    pub stp: Option<bool>,
    /// VMs on it can't reach each other.
    pub port_isolation: Option<bool>,
}

/// The network, or that there is none.
pub(super) async fn find(cx: &mut ActionContext<'_>, id: NetworkId) -> Result<Network> {
    cx.tx.networks().get(&[id]).await?.pop().ok_or_else(|| Refusal::no_such("Network", id).into())
}

/// Names the network and its data centre in an event.
pub(super) async fn about(cx: &mut ActionContext<'_>, draft: EventDraft, network: &Network) -> Result<EventDraft> {
    let draft = draft.network(&network.name);
    let data_center = cx.tx.data_centers().get(&[network.data_center]).await?.pop();
    Ok(match data_center {
        Some(data_center) => draft.data_center(data_center.id, data_center.name),
        None => draft,
    })
}

impl Wish {
    /// Lays the wish over what is there, and looks whether it can be meant.
    async fn lay_over(&self, cx: &mut ActionContext<'_>, network: &mut Network) -> Result<()> {
        let others = cx.tx.networks().of_data_centers(&[network.data_center]).await?;
        let others: Vec<&Network> = others.iter().filter(|other| other.id != network.id).collect();
        if let Some(name) = &self.name {
            names::check(NameKind::Network, "Network", name)?;
            if others.iter().any(|other| other.name == *name) {
                return Err(Refusal::NameTaken { kind: "Network", name: name.clone() }.into());
            }
            network.name.clone_from(name);
        }
        if let Some(vlan) = self.vlan {
            network.vlan = vlan.map(tag).transpose()?;
        }
        if let Some(holder) = others.iter().find(|other| network.vlan.is_some() && other.vlan == network.vlan) {
            let sentence = format!("VLAN ID is already in use by the network {} of the same Data Center.", holder.name);
            return Err(Refusal::rule(sentence).into());
        }
        if let Some(mtu) = self.mtu {
            network.mtu = size(mtu)?;
        }
        network.description = self.description.clone().unwrap_or_else(|| network.description.clone());
        network.comment = self.comment.clone().unwrap_or_else(|| network.comment.clone());
        network.vm_network = self.vm_network.unwrap_or(network.vm_network);
        network.stp = self.stp.unwrap_or(network.stp);
        network.port_isolation = self.port_isolation.unwrap_or(network.port_isolation);
        if network.stp && !network.vm_network {
            return Err(Refusal::rule("STP can only be enabled on VM Networks.").into());
        }
        Ok(())
    }
}

/// A VLAN tag, by IEEE 802.1Q.
fn tag(vlan: i64) -> Result<u16> {
    let tag = u16::try_from(vlan).ok().filter(|tag| (1..=4094).contains(tag));
    tag.ok_or_else(|| Refusal::bad_value("vlan.id", vlan, "tags are 1 to 4094").into())
}

/// An MTU: what IPv4 needs at least (RFC 791), what Linux bridges take at most.
fn size(mtu: i64) -> Result<u32> {
    let size = u32::try_from(mtu).ok().filter(|size| *size == 0 || (68..=65_535).contains(size));
    size.ok_or_else(|| Refusal::bad_value("mtu", mtu, "it is 0 or 68 to 65535 bytes").into())
}
