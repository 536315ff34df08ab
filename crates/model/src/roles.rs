//! The predefined roles with their permits, and the grants that a new installation has. Knows no user but Everyone.

use uuid::{Uuid, uuid};

use crate::default_objects::{BLANK_TEMPLATE, DEFAULT_CPU_PROFILE, DEFAULT_MAC_POOL, EVERYONE, MANAGEMENT_VNIC_PROFILE};
use crate::ids::{ObjectKind, ObjectRef};
use crate::permits::Permit::{self, *};
use crate::permits::RoleKind::{self, Admin, User};

/// A role that exists from the start and can't be changed.
#[derive(Clone, Copy, Debug)]
pub struct PredefinedRole {
    /// Its fixed id.
    pub id: Uuid,
    /// Its fixed name.
    pub name: &'static str,
    /// What it is for, a sentence.
    pub description: &'static str,
    /// For administrators or for users.
    pub kind: RoleKind,
    /// Whether holding it on an object lets one see what lies below.
    pub allows_viewing_children: bool,
    /// What it allows.
    pub permits: &'static [Permit],
}

/// A grant that a new installation has.
#[derive(Clone, Copy, Debug)]
pub struct PredefinedPermission {
    /// Its fixed id.
    pub id: Uuid,
    /// The principal: always the group Everyone.
    pub group: Uuid,
    /// The role that is given.
    pub role: Uuid,
    /// On what.
    pub object: ObjectRef,
}

/// Administers the whole system.
pub const SUPER_USER: Uuid = uuid!("00000000-0000-0000-0000-000000000001");
/// Can use virtual machines and pools.
pub const USER_ROLE: Uuid = uuid!("00000000-0000-0000-0001-000000000001");
/// Can create virtual machines, templates and disks.
pub const POWER_USER: Uuid = uuid!("00000000-0000-0000-0001-000000000002");
/// Can manage and use the virtual machines that the role is given on.
pub const USER_VM_MANAGER: Uuid = uuid!("def00006-0000-0000-0000-def000000006");
/// Can use and change the disks that the role is given on.
pub const DISK_OPERATOR: Uuid = uuid!("def0000a-0000-0000-0000-def00000000b");
/// Can change and remove the template that the role is given on.
pub const TEMPLATE_OWNER: Uuid = uuid!("def0000a-0000-0000-0000-def00000000f");
/// Can create virtual machines from the template that the role is given on.
pub const USER_TEMPLATE_BASED_VM: Uuid = uuid!("def00009-0000-0000-0000-def000000009");
/// Can attach the network that the profile belongs to.
pub const VNIC_PROFILE_USER: Uuid = uuid!("def0000a-0000-0000-0000-def000000010");
/// Can assign a CPU profile.
pub const CPU_PROFILE_OPERATOR: Uuid = uuid!("def00017-0000-0000-0000-def000000017");
/// Can use a MAC address pool.
pub const MAC_POOL_USER: Uuid = uuid!("def00014-0000-0000-0000-def000000014");
/// Can change the own profile.
pub const USER_PROFILE_EDITOR: Uuid = uuid!("def00021-0000-0000-0000-def000000015");
/// Administers data centers with everything in them, save storage domains.
pub const DATA_CENTER_ADMIN: Uuid = uuid!("def00002-0000-0000-0000-def000000002");
/// Administers clusters with the hosts and machines in them.
pub const CLUSTER_ADMIN: Uuid = uuid!("def00001-0000-0000-0000-def000000001");
/// Administers storage.
pub const STORAGE_ADMIN: Uuid = uuid!("def00003-0000-0000-0000-def000000003");
/// Administers hosts.
pub const HOST_ADMIN: Uuid = uuid!("def00004-0000-0000-0000-def000000004");
/// Administers networks.
pub const NETWORK_ADMIN: Uuid = uuid!("def00005-0000-0000-0000-def000000005");

