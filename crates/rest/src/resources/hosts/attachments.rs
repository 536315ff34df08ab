//! Which networks stand on which NICs of a host, as it reports them.

use ferrovirt_engine::reading::hosts::in_sync;
use ferrovirt_model::network::{HostNic, Network};
use ferrovirt_wire::types;

use super::nics;
use crate::api::call::Call;
use crate::api::fault::Fault;
use crate::api::follow::distinct;
use crate::api::hrefs::Hrefs;
use crate::api::links::reference;
use crate::api::registry::{Answer, Registry};
use crate::resources::related::{many, one};
use crate::resources::shared::{decorate, derived_id, word};

pub(super) fn register(r: &mut Registry) {
    r.on("NetworkAttachmentsService", "list", list);
    r.on("NetworkAttachmentService", "get", get);
}

async fn list(call: Call) -> Answer {
    many(&call, of(&call).await?).await
}

async fn get(call: Call) -> Answer {
    let id = call.text_id("attachment")?;
    let found = of(&call).await?.into_iter().find(|one| one.id.as_deref() == Some(id));
    one(&call, found.ok_or_else(|| Fault::no_such("NetworkAttachment", id))?).await
}

/// Those of the host, or of the one NIC that the path names.
async fn of(call: &Call) -> Result<Vec<types::NetworkAttachment>, Fault> {
    let all = nics::of(call).await?;
    let mut shown = present(&call.hrefs, &all, &networks_on(call, &all).await?);
    if let Some((_, only)) = call.ids.iter().find(|(name, _)| *name == "nic") {
        shown.retain(|one| one.host_nic.as_ref().and_then(|nic| nic.id.as_ref()) == Some(only));
    }
    Ok(shown)
}

/// The networks that NICs name and that the caller may know of.
pub(super) async fn networks_on(call: &Call, nics: impl IntoIterator<Item = &HostNic>) -> Result<Vec<Network>, Fault> {
    let ids = distinct(nics.into_iter().filter_map(|nic| nic.network));
    Ok(call.engine().networks(&call.caller, &ids).await?)
}

/// The attachments of one host as documents, from all its NICs and the networks that they name.
pub(super) fn present(hrefs: &Hrefs, all: &[HostNic], networks: &[Network]) -> Vec<types::NetworkAttachment> {
    all.iter()
        .filter(|nic| nic.kind != "bridge" || !all.iter().any(|one| one.kind != "bridge" && one.network == nic.network))
        .filter_map(|nic| to_wire(hrefs, nic, all, networks))
        .collect()
}

fn to_wire(hrefs: &Hrefs, nic: &HostNic, all: &[HostNic], networks: &[Network]) -> Option<types::NetworkAttachment> {
    let network = nic.network?;
    let defined = networks.iter().find(|one| one.id == network);
    let id = derived_id(nic.host.0, &network.to_string());
    let addressed = all.iter().find(|one| one.kind == "bridge" && one.network == nic.network).unwrap_or(nic);
    let assignment = nics::ipv4(addressed).map(|ip| types::IpAddressAssignment {
        assignment_method: word(if addressed.ipv4_method.is_empty() { "static" } else { &addressed.ipv4_method }),
        ip: Some(ip),
    });
    let mut one = types::NetworkAttachment {
        in_sync: defined.map(|defined| in_sync(all, defined)),
        ip_address_assignments: Some(assignment.into_iter().collect()),
        host: Some(Box::new(reference(hrefs.of("hosts", nic.host), nic.host))),
        host_nic: Some(Box::new(reference(hrefs.within("hosts", nic.host, "nics", nic.id), nic.id))),
        network: Some(Box::new(reference(hrefs.of("networks", network), network))),
        ..Default::default()
    };
    let href = hrefs.within("hosts", nic.host, "networkattachments", id);
    decorate("NetworkAttachmentService", &href, id, &mut one);
    Some(one)
}
