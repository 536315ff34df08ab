//! Typed ids: one newtype a noun, so that a disk's id is never taken for a VM's.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    )*};
}

ids! {
    /// A data centre.
    DataCenterId;
    /// A cluster of hosts.
    ClusterId;
    /// A host.
    HostId;
    /// A virtual machine.
    VmId;
    /// A template.
    TemplateId;
    /// A disk, whatever volumes hold it.
    DiskId;
    /// One volume (image) of a disk on a storage domain.
    VolumeId;
    /// A storage domain.
    StorageDomainId;
    /// A way to reach storage.
    StorageConnectionId;
    /// A logical network.
    NetworkId;
    /// A vNIC profile.
    VnicProfileId;
    /// A NIC of a VM or template.
    NicId;
    /// A network interface of a host.
    HostNicId;
    /// A MAC address pool.
    MacPoolId;
    /// A user.
    UserId;
    /// A group of users.
    GroupId;
    /// A role.
    RoleId;
    /// A grant: someone has a role on something.
    PermissionId;
    /// A job.
    JobId;
    /// A step of a job.
    StepId;
    /// A tag.
    TagId;
    /// An image transfer.
    TransferId;
    /// A CPU profile.
    CpuProfileId;
    /// A disk profile.
    DiskProfileId;
    /// A scheduling policy.
    SchedulingPolicyId;
}

/// The kinds of object that permissions, tags, events and change notices speak of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ObjectKind {
    /// Everything: the root of the permission tree.
    System,
    /// A data centre.
    DataCenter,
    /// A cluster.
    Cluster,
    /// A host.
    Host,
    /// A virtual machine.
    Vm,
    /// A template.
    Template,
    /// A disk.
    Disk,
    /// A storage domain.
    StorageDomain,
    /// A logical network.
    Network,
    /// A vNIC profile.
    VnicProfile,
    /// A MAC pool.
    MacPool,
    /// A CPU profile.
    CpuProfile,
    /// A disk profile.
    DiskProfile,
    /// A user.
    User,
    /// A group.
    Group,
    /// A role.
    Role,
    /// A job.
    Job,
    /// An entry of the event log.
    Event,
    /// An image transfer.
    ImageTransfer,
    /// A tag.
    Tag,
}

impl ObjectKind {
    /// The name in rows and change notices.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::DataCenter => "data_center",
            Self::Cluster => "cluster",
            Self::Host => "host",
            Self::Vm => "vm",
            Self::Template => "template",
            Self::Disk => "disk",
            Self::StorageDomain => "storage_domain",
            Self::Network => "network",
            Self::VnicProfile => "vnic_profile",
            Self::MacPool => "mac_pool",
            Self::CpuProfile => "cpu_profile",
            Self::DiskProfile => "disk_profile",
            Self::User => "user",
            Self::Group => "group",
            Self::Role => "role",
            Self::Job => "job",
            Self::Event => "event",
            Self::ImageTransfer => "image_transfer",
            Self::Tag => "tag",
        }
    }

    /// Reads what [`ObjectKind::as_str`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        const ALL: [ObjectKind; 20] = [
            ObjectKind::System,
            ObjectKind::DataCenter,
            ObjectKind::Cluster,
            ObjectKind::Host,
            ObjectKind::Vm,
            ObjectKind::Template,
            ObjectKind::Disk,
            ObjectKind::StorageDomain,
            ObjectKind::Network,
            ObjectKind::VnicProfile,
            ObjectKind::MacPool,
            ObjectKind::CpuProfile,
            ObjectKind::DiskProfile,
            ObjectKind::User,
            ObjectKind::Group,
            ObjectKind::Role,
            ObjectKind::Job,
            ObjectKind::Event,
            ObjectKind::ImageTransfer,
            ObjectKind::Tag,
        ];
        ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// One object, named by kind and id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ObjectRef {
    /// What it is.
    pub kind: ObjectKind,
    /// Which one.
    pub id: Uuid,
}

impl ObjectRef {
    /// The root of the permission tree; its id is oVirt's System object.
    pub const SYSTEM: Self =
        Self { kind: ObjectKind::System, id: Uuid::from_u128(0xaaa0_0000_0000_0000_0000_1234_5678_9aaa) };
}

macro_rules! object_refs {
    ($($id:ident => $kind:ident),* $(,)?) => {$(
        impl From<$id> for ObjectRef {
            fn from(id: $id) -> Self {
                Self { kind: ObjectKind::$kind, id: id.0 }
            }
        }
    )*};
}

object_refs! {
    DataCenterId => DataCenter, ClusterId => Cluster, HostId => Host, VmId => Vm, TemplateId => Template,
    DiskId => Disk, StorageDomainId => StorageDomain, NetworkId => Network, VnicProfileId => VnicProfile,
    MacPoolId => MacPool, UserId => User, GroupId => Group, RoleId => Role, JobId => Job, TransferId => ImageTransfer,
    TagId => Tag, CpuProfileId => CpuProfile, DiskProfileId => DiskProfile,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_object_has_ovirts_id() {
        assert_eq!(ObjectRef::SYSTEM.id.to_string(), "aaa00000-0000-0000-0000-123456789aaa");
    }

    #[test]
    fn kinds_read_back() {
        assert_eq!(ObjectKind::parse("storage_domain"), Some(ObjectKind::StorageDomain));
        assert_eq!(ObjectKind::parse("vms"), None);
    }
}
