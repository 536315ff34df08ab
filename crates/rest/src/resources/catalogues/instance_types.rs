//! Instance types: sizes for VMs.

use ferrovirt_model::catalogue::instance_types::{self, InstanceType};
use ferrovirt_wire::types;
use uuid::Uuid;

use crate::api::call::Call;
use crate::api::fault::Fault;
use crate::api::hrefs::Hrefs;
use crate::api::registry::{Answer, Registry};
use crate::api::reply::Reply;
use crate::resources::shared::{decorate, number};

/// Bytes in a MiB.
const MIB: u64 = 1 << 20;

pub(super) fn register(r: &mut Registry) {
    r.on("InstanceTypesService", "list", list);
    r.on("InstanceTypeService", "get", get);
}

async fn list(call: Call) -> Answer {
    let found = call.engine().list_instance_types(&call.list_query()?).await?;
    let shown: types::List<types::InstanceType> = found.into_iter().map(|one| to_wire(&call.hrefs, one)).collect();
    Ok(Reply::ok(shown))
}

async fn get(call: Call) -> Answer {
    let id: Uuid = call.id("instance_type")?;
    let found = instance_types::instance_type(id).ok_or_else(|| Fault::no_such("InstanceType", &id.to_string()))?;
    Ok(Reply::ok(to_wire(&call.hrefs, found)))
}

fn to_wire(hrefs: &Hrefs, from: &InstanceType) -> types::InstanceType {
    let memory = number(from.memory_mib * MIB);
    let mut one = types::InstanceType {
        name: Some(from.name.to_owned()),
        description: Some(from.description.to_owned()),
        cpu: Some(types::Cpu {
            topology: Some(types::CpuTopology { cores: Some(1), sockets: number(from.sockets), threads: Some(1) }),
            ..Default::default()
        }),
        memory,
        memory_policy: Some(types::MemoryPolicy {
            guaranteed: memory,
            max: number(from.max_memory_mib * MIB),
            ..Default::default()
        }),
        ..Default::default()
    };
    decorate("InstanceTypeService", &hrefs.of("instancetypes", from.id), from.id, &mut one);
    one
}
