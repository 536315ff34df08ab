//! Permits: the single things that a role may allow. Ids and names are the API's; knows no object and no user.

use serde::{Deserialize, Serialize};

/// Whether a role or permit belongs to administrators or to users. Administrators may sign in to the administration
/// portal and see unfiltered lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoleKind {
    /// Administrators.
    Admin,
    /// Users.
    User,
}

macro_rules! permits {
    ($($variant:ident = $id:literal, $name:literal, $kind:ident, $children:literal;)*) => {
        /// One permit. A role is a set of these.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[expect(missing_docs, reason = "each name says what it permits")]
        #[repr(u32)]
        pub enum Permit {
            $($variant = $id,)*
        }

        impl Permit {
            /// Every permit, by id.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name on the wire.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// Whether it is a permit for administrators: only admin roles may hold it.
            #[must_use]
            pub fn kind(self) -> RoleKind {
                match self {
                    $(Self::$variant => RoleKind::$kind,)*
                }
            }

            /// Whether holding it on an object lets one see what lies below that object.
            #[must_use]
            pub fn allows_viewing_children(self) -> bool {
                match self {
                    $(Self::$variant => $children,)*
                }
            }
        }
    };
}

impl Permit {
    /// The number on the wire, where it stands as the permit's id.
    #[must_use]
    pub fn id(self) -> u32 {
        self as u32
    }

    /// The permit with this number.
    #[must_use]
    pub fn from_id(id: u32) -> Option<Self> {
        Self::ALL.iter().copied().find(|permit| permit.id() == id)
    }

    /// The permit with this name on the wire.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|permit| permit.name() == name)
    }
}

