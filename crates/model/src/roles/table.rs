//! The rows of the predefined roles: id, name, kind, whether it shows what lies below, purpose, and permits.

use uuid::uuid;

use super::*;
use crate::permits::Permit::*;

macro_rules! roles {
    ($($id:expr, $name:literal, $kind:ident, $children:literal, $description:literal: $($permit:ident)+;)*) => {
        /// Every predefined role, by name.
        pub const PREDEFINED_ROLES: &[PredefinedRole] = &[$(PredefinedRole {
            id: $id,
            name: $name,
            description: $description,
            kind: RoleKind::$kind,
            allows_viewing_children: $children,
            permits: &[$($permit),+],
        },)*];
    };
}

roles! {
    uuid!("def00011-0000-0000-0000-def000000016"), "AuditLogManager", Admin, false, "Can manage the event log.":
        Login AuditLogManagement;
    uuid!("def00011-0000-0000-0000-def000000014"), "BookmarkManager", Admin, false, "Can manage bookmarks.":
        Login BookmarkManagement AuditLogManagement;
    CLUSTER_ADMIN, "ClusterAdmin", Admin, true, "Administers clusters with the hosts and machines in them.":
        CreateVm DeleteVm EditVmProperties ChangeVmCd MigrateVm ConnectToVm ImportExportVm ConfigureVmNetwork
        ConfigureVmStorage MoveVm ManipulateVmSnapshots ChangeVmCustomProperties EditAdminVmProperties RebootVm
        StopVm ShutDownVm HibernateVm RunVm ResetVm CreateHost EditHostConfiguration DeleteHost ManipulateHost
        ConfigureHostNetwork CreateVmPool EditVmPoolConfiguration DeleteVmPool VmPoolBasicOperations
        CreateCluster EditClusterConfiguration DeleteCluster ConfigureClusterNetwork ManipulatePermissions
        AddUsersAndGroupsFromDirectory CreateDisk AttachDisk EditDiskProperties ConfigureDiskStorage DeleteDisk
        DiskLiveStorageMigration SparsifyDisk ReduceDisk BackupDisk Login TagManagement BookmarkManagement
        EventNotificationManagement AuditLogManagement ManipulateAffinityGroups AttachDiskProfile
        ConfigureMacPool DeleteCpuProfile UpdateCpuProfile CreateCpuProfile AssignCpuProfile;
    uuid!("def00016-0000-0000-0000-def000000016"), "CpuProfileCreator", Admin, false, "Can make, change, remove and assign CPU profiles.":
        DeleteCpuProfile UpdateCpuProfile CreateCpuProfile AssignCpuProfile;
    CPU_PROFILE_OPERATOR, "CpuProfileOperator", User, false, "Can assign a CPU profile.":
        AssignCpuProfile;
    DATA_CENTER_ADMIN, "DataCenterAdmin", Admin, true, "Administers data centers with everything in them, save storage domains.":
        CreateVm DeleteVm EditVmProperties ChangeVmCd MigrateVm ConnectToVm ImportExportVm ConfigureVmNetwork
        ConfigureVmStorage MoveVm ManipulateVmSnapshots ChangeVmCustomProperties EditAdminVmProperties RebootVm
        StopVm ShutDownVm HibernateVm RunVm ResetVm CreateHost EditHostConfiguration DeleteHost ManipulateHost
        ConfigureHostNetwork CreateTemplate EditTemplateProperties DeleteTemplate CopyTemplate
        ConfigureTemplateNetwork EditAdminTemplateProperties CreateVmPool EditVmPoolConfiguration DeleteVmPool
        VmPoolBasicOperations CreateCluster EditClusterConfiguration DeleteCluster ConfigureClusterNetwork
        AssignClusterNetwork ManipulatePermissions AddUsersAndGroupsFromDirectory CreateStoragePool
        DeleteStoragePool EditStoragePoolConfiguration ConfigureStoragePoolNetwork CreateStoragePoolNetwork
        DeleteStoragePoolNetwork ConfigureQuota ConsumeQuota CreateDisk AttachDisk EditDiskProperties
        ConfigureDiskStorage DeleteDisk ConfigureScsiGenericIo DiskLiveStorageMigration SparsifyDisk ReduceDisk
        BackupDisk ConfigureNetworkVnicProfile CreateNetworkVnicProfile DeleteNetworkVnicProfile Login
        TagManagement BookmarkManagement EventNotificationManagement AuditLogManagement ManipulateAffinityGroups
        AttachDiskProfile ConfigureMacPool DeleteCpuProfile UpdateCpuProfile CreateCpuProfile AssignCpuProfile;
    uuid!("def0000a-0000-0000-0000-def00000000c"), "DiskCreator", User, false, "Can create disks.":
        CreateDisk Login;
    DISK_OPERATOR, "DiskOperator", User, true, "Can use and change the disks that the role is given on.":
        ManipulatePermissions AddUsersAndGroupsFromDirectory CreateDisk AttachDisk EditDiskProperties DeleteDisk
        SparsifyDisk ReduceDisk BackupDisk Login;
    uuid!("def00020-0000-0000-0000-abc000000010"), "DiskProfileUser", User, false, "Can attach a disk profile to a disk.":
        AttachDiskProfile;
    uuid!("def00011-0000-0000-0000-def000000015"), "EventNotificationManager", Admin, false, "Can manage event notifications.":
        Login EventNotificationManagement AuditLogManagement;
    uuid!("def0000c-0000-0000-0000-def000000000"), "ExternalEventsCreator", User, false, "Can add events from outside programs.":
        InjectExternalEvents;
    uuid!("def0000d-0000-0000-0000-def000000000"), "ExternalTasksCreator", User, false, "Can add jobs from outside programs.":
        InjectExternalTasks;
    uuid!("def0000b-0000-0000-0000-def00000000b"), "GlusterAdmin", Admin, true, "Administers Gluster volumes, bricks and hosts.":
        CreateHost EditHostConfiguration DeleteHost ManipulateHost ConfigureHostNetwork CreateCluster
        EditClusterConfiguration DeleteCluster ConfigureClusterNetwork AssignClusterNetwork CreateGlusterVolume
        ManipulateGlusterVolume DeleteGlusterVolume ManipulateGlusterHook ManipulateGlusterService Login
        TagManagement BookmarkManagement EventNotificationManagement AuditLogManagement;
    HOST_ADMIN, "HostAdmin", Admin, true, "Administers hosts.":
        CreateHost EditHostConfiguration DeleteHost ManipulateHost ConfigureHostNetwork CreateStorageDomain
        EditStorageDomainConfiguration DeleteStorageDomain ManipulateStorageDomain Login TagManagement
        BookmarkManagement EventNotificationManagement AuditLogManagement ConfigureStorageDiskProfile
        CreateStorageDiskProfile DeleteStorageDiskProfile AttachDiskProfile;
    uuid!("def00011-0000-0000-0000-def000000011"), "InstanceCreator", User, false, "Can create virtual machine instances.":
        CreateInstance CreateDisk Login;
    uuid!("def00013-0000-0000-0000-def000000013"), "MacPoolAdmin", Admin, true, "Administers MAC address pools.":
        Login CreateMacPool EditMacPool DeleteMacPool ConfigureMacPool;
    MAC_POOL_USER, "MacPoolUser", User, true, "Can use a MAC address pool.":
        Login ConfigureMacPool;
    NETWORK_ADMIN, "NetworkAdmin", Admin, true, "Administers networks.":
        ConfigureVmNetwork ConfigureHostNetwork ConfigureTemplateNetwork ConfigureClusterNetwork
        AssignClusterNetwork ConfigureStoragePoolNetwork CreateStoragePoolNetwork DeleteStoragePoolNetwork
        ConfigureNetworkVnicProfile CreateNetworkVnicProfile DeleteNetworkVnicProfile Login TagManagement
        BookmarkManagement EventNotificationManagement AuditLogManagement;
    POWER_USER, "PowerUserRole", User, false, "Can create virtual machines, templates and disks.":
        CreateVm CreateTemplate CreateDisk AccessImageStorage Login AttachDiskProfile DeleteCpuProfile
        UpdateCpuProfile CreateCpuProfile AssignCpuProfile;
    uuid!("def0000a-0000-0000-0000-def00000000a"), "QuotaConsumer", User, false, "Can consume a quota.":
        ConsumeQuota;
    uuid!("def0000c-0000-0000-0000-def00000000c"), "ReadOnlyAdmin", Admin, true, "Sees what an administrator sees and changes nothing.":
        Login;
    STORAGE_ADMIN, "StorageAdmin", Admin, true, "Administers storage.":
        CreateStorageDomain EditStorageDomainConfiguration DeleteStorageDomain ManipulateStorageDomain
        CreateDisk AttachDisk EditDiskProperties ConfigureDiskStorage DeleteDisk AccessImageStorage
        DiskLiveStorageMigration SparsifyDisk ReduceDisk BackupDisk Login TagManagement BookmarkManagement
        EventNotificationManagement AuditLogManagement ConfigureStorageDiskProfile CreateStorageDiskProfile
        DeleteStorageDiskProfile AttachDiskProfile;
    SUPER_USER, "SuperUser", Admin, true, "Administers the whole system.":
        CreateVm DeleteVm EditVmProperties ChangeVmCd MigrateVm ConnectToVm ImportExportVm ConfigureVmNetwork
        ConfigureVmStorage MoveVm ManipulateVmSnapshots ReconnectToVm ChangeVmCustomProperties
        EditAdminVmProperties RebootVm StopVm ShutDownVm HibernateVm RunVm ResetVm CreateHost
        EditHostConfiguration DeleteHost ManipulateHost ConfigureHostNetwork CreateTemplate
        EditTemplateProperties DeleteTemplate CopyTemplate ConfigureTemplateNetwork EditAdminTemplateProperties
        CreateVmPool EditVmPoolConfiguration DeleteVmPool VmPoolBasicOperations CreateCluster
        EditClusterConfiguration DeleteCluster ConfigureClusterNetwork AssignClusterNetwork ManipulateUsers
        ManipulateRoles ManipulatePermissions AddUsersAndGroupsFromDirectory CreateStorageDomain
        EditStorageDomainConfiguration DeleteStorageDomain ManipulateStorageDomain CreateStoragePool
        DeleteStoragePool EditStoragePoolConfiguration ConfigureStoragePoolNetwork CreateStoragePoolNetwork
        DeleteStoragePoolNetwork ConfigureEngine ConfigureQuota ConsumeQuota CreateGlusterVolume
        ManipulateGlusterVolume DeleteGlusterVolume ManipulateGlusterHook ManipulateGlusterService CreateDisk
        AttachDisk EditDiskProperties ConfigureDiskStorage DeleteDisk ConfigureScsiGenericIo AccessImageStorage
        DiskLiveStorageMigration SparsifyDisk ReduceDisk BackupDisk ConfigureNetworkVnicProfile
        CreateNetworkVnicProfile DeleteNetworkVnicProfile Login TagManagement BookmarkManagement
        EventNotificationManagement AuditLogManagement InjectExternalEvents InjectExternalTasks
        ManipulateAffinityGroups ConfigureStorageDiskProfile CreateStorageDiskProfile DeleteStorageDiskProfile
        AttachDiskProfile CreateMacPool EditMacPool DeleteMacPool ConfigureMacPool ConnectToSerialConsole
        DeleteCpuProfile UpdateCpuProfile CreateCpuProfile AssignCpuProfile;
    uuid!("def00011-0000-0000-0000-def000000013"), "TagManager", Admin, false, "Can manage tags.":
        Login TagManagement AuditLogManagement;
    uuid!("def00008-0000-0000-0000-def000000008"), "TemplateAdmin", Admin, true, "Administers templates.":
        CreateTemplate EditTemplateProperties DeleteTemplate CopyTemplate ConfigureTemplateNetwork
        EditAdminTemplateProperties ManipulatePermissions AddUsersAndGroupsFromDirectory AccessImageStorage
        Login TagManagement BookmarkManagement EventNotificationManagement AuditLogManagement;
    uuid!("def0000a-0000-0000-0000-def00000000e"), "TemplateCreator", User, false, "Can create templates.":
        CreateTemplate Login;
    TEMPLATE_OWNER, "TemplateOwner", User, true, "Can change and remove the template that the role is given on.":
        EditTemplateProperties DeleteTemplate CopyTemplate ConfigureTemplateNetwork ManipulatePermissions
        AddUsersAndGroupsFromDirectory Login;
    uuid!("def00012-0000-0000-0000-def000000012"), "UserInstanceManager", User, false, "Can manage the instances that the role is given on.":
        DeleteVm EditVmProperties ChangeVmCd ConnectToVm ConfigureVmStorage ManipulateVmSnapshots RebootVm
        StopVm ShutDownVm HibernateVm RunVm ResetVm ManipulatePermissions AddUsersAndGroupsFromDirectory
        CreateDisk AttachDisk EditDiskProperties DeleteDisk SparsifyDisk ReduceDisk BackupDisk Login
        ConnectToSerialConsole;
    USER_PROFILE_EDITOR, "UserProfileEditor", User, false, "Can change the own profile.":
        EditProfile;
    USER_ROLE, "UserRole", User, true, "Can use virtual machines and pools.":
        ChangeVmCd ConnectToVm RebootVm StopVm ShutDownVm HibernateVm RunVm ResetVm VmPoolBasicOperations
        AccessImageStorage Login;
    USER_TEMPLATE_BASED_VM, "UserTemplateBasedVm", User, false, "Can create virtual machines from the template that the role is given on.":
        CreateVm AssignCpuProfile;
    USER_VM_MANAGER, "UserVmManager", User, true, "Can manage and use the virtual machines that the role is given on.":
        CreateVm DeleteVm EditVmProperties ChangeVmCd ConnectToVm ConfigureVmNetwork ConfigureVmStorage
        ManipulateVmSnapshots RebootVm StopVm ShutDownVm HibernateVm RunVm ResetVm ManipulatePermissions
        AddUsersAndGroupsFromDirectory CreateDisk AttachDisk EditDiskProperties DeleteDisk SparsifyDisk
        ReduceDisk BackupDisk Login ConnectToSerialConsole AssignCpuProfile;
    uuid!("def00006-0000-0000-0000-def000000011"), "UserVmRunTimeManager", User, false, "Can manage and run virtual machines, without snapshots.":
        CreateVm DeleteVm EditVmProperties ChangeVmCd ConnectToVm ConfigureVmNetwork ConfigureVmStorage RebootVm
        StopVm ShutDownVm HibernateVm RunVm ResetVm ManipulatePermissions AddUsersAndGroupsFromDirectory
        CreateDisk AttachDisk EditDiskProperties DeleteDisk SparsifyDisk ReduceDisk BackupDisk Login
        AssignCpuProfile;
    uuid!("def0000a-0000-0000-0000-def00000000d"), "VmCreator", User, false, "Can create virtual machines.":
        CreateVm CreateDisk Login AssignCpuProfile;
    uuid!("def00030-0000-0000-0000-def000000011"), "VmImporterExporter", Admin, true, "Can import and export virtual machines.":
        ImportExportVm Login AttachDiskProfile AssignCpuProfile;
    uuid!("def00007-0000-0000-0000-def000000007"), "VmPoolAdmin", Admin, true, "Administers pools of virtual machines.":
        CreateVm CreateVmPool EditVmPoolConfiguration DeleteVmPool VmPoolBasicOperations Login TagManagement
        BookmarkManagement EventNotificationManagement AuditLogManagement AssignCpuProfile;
    VNIC_PROFILE_USER, "VnicProfileUser", User, true, "Can attach the network that the profile belongs to.":
        ConfigureVmNetwork ConfigureTemplateNetwork Login;
}
