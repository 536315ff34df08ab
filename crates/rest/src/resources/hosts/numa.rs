//! NUMA nodes of hosts.

use ferrovirt_engine::reading::hosts::HostView;
use ferrovirt_model::host::NumaNode;
use ferrovirt_model::ids::HostId;
use ferrovirt_wire::types;

use crate::api::call::Call;
use crate::api::fault::Fault;
use crate::api::hrefs::Hrefs;
use crate::api::links::reference;
use crate::api::registry::{Answer, Registry};
use crate::resources::related::{many, one};
use crate::resources::shared::{derived_id, number};

/// Memory of nodes is counted in MiB on the wire.
const MIB: u64 = 1 << 20;

pub(super) fn register(r: &mut Registry) {
    r.on("HostNumaNodesService", "list", list);
    r.on("HostNumaNodeService", "get", get);
}

async fn list(call: Call) -> Answer {
    many(&call, of(&call).await?).await
}

async fn get(call: Call) -> Answer {
    let id = call.text_id("node")?;
    let found = of(&call).await?.into_iter().find(|one| one.id.as_deref() == Some(id));
    one(&call, found.ok_or_else(|| Fault::no_such("NumaNode", id))?).await
}

async fn of(call: &Call) -> Result<Vec<types::NumaNode>, Fault> {
    let host: HostId = call.id("host")?;
    let view = call.engine().host_view(&call.caller, host).await?;
    Ok(present(&call.hrefs, &view))
}

/// The NUMA nodes of a host as documents.
pub(super) fn present(hrefs: &Hrefs, view: &HostView) -> Vec<types::NumaNode> {
    let nodes = view.facts.iter().flat_map(|facts| &facts.numa_nodes);
    nodes.map(|node| to_wire(hrefs, view.host.id, node)).collect()
}

fn to_wire(hrefs: &Hrefs, host: HostId, node: &NumaNode) -> types::NumaNode {
    let id = derived_id(host.0, &format!("numa node {}", node.index));
    let cores = node.cpus.iter().map(|cpu| types::Core { index: number(*cpu), socket: None });
    types::NumaNode {
        href: Some(hrefs.within("hosts", host, "numanodes", id)),
        id: Some(id.to_string()),
        cpu: Some(types::Cpu { cores: Some(cores.collect()), ..Default::default() }),
        index: number(node.index),
        memory: number(node.memory / MIB),
        host: Some(Box::new(reference(hrefs.of("hosts", host), host))),
        ..Default::default()
    }
}
