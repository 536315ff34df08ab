//! A cluster as a document, and back.

use ferrovirt_engine::actions::cluster::Wish;
use ferrovirt_engine::actions::named::Named;
use ferrovirt_model::catalogue::policies;
use ferrovirt_model::cluster::{Cluster, ClusterSettings, MigrateOnError, SwitchType};
use ferrovirt_model::ids::NetworkId;
use ferrovirt_model::vm::{Firmware, MigrationOptions};
use ferrovirt_wire::types;
use uuid::Uuid;

use crate::api::fault::Fault;
use crate::api::hrefs::Hrefs;
use crate::api::links::reference;
use crate::api::unserved::{any, on, other, refuse};
use crate::resources::shared::{decorate, level, number, read_id, read_level, read_reference, word};

pub(super) fn to_wire(hrefs: &Hrefs, from: &Cluster, management: Option<NetworkId>) -> types::Cluster {
    let set = &from.settings;
    let policy = set.scheduling_policy.map_or(policies::NONE, |id| id.0);
    let mut one = types::Cluster {
        name: Some(from.name.clone()),
        description: Some(set.description.clone()),
        comment: Some(set.comment.clone()),
        ballooning_enabled: Some(set.ballooning),
        bios_type: Some(bios(set.firmware)),
        cpu: Some(cpu(set)),
        error_handling: Some(types::ErrorHandling { on_error: Some(on_error(set.on_error)) }),
        fencing_policy: Some(fencing(set)),
        fips_mode: Some(types::FipsMode::Undefined),
        firewall_type: Some(types::FirewallType::Firewalld),
        gluster_service: Some(false),
        ha_reservation: Some(set.ha_reservation),
        ksm: Some(types::Ksm { enabled: Some(set.ksm), merge_across_nodes: Some(set.ksm_merge_across_nodes) }),
        log_max_memory_used_threshold: Some(95),
        log_max_memory_used_threshold_type: Some(types::LogMaxMemoryUsedThresholdType::Percentage),
        maintenance_reason_required: Some(set.maintenance_reason_required),
        memory_policy: Some(types::MemoryPolicy {
            over_commit: Some(types::MemoryOverCommit { percent: number(set.memory_overcommit_percent) }),
            transparent_hugepages: Some(types::TransparentHugePages { enabled: Some(true) }),
            ..Default::default()
        }),
        migration: Some(migration(&set.migration)),
        optional_reason: Some(set.optional_reason),
        required_rng_sources: Some(types::RequiredRngSources { required_rng_source: vec![types::RngSource::Urandom] }),
        switch_type: Some(match set.switch {
            SwitchType::Legacy => types::SwitchType::Legacy,
            SwitchType::Ovs => types::SwitchType::Ovs,
        }),
        threads_as_cores: Some(set.threads_as_cores),
        trusted_service: Some(false),
        tunnel_migration: Some(false),
        upgrade_in_progress: Some(false),
        upgrade_percent_complete: Some(0),
        version: Some(Box::new(level(set.version))),
        virt_service: Some(set.virt_service),
        vnc_encryption: Some(set.vnc_encryption),
        data_center: Some(Box::new(reference(hrefs.of("datacenters", from.data_center), from.data_center))),
        mac_pool: set.mac_pool.map(|id| Box::new(reference(hrefs.of("macpools", id), id))),
        management_network: management
            .map(|id| Box::new(reference(hrefs.within("clusters", from.id, "networks", id), id))),
        scheduling_policy: Some(Box::new(reference(hrefs.of("schedulingpolicies", policy), policy))),
        ..Default::default()
    };
    decorate("ClusterService", &hrefs.of("clusters", from.id), from.id, &mut one);
    one
}

fn cpu(set: &ClusterSettings) -> types::Cpu {
    types::Cpu {
        architecture: Some(set.architecture.as_deref().and_then(word).unwrap_or(types::Architecture::Undefined)),
        r#type: Some(set.cpu_type.clone().unwrap_or_default()),
        ..Default::default()
    }
}

fn bios(firmware: Option<Firmware>) -> types::BiosType {
    match firmware {
        Some(Firmware::I440fxBios) => types::BiosType::I440fxSeaBios,
        Some(Firmware::Q35Bios) | None => types::BiosType::Q35SeaBios,
        Some(Firmware::Q35Uefi) => types::BiosType::Q35Ovmf,
        Some(Firmware::Q35SecureBoot) => types::BiosType::Q35SecureBoot,
    }
}

