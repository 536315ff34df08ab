//! Cluster levels with the CPU types and permits that go with them.

use ferrovirt_model::catalogue::cluster_levels::ClusterLevel;
use ferrovirt_model::catalogue::cpu_types::{self, CpuType};
use ferrovirt_model::permits::{Permit, RoleKind};
use ferrovirt_wire::types;

use crate::api::call::Call;
use crate::api::fault::Fault;
use crate::api::follow::Follow;
use crate::api::hrefs::Hrefs;
use crate::api::registry::{Answer, Registry};
use crate::api::reply::Reply;
use crate::resources::related::{many, one, put};
use crate::resources::shared::{decorate, number, word};

pub(super) fn register(r: &mut Registry) {
    r.on("ClusterLevelsService", "list", list);
    r.on("ClusterLevelService", "get", get);
    // No feature of a level is optional here.
    r.on("ClusterFeaturesService", "list", no_features);
}

async fn list(call: Call) -> Answer {
    many(&call, ClusterLevel::SUPPORTED.iter().map(|level| to_wire(&call.hrefs, *level)).collect()).await
}

async fn get(call: Call) -> Answer {
    one(&call, to_wire(&call.hrefs, asked(&call)?)).await
}

async fn no_features(call: Call) -> Answer {
    asked(&call)?;
    Ok(Reply::ok(types::List::<types::ClusterFeature>::default()))
}

/// The lists below levels that are followed.
pub(crate) async fn lists(_: &Call, follow: &Follow, shown: &mut [types::ClusterLevel]) -> Result<(), Fault> {
    if follow.wants("cluster_features") {
        put(shown, |one| &mut one.cluster_features, Vec::new());
    }
    Ok(())
}

fn asked(call: &Call) -> Result<ClusterLevel, Fault> {
    let level: ClusterLevel = call.id("level")?;
    if level.is_supported() { Ok(level) } else { Err(Fault::no_such("ClusterLevel", &level.to_string())) }
}

fn to_wire(hrefs: &Hrefs, level: ClusterLevel) -> types::ClusterLevel {
    let permits = Permit::ALL.iter().map(|permit| types::Permit {
        id: Some(permit.id().to_string()),
        name: Some(permit.name().to_owned()),
        administrative: Some(permit.kind() == RoleKind::Admin),
        ..Default::default()
    });
    let mut one = types::ClusterLevel {
        cpu_types: Some(cpu_types::at_level(level).iter().map(cpu_type).collect()),
        permits: Some(permits.collect()),
        ..Default::default()
    };
    decorate("ClusterLevelService", &hrefs.of("clusterlevels", level), level, &mut one);
    one
}

fn cpu_type(from: &CpuType) -> types::CpuType {
    types::CpuType {
        architecture: word(from.architecture().as_str()),
        level: number(from.rank),
        name: Some(from.name.to_owned()),
    }
}
