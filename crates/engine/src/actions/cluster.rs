//! What users ask of clusters and of the networks that they use.

mod add;
mod assign_network;
mod remove;
mod unassign_network;
mod update;

use ferrovirt_model::catalogue::cluster_levels::ClusterLevel;
use ferrovirt_model::catalogue::{cpu_types, migration_policies, policies};
use ferrovirt_model::cluster::{Cluster, ClusterSettings, MigrateOnError, SwitchType};
use ferrovirt_model::ids::{MacPoolId, SchedulingPolicyId};
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::vm::{Firmware, MigrationOptions};
use ferrovirt_plan::names::{self, NameKind};
use ferrovirt_store::Areas;
use uuid::Uuid;

use super::mac_pool;
use super::named::{Named, check_level};
use crate::action::ActionContext;
use crate::failure::Result;

pub use add::Add;
pub use assign_network::{AssignNetwork, Usage};
pub use remove::Remove;
pub use unassign_network::UnassignNetwork;
pub use update::Update;

/// What a request says of a cluster; what it leaves open stays or takes its default.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wish {
    /// The name.
    pub name: Option<String>,
    /// Free text.
    pub description: Option<String>,
    /// Free text.
    pub comment: Option<String>,
    /// Name in the CPU catalogue; empty: the first host decides.
    pub cpu_type: Option<String>,
    /// x86_64, ppc64, s390x or undefined.
    pub architecture: Option<String>,
    /// Compatibility level.
    pub version: Option<(u32, u32)>,
    /// Memory that may be promised, in percent.
    pub memory_overcommit_percent: Option<i64>,
    /// Take memory back by balloons.
    pub ballooning: Option<bool>,
    /// Share equal pages.
    pub ksm: Option<bool>,
    /// Share them across NUMA nodes.
    pub ksm_merge_across_nodes: Option<bool>,
    /// How VMs are spread.
    pub scheduling_policy: Option<Named<Uuid>>,
    /// Where VMs take MAC addresses.
    pub mac_pool: Option<MacPoolId>,
    /// How VMs move.
    pub migration: Option<MigrationOptions>,
    /// What happens to VMs when their host is not operational.
    pub on_error: Option<MigrateOnError>,
    /// Chipset and firmware for new VMs; `Some(None)`: undecided.
    pub firmware: Option<Option<Firmware>>,
    /// Count hardware threads as cores.
    pub threads_as_cores: Option<bool>,
    /// Run VMs.
    pub virt_service: Option<bool>,
    /// Keep room to restart VMs of one lost host.
    pub ha_reservation: Option<bool>,
    /// Ask for a reason at power actions.
    pub optional_reason: Option<bool>,
    /// Ask for a reason at maintenance.
    pub maintenance_reason_required: Option<bool>,
    /// Linux bridges or Open vSwitch.
    pub switch: Option<SwitchType>,
    /// Fencing by power management.
    pub fencing_enabled: Option<bool>,
    /// VNC encrypted.
    pub vnc_encryption: Option<bool>,
}

impl Wish {
    /// Lays the wish over what is there, and looks whether it can be meant.
    async fn lay_over(&self, cx: &mut ActionContext<'_>, cluster: &mut Cluster) -> Result<()> {
        if let Some(name) = &self.name {
            names::check(NameKind::Cluster, "Cluster", name)?;
            let holder = cx.tx.clusters().by_name(name).await?;
            if holder.is_some_and(|holder| holder.id != cluster.id) {
                return Err(Refusal::NameTaken { kind: "Cluster", name: name.clone() }.into());
            }
            cluster.name.clone_from(name);
        }
        if let Some(pool) = self.mac_pool.filter(|pool| cluster.settings.mac_pool != Some(*pool)) {
            mac_pool::choose(cx, pool).await?;
            cluster.settings.mac_pool = Some(pool);
        }
        let settings = &mut cluster.settings;
        self.lay_level(settings)?;
        self.lay_cpu(settings)?;
        self.lay_policies(settings)?;
        self.lay_flags(settings);
        Ok(())
    }

    fn lay_level(&self, settings: &mut ClusterSettings) -> Result<()> {
        if let Some(version) = self.version {
            check_level(version)?;
            settings.version = version;
        }
        if let Some(percent) = self.memory_overcommit_percent {
            let known = u32::try_from(percent).ok().filter(|percent| (1..=1000).contains(percent));
            let why = "it is 1 to 1000 percent";
            settings.memory_overcommit_percent =
                known.ok_or_else(|| Refusal::bad_value("memory_policy.over_commit.percent", percent, why))?;
        }
        Ok(())
    }

    fn lay_cpu(&self, settings: &mut ClusterSettings) -> Result<()> {
        match self.cpu_type.as_deref().map(str::trim) {
            Some("") => settings.cpu_type = None,
            Some(name) => {
                let level = ClusterLevel::from(settings.version);
                let cpu = cpu_types::named(level, name).ok_or_else(|| {
                    Refusal::bad_value("cpu.type", name, format!("level {level} has no CPU type of that name"))
                })?;
                settings.cpu_type = Some(cpu.name.to_owned());
                settings.architecture = Some(cpu.architecture().as_str().to_owned());
            }
            None => {}
        }
        if let Some(architecture) = &self.architecture
            && settings.cpu_type.is_none()
        {
            settings.architecture = Some(architecture.clone()).filter(|name| name != "undefined");
        }
        Ok(())
    }

    fn lay_policies(&self, settings: &mut ClusterSettings) -> Result<()> {
        if let Some(policy) = &self.scheduling_policy {
            let known = policies::BUILT_IN_POLICIES.iter().find(|known| match policy {
                Named::Id(id) => known.id == *id,
                Named::Name(name) => known.name == name,
            });
            let known = known.ok_or_else(|| Refusal::no_such("SchedulingPolicy", policy.text()))?;
            settings.scheduling_policy = Some(SchedulingPolicyId(known.id));
        }
        if let Some(migration) = &self.migration {
            if let Some(id) = migration.policy {
                let level = ClusterLevel::from(settings.version);
                let known = migration_policies::at_level(level).any(|policy| policy.id == id);
                known.then_some(()).ok_or_else(|| Refusal::no_such("MigrationPolicy", id))?;
            }
            settings.migration = migration.clone();
        }
        Ok(())
    }

    fn lay_flags(&self, settings: &mut ClusterSettings) {
        let text = |wish: &Option<String>, before: &mut String| {
            if let Some(text) = wish {
                before.clone_from(text);
            }
        };
        text(&self.description, &mut settings.description);
        text(&self.comment, &mut settings.comment);
        let flag = |wish: Option<bool>, before: &mut bool| *before = wish.unwrap_or(*before);
        flag(self.ballooning, &mut settings.ballooning);
        flag(self.ksm, &mut settings.ksm);
        flag(self.ksm_merge_across_nodes, &mut settings.ksm_merge_across_nodes);
        flag(self.threads_as_cores, &mut settings.threads_as_cores);
        flag(self.virt_service, &mut settings.virt_service);
        flag(self.ha_reservation, &mut settings.ha_reservation);
        flag(self.optional_reason, &mut settings.optional_reason);
        flag(self.maintenance_reason_required, &mut settings.maintenance_reason_required);
        flag(self.fencing_enabled, &mut settings.fencing_enabled);
        flag(self.vnc_encryption, &mut settings.vnc_encryption);
        settings.on_error = self.on_error.unwrap_or(settings.on_error);
        settings.switch = self.switch.unwrap_or(settings.switch);
        settings.firmware = self.firmware.unwrap_or(settings.firmware);
    }
}
