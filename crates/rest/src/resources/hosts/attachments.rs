//! Which networks stand on which NICs of a host, as it reports them.

use ferrovirt_model::network::HostNic;
use ferrovirt_wire::types;

use super::nics;
use crate::api::call::Call;
use crate::api::fault::Fault;
use crate::api::hrefs::Hrefs;
use crate::api::links::reference;
use crate::api::registry::{Answer, Registry};
use crate::api::reply::Reply;
use crate::resources::shared::{decorate, derived_id, word};

pub(super) fn register(r: &mut Registry) {
    r.on("NetworkAttachmentsService", "list", list);
    r.on("NetworkAttachmentService", "get", get);
}

async fn list(call: Call) -> Answer {
    Ok(Reply::ok(types::List::from(of(&call).await?)))
}

async fn get(call: Call) -> Answer {
    let id = call.text_id("attachment")?;
    let found = of(&call).await?.into_iter().find(|one| one.id.as_deref() == Some(id));
    Ok(Reply::ok(found.ok_or_else(|| Fault::no_such("NetworkAttachment", id))?))
}

/// Those of the host, or of the one NIC that the path names.
async fn of(call: &Call) -> Result<Vec<types::NetworkAttachment>, Fault> {
    let all = nics::of(call).await?;
    let only = call.ids.iter().find(|(name, _)| *name == "nic").map(|(_, id)| id.as_str());
    let shown = all
        .iter()
        .filter(|nic| nic.kind != "bridge" || !all.iter().any(|one| one.kind != "bridge" && one.network == nic.network))
        .filter(|nic| only.is_none_or(|id| nic.id.to_string() == id))
        .filter_map(|nic| to_wire(&call.hrefs, nic, &all));
    Ok(shown.collect())
}

fn to_wire(hrefs: &Hrefs, nic: &HostNic, all: &[HostNic]) -> Option<types::NetworkAttachment> {
    let network = nic.network?;
    let id = derived_id(nic.host.0, &network.to_string());
    let addressed = all.iter().find(|one| one.kind == "bridge" && one.network == nic.network).unwrap_or(nic);
    let assignment = nics::ipv4(addressed).map(|ip| types::IpAddressAssignment {
        assignment_method: word(if addressed.ipv4_method.is_empty() { "static" } else { &addressed.ipv4_method }),
        ip: Some(ip),
    });
    let mut one = types::NetworkAttachment {
        in_sync: Some(true),
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
