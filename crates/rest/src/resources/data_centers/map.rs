//! A data centre as a document, and back.

use ferrovirt_engine::actions::data_center::Wish;
use ferrovirt_model::catalogue::cluster_levels::ClusterLevel;
use ferrovirt_model::data_center::{DataCenter, DataCenterStatus, QuotaMode};
use ferrovirt_wire::types;

use crate::api::fault::Fault;
use crate::api::hrefs::Hrefs;
use crate::api::links::reference;
use crate::api::unserved::{other, refuse};
use crate::resources::shared::{decorate, level, read_id, read_level, word};

pub(super) fn to_wire(hrefs: &Hrefs, from: &DataCenter) -> types::DataCenter {
    let mut one = types::DataCenter {
        name: Some(from.name.clone()),
        description: Some(from.description.clone()),
        comment: Some(from.comment.clone()),
        local: Some(from.local),
        quota_mode: Some(match from.quota_mode {
            QuotaMode::Disabled => types::QuotaModeType::Disabled,
            QuotaMode::Audit => types::QuotaModeType::Audit,
            QuotaMode::Enabled => types::QuotaModeType::Enabled,
        }),
        status: Some(match from.status {
            DataCenterStatus::Uninitialized => types::DataCenterStatus::Uninitialized,
            DataCenterStatus::Up => types::DataCenterStatus::Up,
            DataCenterStatus::Maintenance => types::DataCenterStatus::Maintenance,
            DataCenterStatus::NotOperational => types::DataCenterStatus::NotOperational,
            DataCenterStatus::Problematic => types::DataCenterStatus::Problematic,
        }),
        storage_format: (from.status != DataCenterStatus::Uninitialized)
            .then(|| word(ClusterLevel::from(from.version).storage_format()))
            .flatten(),
        supported_versions: Some(types::List::from(vec![level(from.version)])),
        version: Some(Box::new(level(from.version))),
        mac_pool: Some(Box::new(reference(hrefs.of("macpools", from.mac_pool), from.mac_pool))),
        ..Default::default()
    };
    decorate("DataCenterService", &hrefs.of("datacenters", from.id), from.id, &mut one);
    one
}

pub(super) fn from_wire(body: &types::DataCenter) -> Result<Wish, Fault> {
    // Nobody counts against a quota here, so none is enforced and none is logged.
    refuse("data_center", &[("quota_mode", other(body.quota_mode.as_ref(), &types::QuotaModeType::Disabled))])?;
    Ok(Wish {
        name: body.name.clone(),
        description: body.description.clone(),
        comment: body.comment.clone(),
        local: body.local,
        version: read_level(body.version.as_deref()),
        quota_mode: body.quota_mode.map(|mode| match mode {
            types::QuotaModeType::Enabled => QuotaMode::Enabled,
            types::QuotaModeType::Audit => QuotaMode::Audit,
            types::QuotaModeType::Disabled => QuotaMode::Disabled,
        }),
        mac_pool: read_id("MacPool", body.mac_pool.as_ref().and_then(|pool| pool.id.as_deref()))?,
    })
}