fn on_error(from: MigrateOnError) -> types::MigrateOnError {
    match from {
        MigrateOnError::Migrate => types::MigrateOnError::Migrate,
        MigrateOnError::MigrateHighlyAvailable => types::MigrateOnError::MigrateHighlyAvailable,
        MigrateOnError::DoNotMigrate => types::MigrateOnError::DoNotMigrate,
    }
}

fn fencing(set: &ClusterSettings) -> types::FencingPolicy {
    types::FencingPolicy {
        enabled: Some(set.fencing_enabled),
        skip_if_connectivity_broken: Some(types::SkipIfConnectivityBroken {
            enabled: Some(false),
            threshold: Some(50),
        }),
        skip_if_sd_active: Some(types::SkipIfSdActive { enabled: Some(false) }),
        ..Default::default()
    }
}

fn inherit(wish: Option<bool>) -> types::InheritableBoolean {
    match wish {
        None => types::InheritableBoolean::Inherit,
        Some(true) => types::InheritableBoolean::True,
        Some(false) => types::InheritableBoolean::False,
    }
}

fn migration(from: &MigrationOptions) -> types::MigrationOptions {
    let method = match from.bandwidth_mib {
        Some(_) => types::MigrationBandwidthAssignmentMethod::Custom,
        None => types::MigrationBandwidthAssignmentMethod::Auto,
    };
    types::MigrationOptions {
        auto_converge: Some(inherit(from.auto_converge)),
        bandwidth: Some(types::MigrationBandwidth {
            assignment_method: Some(method),
            // The wire counts megabits in a second.
            custom_value: from.bandwidth_mib.and_then(|mib| number(mib.saturating_mul(8))),
        }),
        compressed: Some(inherit(from.compressed)),
        encrypted: Some(inherit(from.encrypted)),
        custom_parallel_migrations: from.parallel.and_then(number),
        parallel_migrations_policy: Some(match from.parallel {
            Some(_) => types::ParallelMigrationsPolicy::Custom,
            None => types::ParallelMigrationsPolicy::Disabled,
        }),
        policy: from
            .policy
            .map(|id| Box::new(types::MigrationPolicy { id: Some(id.to_string()), ..Default::default() }))
            .or_else(default_policy),
    }
}

/// A cluster that names no policy moves VMs by the one with minimal downtime.
fn default_policy() -> Option<Box<types::MigrationPolicy>> {
    let level = ferrovirt_model::catalogue::cluster_levels::ClusterLevel::LATEST;
    let first = ferrovirt_model::catalogue::migration_policies::at_level(level).find(|one| !one.id.is_nil())?;
    Some(Box::new(types::MigrationPolicy { id: Some(first.id.to_string()), ..Default::default() }))
}

fn read_inherit(from: Option<types::InheritableBoolean>) -> Option<bool> {
    match from {
        Some(types::InheritableBoolean::True) => Some(true),
        Some(types::InheritableBoolean::False) => Some(false),
        Some(types::InheritableBoolean::Inherit) | None => None,
    }
}

/// How VMs move, as a cluster or a VM says it.
pub(crate) fn read_migration(from: &types::MigrationOptions) -> Result<MigrationOptions, Fault> {
    let policy: Option<Uuid> = read_id("MigrationPolicy", from.policy.as_ref().and_then(|one| one.id.as_deref()))?;
    let custom = from
        .bandwidth
        .as_ref()
        .filter(|bandwidth| bandwidth.assignment_method == Some(types::MigrationBandwidthAssignmentMethod::Custom));
    Ok(MigrationOptions {
        policy,
        auto_converge: read_inherit(from.auto_converge),
        compressed: read_inherit(from.compressed),
        encrypted: read_inherit(from.encrypted),
        bandwidth_mib: custom
            .and_then(|bandwidth| u64::try_from(bandwidth.custom_value?).ok())
            .map(|megabits| (megabits / 8).max(1)),
        parallel: from
            .custom_parallel_migrations
            .and_then(|count| u32::try_from(count).ok())
            .filter(|count| *count > 1),
    })
}

fn read_firmware(from: types::BiosType) -> Option<Firmware> {
    match from {
        types::BiosType::ClusterDefault => None,
        types::BiosType::I440fxSeaBios => Some(Firmware::I440fxBios),
        types::BiosType::Q35SeaBios => Some(Firmware::Q35Bios),
        types::BiosType::Q35Ovmf => Some(Firmware::Q35Uefi),
        types::BiosType::Q35SecureBoot => Some(Firmware::Q35SecureBoot),
    }
}

fn read_policy(body: &types::Cluster) -> Result<Option<Named<Uuid>>, Fault> {
    let policy = body.scheduling_policy.as_deref();
    let id = policy.and_then(|policy| policy.id.as_deref());
    read_reference("SchedulingPolicy", id, policy.and_then(|policy| policy.name.as_deref()))
}