/// Every predefined role, by name.
pub const PREDEFINED_ROLES: &[PredefinedRole] = &[
    PredefinedRole { id: uuid!("def00011-0000-0000-0000-def000000016"), name: "AuditLogManager", description: "Can manage the event log.", kind: Admin, allows_viewing_children: false, permits: &[Login, AuditLogManagement] },
    PredefinedRole { id: uuid!("def00011-0000-0000-0000-def000000014"), name: "BookmarkManager", description: "Can manage bookmarks.", kind: Admin, allows_viewing_children: false, permits: &[Login, BookmarkManagement, AuditLogManagement] },
    PredefinedRole { id: CLUSTER_ADMIN, name: "ClusterAdmin", description: "Administers clusters with the hosts and machines in them.", kind: Admin, allows_viewing_children: true, permits: &[CreateVm, DeleteVm, EditVmProperties, ChangeVmCd, MigrateVm, ConnectToVm, ImportExportVm, ConfigureVmNetwork, ConfigureVmStorage, MoveVm, ManipulateVmSnapshots, ChangeVmCustomProperties, EditAdminVmProperties, RebootVm, StopVm, ShutDownVm, HibernateVm, RunVm, ResetVm, CreateHost, EditHostConfiguration, DeleteHost, ManipulateHost, ConfigureHostNetwork, CreateVmPool, EditVmPoolConfiguration, DeleteVmPool, VmPoolBasicOperations, CreateCluster, EditClusterConfiguration, DeleteCluster, ConfigureClusterNetwork, ManipulatePermissions, AddUsersAndGroupsFromDirectory, CreateDisk, AttachDisk, EditDiskProperties, ConfigureDiskStorage, DeleteDisk, DiskLiveStorageMigration, SparsifyDisk, ReduceDisk, BackupDisk, Login, TagManagement, BookmarkManagement, EventNotificationManagement, AuditLogManagement, ManipulateAffinityGroups, AttachDiskProfile, ConfigureMacPool, DeleteCpuProfile, UpdateCpuProfile, CreateCpuProfile, AssignCpuProfile] },
    PredefinedRole { id: uuid!("def00016-0000-0000-0000-def000000016"), name: "CpuProfileCreator", description: "Can make, change, remove and assign CPU profiles.", kind: Admin, allows_viewing_children: false, permits: &[DeleteCpuProfile, UpdateCpuProfile, CreateCpuProfile, AssignCpuProfile] },
    PredefinedRole { id: CPU_PROFILE_OPERATOR, name: "CpuProfileOperator", description: "Can assign a CPU profile.", kind: User, allows_viewing_children: false, permits: &[AssignCpuProfile] },
    PredefinedRole { id: DATA_CENTER_ADMIN, name: "DataCenterAdmin", description: "Administers data centers with everything in them, save storage domains.", kind: Admin, allows_viewing_children: true, permits: &[CreateVm, DeleteVm, EditVmProperties, ChangeVmCd, MigrateVm, ConnectToVm, ImportExportVm, ConfigureVmNetwork, ConfigureVmStorage, MoveVm, ManipulateVmSnapshots, ChangeVmCustomProperties, EditAdminVmProperties, RebootVm, StopVm, ShutDownVm, HibernateVm, RunVm, ResetVm, CreateHost, EditHostConfiguration, DeleteHost, ManipulateHost, ConfigureHostNetwork, CreateTemplate, EditTemplateProperties, DeleteTemplate, CopyTemplate, ConfigureTemplateNetwork, EditAdminTemplateProperties, CreateVmPool, EditVmPoolConfiguration, DeleteVmPool, VmPoolBasicOperations, CreateCluster, EditClusterConfiguration, DeleteCluster, ConfigureClusterNetwork, AssignClusterNetwork, ManipulatePermissions, AddUsersAndGroupsFromDirectory, CreateStoragePool, DeleteStoragePool, EditStoragePoolConfiguration, ConfigureStoragePoolNetwork, CreateStoragePoolNetwork, DeleteStoragePoolNetwork, ConfigureQuota, ConsumeQuota, CreateDisk, AttachDisk, EditDiskProperties, ConfigureDiskStorage, DeleteDisk, ConfigureScsiGenericIo, DiskLiveStorageMigration, SparsifyDisk, ReduceDisk, BackupDisk, ConfigureNetworkVnicProfile, CreateNetworkVnicProfile, DeleteNetworkVnicProfile, Login, TagManagement, BookmarkManagement, EventNotificationManagement, AuditLogManagement, ManipulateAffinityGroups, AttachDiskProfile, ConfigureMacPool, DeleteCpuProfile, UpdateCpuProfile, CreateCpuProfile, AssignCpuProfile] },
    PredefinedRole { id: uuid!("def0000a-0000-0000-0000-def00000000c"), name: "DiskCreator", description: "Can create disks.", kind: User, allows_viewing_children: false, permits: &[CreateDisk, Login] },
    PredefinedRole { id: DISK_OPERATOR, name: "DiskOperator", description: "Can use and change the disks that the role is given on.", kind: User, allows_viewing_children: true, permits: &[ManipulatePermissions, AddUsersAndGroupsFromDirectory, CreateDisk, AttachDisk, EditDiskProperties, DeleteDisk, SparsifyDisk, ReduceDisk, BackupDisk, Login] },
    PredefinedRole { id: uuid!("def00020-0000-0000-0000-abc000000010"), name: "DiskProfileUser", description: "Can attach a disk profile to a disk.", kind: User, allows_viewing_children: false, permits: &[AttachDiskProfile] },
    PredefinedRole { id: uuid!("def00011-0000-0000-0000-def000000015"), name: "EventNotificationManager", description: "Can manage event notifications.", kind: Admin, allows_viewing_children: false, permits: &[Login, EventNotificationManagement, AuditLogManagement] },
    PredefinedRole { id: uuid!("def0000c-0000-0000-0000-def000000000"), name: "ExternalEventsCreator", description: "Can add events from outside programs.", kind: User, allows_viewing_children: false, permits: &[InjectExternalEvents] },
    PredefinedRole { id: uuid!("def0000d-0000-0000-0000-def000000000"), name: "ExternalTasksCreator", description: "Can add jobs from outside programs.", kind: User, allows_viewing_children: false, permits: &[InjectExternalTasks] },
    PredefinedRole { id: uuid!("def0000b-0000-0000-0000-def00000000b"), name: "GlusterAdmin", description: "Administers Gluster volumes, bricks and hosts.", kind: Admin, allows_viewing_children: true, permits: &[CreateHost, EditHostConfiguration, DeleteHost, ManipulateHost, ConfigureHostNetwork, CreateCluster, EditClusterConfiguration, DeleteCluster, ConfigureClusterNetwork, AssignClusterNetwork, CreateGlusterVolume, ManipulateGlusterVolume, DeleteGlusterVolume, ManipulateGlusterHook, ManipulateGlusterService, Login, TagManagement, BookmarkManagement, EventNotificationManagement, AuditLogManagement] },
    PredefinedRole { id: HOST_ADMIN, name: "HostAdmin", description: "Administers hosts.", kind: Admin, allows_viewing_children: true, permits: &[CreateHost, EditHostConfiguration, DeleteHost, ManipulateHost, ConfigureHostNetwork, CreateStorageDomain, EditStorageDomainConfiguration, DeleteStorageDomain, ManipulateStorageDomain, Login, TagManagement, BookmarkManagement, EventNotificationManagement, AuditLogManagement, ConfigureStorageDiskProfile, CreateStorageDiskProfile, DeleteStorageDiskProfile, AttachDiskProfile] },
    PredefinedRole { id: uuid!("def00011-0000-0000-0000-def000000011"), name: "InstanceCreator", description: "Can create virtual machine instances.", kind: User, allows_viewing_children: false, permits: &[CreateInstance, CreateDisk, Login] },
    PredefinedRole { id: uuid!("def00013-0000-0000-0000-def000000013"), name: "MacPoolAdmin", description: "Administers MAC address pools.", kind: Admin, allows_viewing_children: true, permits: &[Login, CreateMacPool, EditMacPool, DeleteMacPool, ConfigureMacPool] },
    PredefinedRole { id: MAC_POOL_USER, name: "MacPoolUser", description: "Can use a MAC address pool.", kind: User, allows_viewing_children: true, permits: &[Login, ConfigureMacPool] },
    PredefinedRole { id: NETWORK_ADMIN, name: "NetworkAdmin", description: "Administers networks.", kind: Admin, allows_viewing_children: true, permits: &[ConfigureVmNetwork, ConfigureHostNetwork, ConfigureTemplateNetwork, ConfigureClusterNetwork, AssignClusterNetwork, ConfigureStoragePoolNetwork, CreateStoragePoolNetwork, DeleteStoragePoolNetwork, ConfigureNetworkVnicProfile, CreateNetworkVnicProfile, DeleteNetworkVnicProfile, Login, TagManagement, BookmarkManagement, EventNotificationManagement, AuditLogManagement] },
    PredefinedRole { id: POWER_USER, name: "PowerUserRole", description: "Can create virtual machines, templates and disks.", kind: User, allows_viewing_children: false, permits: &[CreateVm, CreateTemplate, CreateDisk, AccessImageStorage, Login, AttachDiskProfile, DeleteCpuProfile, UpdateCpuProfile, CreateCpuProfile, AssignCpuProfile] },
    PredefinedRole { id: uuid!("def0000a-0000-0000-0000-def00000000a"), name: "QuotaConsumer", description: "Can consume a quota.", kind: User, allows_viewing_children: false, permits: &[ConsumeQuota] },
    PredefinedRole { id: uuid!("def0000c-0000-0000-0000-def00000000c"), name: "ReadOnlyAdmin", description: "Sees what an administrator sees and changes nothing.", kind: Admin, allows_viewing_children: true, permits: &[Login] },
    PredefinedRole { id: STORAGE_ADMIN, name: "StorageAdmin", description: "Administers storage.", kind: Admin, allows_viewing_children: true, permits: &[CreateStorageDomain, EditStorageDomainConfiguration, DeleteStorageDomain, ManipulateStorageDomain, CreateDisk, AttachDisk, EditDiskProperties, ConfigureDiskStorage, DeleteDisk, AccessImageStorage, DiskLiveStorageMigration, SparsifyDisk, ReduceDisk, BackupDisk, Login, TagManagement, BookmarkManagement, EventNotificationManagement, AuditLogManagement, ConfigureStorageDiskProfile, CreateStorageDiskProfile, DeleteStorageDiskProfile, AttachDiskProfile] },
    PredefinedRole { id: SUPER_USER, name: "SuperUser", description: "Administers the whole system.", kind: Admin, allows_viewing_children: true, permits: &[CreateVm, DeleteVm, EditVmProperties, ChangeVmCd, MigrateVm, ConnectToVm, ImportExportVm, ConfigureVmNetwork, ConfigureVmStorage, MoveVm, ManipulateVmSnapshots, ReconnectToVm, ChangeVmCustomProperties, EditAdminVmProperties, RebootVm, StopVm, ShutDownVm, HibernateVm, RunVm, ResetVm, CreateHost, EditHostConfiguration, DeleteHost, ManipulateHost, ConfigureHostNetwork, CreateTemplate, EditTemplateProperties, DeleteTemplate, CopyTemplate, ConfigureTemplateNetwork, EditAdminTemplateProperties, CreateVmPool, EditVmPoolConfiguration, DeleteVmPool, VmPoolBasicOperations, CreateCluster, EditClusterConfiguration, DeleteCluster, ConfigureClusterNetwork, AssignClusterNetwork, ManipulateUsers, ManipulateRoles, ManipulatePermissions, AddUsersAndGroupsFromDirectory, CreateStorageDomain, EditStorageDomainConfiguration, DeleteStorageDomain, ManipulateStorageDomain, CreateStoragePool, DeleteStoragePool, EditStoragePoolConfiguration, ConfigureStoragePoolNetwork, CreateStoragePoolNetwork, DeleteStoragePoolNetwork, ConfigureEngine, ConfigureQuota, ConsumeQuota, CreateGlusterVolume, ManipulateGlusterVolume, DeleteGlusterVolume, ManipulateGlusterHook, ManipulateGlusterService, CreateDisk, AttachDisk, EditDiskProperties, ConfigureDiskStorage, DeleteDisk, ConfigureScsiGenericIo, AccessImageStorage, DiskLiveStorageMigration, SparsifyDisk, ReduceDisk, BackupDisk, ConfigureNetworkVnicProfile, CreateNetworkVnicProfile, DeleteNetworkVnicProfile, Login, TagManagement, BookmarkManagement, EventNotificationManagement, AuditLogManagement, InjectExternalEvents, InjectExternalTasks, ManipulateAffinityGroups, ConfigureStorageDiskProfile, CreateStorageDiskProfile, DeleteStorageDiskProfile, AttachDiskProfile, CreateMacPool, EditMacPool, DeleteMacPool, ConfigureMacPool, ConnectToSerialConsole, DeleteCpuProfile, UpdateCpuProfile, CreateCpuProfile, AssignCpuProfile] },
    PredefinedRole { id: uuid!("def00011-0000-0000-0000-def000000013"), name: "TagManager", description: "Can manage tags.", kind: Admin, allows_viewing_children: false, permits: &[Login, TagManagement, AuditLogManagement] },
    PredefinedRole { id: uuid!("def00008-0000-0000-0000-def000000008"), name: "TemplateAdmin", description: "Administers templates.", kind: Admin, allows_viewing_children: true, permits: &[CreateTemplate, EditTemplateProperties, DeleteTemplate, CopyTemplate, ConfigureTemplateNetwork, EditAdminTemplateProperties, ManipulatePermissions, AddUsersAndGroupsFromDirectory, AccessImageStorage, Login, TagManagement, BookmarkManagement, EventNotificationManagement, AuditLogManagement] },
    PredefinedRole { id: uuid!("def0000a-0000-0000-0000-def00000000e"), name: "TemplateCreator", description: "Can create templates.", kind: User, allows_viewing_children: false, permits: &[CreateTemplate, Login] },
    PredefinedRole { id: TEMPLATE_OWNER, name: "TemplateOwner", description: "Can change and remove the template that the role is given on.", kind: User, allows_viewing_children: true, permits: &[EditTemplateProperties, DeleteTemplate, CopyTemplate, ConfigureTemplateNetwork, ManipulatePermissions, AddUsersAndGroupsFromDirectory, Login] },
    PredefinedRole { id: uuid!("def00012-0000-0000-0000-def000000012"), name: "UserInstanceManager", description: "Can manage the instances that the role is given on.", kind: User, allows_viewing_children: false, permits: &[DeleteVm, EditVmProperties, ChangeVmCd, ConnectToVm, ConfigureVmStorage, ManipulateVmSnapshots, RebootVm, StopVm, ShutDownVm, HibernateVm, RunVm, ResetVm, ManipulatePermissions, AddUsersAndGroupsFromDirectory, CreateDisk, AttachDisk, EditDiskProperties, DeleteDisk, SparsifyDisk, ReduceDisk, BackupDisk, Login, ConnectToSerialConsole] },
    PredefinedRole { id: USER_PROFILE_EDITOR, name: "UserProfileEditor", description: "Can change the own profile.", kind: User, allows_viewing_children: false, permits: &[EditProfile] },
    PredefinedRole { id: USER_ROLE, name: "UserRole", description: "Can use virtual machines and pools.", kind: User, allows_viewing_children: true, permits: &[ChangeVmCd, ConnectToVm, RebootVm, StopVm, ShutDownVm, HibernateVm, RunVm, ResetVm, VmPoolBasicOperations, AccessImageStorage, Login] },
    PredefinedRole { id: USER_TEMPLATE_BASED_VM, name: "UserTemplateBasedVm", description: "Can create virtual machines from the template that the role is given on.", kind: User, allows_viewing_children: false, permits: &[CreateVm, AssignCpuProfile] },
    PredefinedRole { id: USER_VM_MANAGER, name: "UserVmManager", description: "Can manage and use the virtual machines that the role is given on.", kind: User, allows_viewing_children: true, permits: &[CreateVm, DeleteVm, EditVmProperties, ChangeVmCd, ConnectToVm, ConfigureVmNetwork, ConfigureVmStorage, ManipulateVmSnapshots, RebootVm, StopVm, ShutDownVm, HibernateVm, RunVm, ResetVm, ManipulatePermissions, AddUsersAndGroupsFromDirectory, CreateDisk, AttachDisk, EditDiskProperties, DeleteDisk, SparsifyDisk, ReduceDisk, BackupDisk, Login, ConnectToSerialConsole, AssignCpuProfile] },
    PredefinedRole { id: uuid!("def00006-0000-0000-0000-def000000011"), name: "UserVmRunTimeManager", description: "Can manage and run virtual machines, without snapshots.", kind: User, allows_viewing_children: false, permits: &[CreateVm, DeleteVm, EditVmProperties, ChangeVmCd, ConnectToVm, ConfigureVmNetwork, ConfigureVmStorage, RebootVm, StopVm, ShutDownVm, HibernateVm, RunVm, ResetVm, ManipulatePermissions, AddUsersAndGroupsFromDirectory, CreateDisk, AttachDisk, EditDiskProperties, DeleteDisk, SparsifyDisk, ReduceDisk, BackupDisk, Login, AssignCpuProfile] },
    PredefinedRole { id: uuid!("def0000a-0000-0000-0000-def00000000d"), name: "VmCreator", description: "Can create virtual machines.", kind: User, allows_viewing_children: false, permits: &[CreateVm, CreateDisk, Login, AssignCpuProfile] },
    PredefinedRole { id: uuid!("def00030-0000-0000-0000-def000000011"), name: "VmImporterExporter", description: "Can import and export virtual machines.", kind: Admin, allows_viewing_children: true, permits: &[ImportExportVm, Login, AttachDiskProfile, AssignCpuProfile] },
    PredefinedRole { id: uuid!("def00007-0000-0000-0000-def000000007"), name: "VmPoolAdmin", description: "Administers pools of virtual machines.", kind: Admin, allows_viewing_children: true, permits: &[CreateVm, CreateVmPool, EditVmPoolConfiguration, DeleteVmPool, VmPoolBasicOperations, Login, TagManagement, BookmarkManagement, EventNotificationManagement, AuditLogManagement, AssignCpuProfile] },
    PredefinedRole { id: VNIC_PROFILE_USER, name: "VnicProfileUser", description: "Can attach the network that the profile belongs to.", kind: User, allows_viewing_children: true, permits: &[ConfigureVmNetwork, ConfigureTemplateNetwork, Login] },
];