// variant = id, name on the wire, kind, allows viewing children
permits! {
    CreateVm = 1, "create_vm", User, false;
    DeleteVm = 2, "delete_vm", User, true;
    EditVmProperties = 3, "edit_vm_properties", User, true;
    ChangeVmCd = 5, "change_vm_cd", User, true;
    MigrateVm = 6, "migrate_vm", User, true;
    ConnectToVm = 7, "connect_to_vm", User, true;
    ImportExportVm = 8, "import_export_vm", Admin, true;
    ConfigureVmNetwork = 9, "configure_vm_network", User, true;
    ConfigureVmStorage = 10, "configure_vm_storage", User, true;
    MoveVm = 11, "move_vm", User, true;
    ManipulateVmSnapshots = 12, "manipulate_vm_snapshots", User, true;
    ReconnectToVm = 13, "reconnect_to_vm", User, true;
    ChangeVmCustomProperties = 14, "change_vm_custom_properties", Admin, true;
    EditAdminVmProperties = 15, "edit_admin_vm_properties", Admin, true;
    CreateInstance = 16, "create_instance", User, false;
    RebootVm = 17, "reboot_vm", User, true;
    StopVm = 18, "stop_vm", User, true;
    ShutDownVm = 19, "shut_down_vm", User, true;
    HibernateVm = 21, "hibernate_vm", User, true;
    RunVm = 22, "run_vm", User, true;
    ResetVm = 23, "reset_vm", User, true;
    CreateHost = 100, "create_host", Admin, true;
    EditHostConfiguration = 101, "edit_host_configuration", Admin, true;
    DeleteHost = 102, "delete_host", Admin, true;
    ManipulateHost = 103, "manipulate_host", Admin, true;
    ConfigureHostNetwork = 104, "configure_host_network", Admin, true;
    CreateTemplate = 200, "create_template", User, false;
    EditTemplateProperties = 201, "edit_template_properties", User, true;
    DeleteTemplate = 202, "delete_template", User, true;
    CopyTemplate = 203, "copy_template", User, true;
    ConfigureTemplateNetwork = 204, "configure_template_network", User, true;
    EditAdminTemplateProperties = 205, "edit_admin_template_properties", Admin, true;
    CreateVmPool = 300, "create_vm_pool", User, false;
    EditVmPoolConfiguration = 301, "edit_vm_pool_configuration", User, true;
    DeleteVmPool = 302, "delete_vm_pool", User, true;
    VmPoolBasicOperations = 303, "vm_pool_basic_operations", User, true;
    CreateCluster = 400, "create_cluster", Admin, true;
    EditClusterConfiguration = 401, "edit_cluster_configuration", Admin, true;
    DeleteCluster = 402, "delete_cluster", Admin, true;
    ConfigureClusterNetwork = 403, "configure_cluster_network", Admin, true;
    AssignClusterNetwork = 404, "assign_cluster_network", Admin, true;
    ManipulateUsers = 500, "manipulate_users", Admin, true;
    ManipulateRoles = 501, "manipulate_roles", Admin, true;
    ManipulatePermissions = 502, "manipulate_permissions", User, true;
    AddUsersAndGroupsFromDirectory = 503, "add_users_and_groups_from_directory", User, true;
    EditProfile = 504, "edit_profile", User, true;
    CreateStorageDomain = 600, "create_storage_domain", Admin, true;
    EditStorageDomainConfiguration = 601, "edit_storage_domain_configuration", Admin, true;
    DeleteStorageDomain = 602, "delete_storage_domain", Admin, true;
    ManipulateStorageDomain = 603, "manipulate_storage_domain", Admin, true;
    CreateStoragePool = 700, "create_storage_pool", Admin, true;
    DeleteStoragePool = 701, "delete_storage_pool", Admin, true;
    EditStoragePoolConfiguration = 702, "edit_storage_pool_configuration", Admin, true;
    ConfigureStoragePoolNetwork = 703, "configure_storage_pool_network", Admin, true;
    CreateStoragePoolNetwork = 704, "create_storage_pool_network", Admin, true;
    DeleteStoragePoolNetwork = 705, "delete_storage_pool_network", Admin, true;
    ConfigureEngine = 800, "configure_engine", Admin, true;
    ConfigureQuota = 900, "configure_quota", Admin, true;
    ConsumeQuota = 901, "consume_quota", User, true;
    CreateGlusterVolume = 1000, "create_gluster_volume", Admin, true;
    ManipulateGlusterVolume = 1001, "manipulate_gluster_volume", Admin, true;
    DeleteGlusterVolume = 1002, "delete_gluster_volume", Admin, true;
    ManipulateGlusterHook = 1003, "manipulate_gluster_hook", Admin, true;
    ManipulateGlusterService = 1004, "manipulate_gluster_service", Admin, true;
    CreateDisk = 1100, "create_disk", User, false;
    AttachDisk = 1101, "attach_disk", User, true;
    EditDiskProperties = 1102, "edit_disk_properties", User, true;
    ConfigureDiskStorage = 1103, "configure_disk_storage", User, true;
    DeleteDisk = 1104, "delete_disk", User, true;
    ConfigureScsiGenericIo = 1105, "configure_scsi_generic_io", Admin, true;
    AccessImageStorage = 1106, "access_image_storage", User, false;
    DiskLiveStorageMigration = 1107, "disk_live_storage_migration", User, true;
    SparsifyDisk = 1108, "sparsify_disk", User, true;
    ReduceDisk = 1109, "reduce_disk", Admin, true;
    BackupDisk = 1110, "backup_disk", Admin, true;
    ConfigureNetworkVnicProfile = 1203, "configure_network_vnic_profile", Admin, true;
    CreateNetworkVnicProfile = 1204, "create_network_vnic_profile", Admin, true;
    DeleteNetworkVnicProfile = 1205, "delete_network_vnic_profile", Admin, true;
    Login = 1300, "login", User, false;
    TagManagement = 1301, "tag_management", Admin, false;
    BookmarkManagement = 1302, "bookmark_management", Admin, false;
    EventNotificationManagement = 1303, "event_notification_management", Admin, false;
    AuditLogManagement = 1304, "audit_log_management", Admin, false;
    InjectExternalEvents = 1400, "inject_external_events", Admin, false;
    InjectExternalTasks = 1500, "inject_external_tasks", Admin, false;
    ManipulateAffinityGroups = 1550, "manipulate_affinity_groups", Admin, true;
    ConfigureStorageDiskProfile = 1560, "configure_storage_disk_profile", Admin, true;
    CreateStorageDiskProfile = 1561, "create_storage_disk_profile", Admin, true;
    DeleteStorageDiskProfile = 1562, "delete_storage_disk_profile", Admin, true;
    AttachDiskProfile = 1563, "attach_disk_profile", User, true;
    CreateMacPool = 1660, "create_mac_pool", Admin, true;
    EditMacPool = 1661, "edit_mac_pool", Admin, true;
    DeleteMacPool = 1662, "delete_mac_pool", Admin, true;
    ConfigureMacPool = 1663, "configure_mac_pool", Admin, true;
    ConnectToSerialConsole = 1664, "connect_to_serial_console", User, true;
    DeleteCpuProfile = 1665, "delete_cpu_profile", Admin, true;
    UpdateCpuProfile = 1666, "update_cpu_profile", Admin, true;
    CreateCpuProfile = 1667, "create_cpu_profile", Admin, true;
    AssignCpuProfile = 1668, "assign_cpu_profile", Admin, true;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_99_and_each_reads_back() {
        assert_eq!(Permit::ALL.len(), 99);
        for permit in Permit::ALL {
            assert_eq!(Permit::from_id(permit.id()), Some(*permit));
            assert_eq!(Permit::from_name(permit.name()), Some(*permit));
        }
        assert_eq!(Permit::from_id(4), None);
    }

    #[test]
    fn ids_are_those_that_clients_know() {
        assert_eq!(Permit::RunVm.id(), 22);
        assert_eq!(Permit::Login.id(), 1300);
        assert_eq!(Permit::CreateVm.kind(), RoleKind::User);
        assert_eq!(Permit::CreateHost.kind(), RoleKind::Admin);
    }
}