/// What clusters ask for and nothing here does.
fn unserved(body: &types::Cluster) -> Result<(), Fault> {
    let policy = body.serial_number.as_ref().and_then(|serial| serial.policy);
    let ids = [types::SerialNumberPolicy::Vm, types::SerialNumberPolicy::None];
    let fencing = body.fencing_policy.as_ref();
    let connected = fencing.and_then(|one| one.skip_if_connectivity_broken.as_ref()?.enabled);
    let domain = fencing.and_then(|one| one.skip_if_sd_active.as_ref()?.enabled);
    let memory = body.memory_policy.as_ref();
    let pages = memory.and_then(|memory| memory.transparent_hugepages.as_ref()?.enabled);
    let sources = body.required_rng_sources.as_ref().map_or(&[][..], |all| &all.required_rng_source);
    let percent = types::LogMaxMemoryUsedThresholdType::Percentage;
    let asked = [
        ("switch_type", other(body.switch_type.as_ref(), &types::SwitchType::Legacy)),
        ("serial_number", policy.is_some_and(|policy| !ids.contains(&policy))),
        ("required_rng_sources", sources.iter().any(|source| *source != types::RngSource::Urandom)),
        ("log_max_memory_used_threshold", other(body.log_max_memory_used_threshold.as_ref(), &95)),
        ("log_max_memory_used_threshold_type", other(body.log_max_memory_used_threshold_type.as_ref(), &percent)),
        ("gluster_service", on(body.gluster_service)),
        ("trusted_service", on(body.trusted_service)),
        ("tunnel_migration", on(body.tunnel_migration)),
        ("fips_mode", body.fips_mode == Some(types::FipsMode::Enabled)),
        ("firewall_type", other(body.firewall_type.as_ref(), &types::FirewallType::Firewalld)),
        ("external_network_providers", any(body.external_network_providers.as_ref())),
        ("custom_scheduling_policy_properties", any(body.custom_scheduling_policy_properties.as_ref())),
        ("enabled_features", any(body.enabled_features.as_ref())),
        ("fencing_policy.skip_if_connectivity_broken", on(connected)),
        ("fencing_policy.skip_if_sd_active", on(domain)),
        ("memory_policy.transparent_hugepages", other(pages.as_ref(), &true)),
    ];
    refuse("cluster", &asked)
}

pub(super) fn from_wire(body: &types::Cluster) -> Result<Wish, Fault> {
    unserved(body)?;
    let memory = body.memory_policy.as_ref();
    Ok(Wish {
        name: body.name.clone(),
        description: body.description.clone(),
        comment: body.comment.clone(),
        cpu_type: body.cpu.as_ref().and_then(|cpu| cpu.r#type.clone()),
        architecture: body.cpu.as_ref().and_then(|cpu| cpu.architecture).map(|one| one.to_string()),
        version: read_level(body.version.as_deref()),
        memory_overcommit_percent: memory.and_then(|memory| memory.over_commit.as_ref()?.percent),
        ballooning: body.ballooning_enabled.or_else(|| memory.and_then(|memory| memory.ballooning)),
        ksm: body.ksm.as_ref().and_then(|ksm| ksm.enabled),
        ksm_merge_across_nodes: body.ksm.as_ref().and_then(|ksm| ksm.merge_across_nodes),
        scheduling_policy: read_policy(body)?,
        mac_pool: read_id("MacPool", body.mac_pool.as_ref().and_then(|pool| pool.id.as_deref()))?,
        migration: body.migration.as_ref().map(read_migration).transpose()?,
        on_error: body.error_handling.as_ref().and_then(|one| one.on_error).map(|one| match one {
            types::MigrateOnError::Migrate => MigrateOnError::Migrate,
            types::MigrateOnError::MigrateHighlyAvailable => MigrateOnError::MigrateHighlyAvailable,
            types::MigrateOnError::DoNotMigrate => MigrateOnError::DoNotMigrate,
        }),
        firmware: body.bios_type.map(read_firmware),
        threads_as_cores: body.threads_as_cores,
        virt_service: body.virt_service,
        ha_reservation: body.ha_reservation,
        optional_reason: body.optional_reason,
        maintenance_reason_required: body.maintenance_reason_required,
        switch: body.switch_type.map(|one| match one {
            types::SwitchType::Legacy => SwitchType::Legacy,
            types::SwitchType::Ovs => SwitchType::Ovs,
        }),
        fencing_enabled: body.fencing_policy.as_ref().and_then(|one| one.enabled),
        vnc_encryption: body.vnc_encryption,
    })
}
