//! What users ask of vNIC profiles.

mod add;
mod remove;
mod update;

use ferrovirt_model::catalogue::network_filters;
use ferrovirt_model::ids::VnicProfileId;
use ferrovirt_model::network::{Network, VnicProfile};
use ferrovirt_model::refusal::Refusal;
use ferrovirt_plan::names::{self, NameKind};
use ferrovirt_store::Areas;
use uuid::Uuid;

use crate::action::ActionContext;
use crate::failure::Result;

pub use add::Add;
pub use remove::Remove;
pub use update::Update;

/// What a request says of a profile; what it leaves open stays or takes its default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// The name.
    pub name: Option<String>,
    /// Free text.
    pub description: Option<String>,
    /// Free text.
    pub comment: Option<String>,
    /// The id of a packet filter; `Some(None)`: unfiltered.
    pub filter: Option<Option<Uuid>>,
    /// The VM sees all traffic.
    pub port_mirroring: Option<bool>,
    /// The VM gets a virtual function of the host's NIC.
    pub pass_through: Option<bool>,
    /// A VM with a virtual function may be moved.
    pub migratable: Option<bool>,
}

/// The profile that a new network gets.
#[must_use]
pub(super) fn default_of(network: &Network) -> VnicProfile {
    VnicProfile {
        id: VnicProfileId(Uuid::new_v4()),
        name: network.name.clone(),
        network: network.id,
        description: String::new(),
        comment: String::new(),
        filter: default_filter(),
        port_mirroring: false,
        pass_through: false,
        migratable: true,
    }
}

/// The filter of profiles that name none.
fn default_filter() -> Option<String> {
    network_filters::network_filter(network_filters::NO_MAC_SPOOFING).map(|filter| filter.name.to_owned())
}

impl Wish {
    /// Lays the wish over what is there, and looks whether it can be meant.
    async fn lay_over(&self, cx: &mut ActionContext<'_>, profile: &mut VnicProfile) -> Result<()> {
        if let Some(name) = &self.name {
            names::check(NameKind::VnicProfile, "VnicProfile", name)?;
            let others = cx.tx.networks().profiles_of(Some(profile.network)).await?;
            if others.iter().any(|other| other.id != profile.id && other.name == *name) {
                return Err(Refusal::NameTaken { kind: "VM network interface profile", name: name.clone() }.into());
            }
            profile.name.clone_from(name);
        }
        profile.description = self.description.clone().unwrap_or_else(|| profile.description.clone());
        profile.comment = self.comment.clone().unwrap_or_else(|| profile.comment.clone());
        profile.port_mirroring = self.port_mirroring.unwrap_or(profile.port_mirroring);
        profile.pass_through = self.pass_through.unwrap_or(profile.pass_through);
        profile.migratable = self.migratable.unwrap_or(profile.migratable);
        match self.filter {
            Some(Some(id)) => {
                let filter =
                    network_filters::network_filter(id).ok_or_else(|| Refusal::no_such("NetworkFilter", id))?;
                profile.filter = Some(filter.name.to_owned());
            }
            Some(None) => profile.filter = None,
            None => {}
        }
        if !profile.pass_through {
            return Ok(());
        }
        if profile.port_mirroring {
            return Err(Refusal::rule("Port mirroring can't be enabled on a passthrough vNIC profile.").into());
        }
        if matches!(self.filter, Some(Some(_))) {
            return Err(Refusal::rule("A passthrough vNIC profile can't have a network filter.").into());
        }
        profile.filter = None;
        Ok(())
    }
}
