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
    let wanted = name_sought(&call)?;
    let shown: types::List<types::InstanceType> = instance_types::INSTANCE_TYPES
        .iter()
        .filter(|one| wanted.as_deref().is_none_or(|name| one.name.eq_ignore_ascii_case(name)))
        .map(|one| to_wire(&call.hrefs, one))
        .collect();
    Ok(Reply::ok(shown))
}

async fn get(call: Call) -> Answer {
    let id: Uuid = call.id("instance_type")?;
    let found = instance_types::instance_type(id).ok_or_else(|| Fault::no_such("InstanceType", &id.to_string()))?;
    Ok(Reply::ok(to_wire(&call.hrefs, found)))
}

/// Five fixed sizes need no search engine: a name is what clients look them up by; other searches are refused.
fn name_sought(call: &Call) -> Result<Option<String>, Fault> {
    let Some(search) = call.params.filled("search").map(str::trim) else { return Ok(None) };
    let name = search.strip_prefix("name").map(str::trim_start).and_then(|rest| rest.strip_prefix('='));
    match name.map(|name| name.trim().trim_matches('"')) {
        Some(name) if !name.contains([' ', '*']) => Ok(Some(name.to_owned())),
        _ => Err(Fault::bad_parameter("search", search, "a search of the form name=NAME")),
    }
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