/// The grants of a new installation. Setup adds one: [`SUPER_USER`] on the system for the first administrator.
pub const PREDEFINED_PERMISSIONS: &[PredefinedPermission] = &[
    PredefinedPermission { id: uuid!("14124e3a-fedf-11e9-8092-8c1645ce738e"), group: EVERYONE, role: CPU_PROFILE_OPERATOR, object: ObjectRef { kind: ObjectKind::CpuProfile, id: DEFAULT_CPU_PROFILE } },
    PredefinedPermission { id: uuid!("58ca604b-017d-0374-0220-00000000014e"), group: EVERYONE, role: MAC_POOL_USER, object: ObjectRef { kind: ObjectKind::MacPool, id: DEFAULT_MAC_POOL } },
    PredefinedPermission { id: uuid!("58ca605c-010d-0307-0224-0000000001a9"), group: EVERYONE, role: USER_PROFILE_EDITOR, object: ObjectRef::SYSTEM },
    PredefinedPermission { id: uuid!("00000004-0004-0004-0004-000000000355"), group: EVERYONE, role: USER_TEMPLATE_BASED_VM, object: ObjectRef { kind: ObjectKind::Template, id: BLANK_TEMPLATE } },
    PredefinedPermission { id: uuid!("00000004-0004-0004-0004-000000000392"), group: EVERYONE, role: USER_TEMPLATE_BASED_VM, object: ObjectRef { kind: ObjectKind::Template, id: uuid!("00000003-0003-0003-0003-0000000000be") } },
    PredefinedPermission { id: uuid!("00000006-0006-0006-0006-000000000044"), group: EVERYONE, role: USER_TEMPLATE_BASED_VM, object: ObjectRef { kind: ObjectKind::Template, id: uuid!("00000005-0005-0005-0005-0000000002e6") } },
    PredefinedPermission { id: uuid!("00000008-0008-0008-0008-0000000001b7"), group: EVERYONE, role: USER_TEMPLATE_BASED_VM, object: ObjectRef { kind: ObjectKind::Template, id: uuid!("00000007-0007-0007-0007-00000000010a") } },
    PredefinedPermission { id: uuid!("0000000a-000a-000a-000a-000000000309"), group: EVERYONE, role: USER_TEMPLATE_BASED_VM, object: ObjectRef { kind: ObjectKind::Template, id: uuid!("00000009-0009-0009-0009-0000000000f1") } },
    PredefinedPermission { id: uuid!("0000000c-000c-000c-000c-00000000039b"), group: EVERYONE, role: USER_TEMPLATE_BASED_VM, object: ObjectRef { kind: ObjectKind::Template, id: uuid!("0000000b-000b-000b-000b-00000000021f") } },
    PredefinedPermission { id: uuid!("0000000b-000b-000b-000b-0000000001d5"), group: EVERYONE, role: VNIC_PROFILE_USER, object: ObjectRef { kind: ObjectKind::VnicProfile, id: MANAGEMENT_VNIC_PROFILE } },
];

/// The predefined role with this id.
#[must_use]
pub fn predefined_role(id: Uuid) -> Option<&'static PredefinedRole> {
    PREDEFINED_ROLES.iter().find(|role| role.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_37_roles_and_no_user_role_holds_what_its_kind_forbids() {
        assert_eq!(PREDEFINED_ROLES.len(), 37);
        let super_user = predefined_role(SUPER_USER).map(|role| role.permits.len());
        assert_eq!(super_user, Some(97), "all but the two that only user roles hold");
        for role in PREDEFINED_ROLES {
            assert!(!role.permits.is_empty(), "{}", role.name);
            assert!(PREDEFINED_ROLES.iter().filter(|other| other.id == role.id).count() == 1, "{}", role.name);
        }
    }

    #[test]
    fn every_predefined_grant_names_a_predefined_role() {
        assert_eq!(PREDEFINED_PERMISSIONS.len(), 10);
        for grant in PREDEFINED_PERMISSIONS {
            assert!(predefined_role(grant.role).is_some(), "{}", grant.id);
        }
    }
}
