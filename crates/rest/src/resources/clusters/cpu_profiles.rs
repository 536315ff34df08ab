//! CPU profiles: all of them, and those of one cluster.

use ferrovirt_engine::reading::clusters::CpuProfile;
use ferrovirt_model::ids::ClusterId;
use ferrovirt_wire::types;

use crate::api::call::Call;
use crate::api::fault::Fault;
use crate::api::hrefs::Hrefs;
use crate::api::links::reference;
use crate::api::registry::{Answer, Registry};
use crate::resources::related::{many, one};
use crate::resources::shared::decorate;

pub(super) fn register(r: &mut Registry) {
    r.on("CpuProfilesService", "list", list);
    r.on("CpuProfileService", "get", get);
    r.on("AssignedCpuProfilesService", "list", list_assigned);
    r.on("AssignedCpuProfileService", "get", get_assigned);
}

async fn list(call: Call) -> Answer {
    let found = call.engine().cpu_profiles(&call.caller, None).await?;
    many(&call, found.iter().map(|one| to_wire(&call.hrefs, one)).collect()).await
}

async fn get(call: Call) -> Answer {
    let found = call.engine().cpu_profile(&call.caller, call.id("profile")?).await?;
    one(&call, to_wire(&call.hrefs, &found)).await
}

async fn list_assigned(call: Call) -> Answer {
    let cluster: ClusterId = call.id("cluster")?;
    call.engine().cluster(&call.caller, cluster).await?;
    let found = call.engine().cpu_profiles(&call.caller, Some(&[cluster])).await?;
    many(&call, found.iter().map(|one| to_wire(&call.hrefs, one)).collect()).await
}

async fn get_assigned(call: Call) -> Answer {
    let cluster: ClusterId = call.id("cluster")?;
    let found = call.engine().cpu_profile(&call.caller, call.id("profile")?).await?;
    if found.cluster != cluster {
        return Err(Fault::not_found());
    }
    one(&call, to_wire(&call.hrefs, &found)).await
}

/// The document of a CPU profile.
pub(crate) fn to_wire(hrefs: &Hrefs, from: &CpuProfile) -> types::CpuProfile {
    let mut one = types::CpuProfile {
        name: Some(from.name.clone()),
        description: Some(from.description.clone()),
        cluster: Some(Box::new(reference(hrefs.of("clusters", from.cluster), from.cluster))),
        ..Default::default()
    };
    decorate("CpuProfileService", &hrefs.of("cpuprofiles", from.id), from.id, &mut one);
    one
}
