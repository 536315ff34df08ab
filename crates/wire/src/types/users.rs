//! Users, groups, roles and permissions. Plain types of the wire: no rule of any format stands here.

use serde::{Deserialize, Serialize};

use super::*;
use crate::word::words;

/// A directory of users.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Domain {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub user: Option<Box<User>>,
    pub groups: Option<List<Group>>,
    pub users: Option<List<User>>,
}

/// An event that a user wants to be told of.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EventSubscription {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub address: Option<String>,
    pub event: Option<NotifiableEvent>,
    pub notification_method: Option<NotificationMethod>,
    pub user: Option<Box<User>>,
}

/// A group of users.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Group {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub domain_entry_id: Option<String>,
    pub namespace: Option<String>,
    pub domain: Option<Box<Domain>>,
    pub permissions: Option<List<Permission>>,
    pub roles: Option<List<Role>>,
    pub tags: Option<List<Tag>>,
}

/// A role that a user or group has on an object.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Permission {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub cluster: Option<Box<Cluster>>,
    pub data_center: Option<Box<DataCenter>>,
    pub disk: Option<Box<Disk>>,
    pub group: Option<Box<Group>>,
    pub host: Option<Box<Host>>,
    pub role: Option<Box<Role>>,
    pub storage_domain: Option<Box<StorageDomain>>,
    pub template: Option<Box<Template>>,
    pub user: Option<Box<User>>,
    pub vm: Option<Box<Vm>>,
    pub vm_pool: Option<Box<VmPool>>,
}

/// One thing that a role lets its holder do.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Permit {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub administrative: Option<bool>,
    pub role: Option<Box<Role>>,
}

/// A set of permits.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Role {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub administrative: Option<bool>,
    pub mutable: Option<bool>,
    pub permits: Option<List<Permit>>,
    pub user: Option<Box<User>>,
}

/// A user.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct User {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub department: Option<String>,
    pub domain_entry_id: Option<String>,
    pub email: Option<String>,
    pub last_name: Option<String>,
    pub logged_in: Option<bool>,
    pub namespace: Option<String>,
    pub password: Option<String>,
    pub principal: Option<String>,
    pub user_name: Option<String>,
    pub user_options: Option<List<Property>>,
    pub domain: Option<Box<Domain>>,
    pub groups: Option<List<Group>>,
    pub options: Option<List<UserOption>>,
    pub permissions: Option<List<Permission>>,
    pub roles: Option<List<Role>>,
    pub ssh_public_keys: Option<List<SshPublicKey>>,
    pub tags: Option<List<Tag>>,
}

/// A setting of a user.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct UserOption {
    pub href: Option<String>,
    pub id: Option<String>,
    pub actions: Option<Actions>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub comment: Option<String>,
    pub creation_status: Option<CreationStatus>,
    #[serde(default)]
    pub link: Vec<Link>,
    pub content: Option<String>,
    pub user: Option<Box<User>>,
}

words! {
    /// What `event_subscription.event` may say.
    NotifiableEvent {
        EngineStop = "engine_stop",
        EngineBackupStarted = "engine_backup_started",
        EngineBackupCompleted = "engine_backup_completed",
        EngineBackupFailed = "engine_backup_failed",
        EngineCaCertificationIsAboutToExpire = "engine_ca_certification_is_about_to_expire",
        EngineCaCertificationHasExpired = "engine_ca_certification_has_expired",
        EngineCertificationIsAboutToExpire = "engine_certification_is_about_to_expire",
        EngineCertificationHasExpired = "engine_certification_has_expired",
        ClusterAlertHaReservation = "cluster_alert_ha_reservation",
        NetworkUpdateDisplayForClusterWithActiveVm = "network_update_display_for_cluster_with_active_vm",
        ClusterAlertHaReservationDown = "cluster_alert_ha_reservation_down",
        HostFailure = "host_failure",
        HostUpdatesAreAvailable = "host_updates_are_available",
        HostUpdatesAreAvailableWithPackages = "host_updates_are_available_with_packages",
        UserHostMaintenance = "user_host_maintenance",
        UserHostMaintenanceManualHa = "user_host_maintenance_manual_ha",
        UserHostMaintenanceMigrationFailed = "user_host_maintenance_migration_failed",
        HostActivateManualHa = "host_activate_manual_ha",
        HostActivateFailed = "host_activate_failed",
        HostRecoverFailed = "host_recover_failed",
        HostApproveFailed = "host_approve_failed",
        HostInstallFailed = "host_install_failed",
        HostTimeDriftAlert = "host_time_drift_alert",
        HostSetNonoperational = "host_set_nonoperational",
        HostSetNonoperationalIfaceDown = "host_set_nonoperational_iface_down",
        HostLowMem = "host_low_mem",
        HostHighMemUse = "host_high_mem_use",
        HostInterfaceHighNetworkUse = "host_interface_high_network_use",
        HostHighCpuUse = "host_high_cpu_use",
        HostHighSwapUse = "host_high_swap_use",
        HostLowSwap = "host_low_swap",
        HostInterfaceStateDown = "host_interface_state_down",
        HostBondSlaveStateDown = "host_bond_slave_state_down",
        NetworkUpdateDisplayForHostWithActiveVm = "network_update_display_for_host_with_active_vm",
        HostCertificationIsAboutToExpire = "host_certification_is_about_to_expire",
        HostCertificationHasExpired = "host_certification_has_expired",
        HostCertificateHasInvalidSan = "host_certificate_has_invalid_san",
        HostSetNonoperationalDomain = "host_set_nonoperational_domain",
        SystemChangeStoragePoolStatusNoHostForSpm = "system_change_storage_pool_status_no_host_for_spm",
        SystemDeactivatedStorageDomain = "system_deactivated_storage_domain",
        VmFailure = "vm_failure",
        VmMigrationStart = "vm_migration_start",
        VmMigrationFailed = "vm_migration_failed",
        VmMigrationToServerFailed = "vm_migration_to_server_failed",
        VmNotResponding = "vm_not_responding",
        VmStatusRestored = "vm_status_restored",
        HaVmRestartFailed = "ha_vm_restart_failed",
        HaVmFailed = "ha_vm_failed",
        VmConsoleConnected = "vm_console_connected",
        VmConsoleDisconnected = "vm_console_disconnected",
        VmSetTicket = "vm_set_ticket",
        VmDownError = "vm_down_error",
        HostInitiatedRunVmFailed = "host_initiated_run_vm_failed",
        VmPaused = "vm_paused",
        VmPausedEio = "vm_paused_eio",
        VmPausedEnospc = "vm_paused_enospc",
        VmPausedEperm = "vm_paused_eperm",
        VmPausedError = "vm_paused_error",
        VmRecoveredFromPauseError = "vm_recovered_from_pause_error",
        MacAddressIsExternal = "mac_address_is_external",
        HostSlowStorageResponseTime = "host_slow_storage_response_time",
        IrsFailure = "irs_failure",
        IrsDiskSpaceLow = "irs_disk_space_low",
        IrsConfirmedDiskSpaceLow = "irs_confirmed_disk_space_low",
        IrsDiskSpaceLowError = "irs_disk_space_low_error",
        NumberOfLvsOnStorageDomainExceededThreshold = "number_of_lvs_on_storage_domain_exceeded_threshold",
        GlusterVolumeCreate = "gluster_volume_create",
        GlusterVolumeCreateFailed = "gluster_volume_create_failed",
        GlusterVolumeOptionAdded = "gluster_volume_option_added",
        GlusterVolumeOptionModified = "gluster_volume_option_modified",
        GlusterVolumeOptionSetFailed = "gluster_volume_option_set_failed",
        GlusterVolumeStart = "gluster_volume_start",
        GlusterVolumeStartFailed = "gluster_volume_start_failed",
        GlusterVolumeStop = "gluster_volume_stop",
        GlusterVolumeStopFailed = "gluster_volume_stop_failed",
        GlusterVolumeOptionsReset = "gluster_volume_options_reset",
        GlusterVolumeOptionsResetAll = "gluster_volume_options_reset_all",
        GlusterVolumeOptionsResetFailed = "gluster_volume_options_reset_failed",
        GlusterVolumeDelete = "gluster_volume_delete",
        GlusterVolumeDeleteFailed = "gluster_volume_delete_failed",
        GlusterVolumeAddBrick = "gluster_volume_add_brick",
        GlusterVolumeAddBrickFailed = "gluster_volume_add_brick_failed",
        GlusterVolumeRemoveBricks = "gluster_volume_remove_bricks",
        GlusterVolumeRemoveBricksFailed = "gluster_volume_remove_bricks_failed",
        StartRemovingGlusterVolumeBricks = "start_removing_gluster_volume_bricks",
        StartRemovingGlusterVolumeBricksFailed = "start_removing_gluster_volume_bricks_failed",
        GlusterVolumeRemoveBricksStop = "gluster_volume_remove_bricks_stop",
        GlusterVolumeRemoveBricksStopFailed = "gluster_volume_remove_bricks_stop_failed",
        GlusterVolumeRebalanceStart = "gluster_volume_rebalance_start",
        GlusterVolumeRebalanceStartFailed = "gluster_volume_rebalance_start_failed",
        GlusterVolumeRebalanceStop = "gluster_volume_rebalance_stop",
        GlusterVolumeRebalanceStopFailed = "gluster_volume_rebalance_stop_failed",
        GlusterVolumeReplaceBrickFailed = "gluster_volume_replace_brick_failed",
        GlusterVolumeReplaceBrickStart = "gluster_volume_replace_brick_start",
        GlusterVolumeReplaceBrickStartFailed = "gluster_volume_replace_brick_start_failed",
        GlusterVolumeBrickReplaced = "gluster_volume_brick_replaced",
        GlusterVolumeRebalanceStartDetectedFromCli = "gluster_volume_rebalance_start_detected_from_cli",
        StartRemovingGlusterVolumeBricksDetectedFromCli = "start_removing_gluster_volume_bricks_detected_from_cli",
        GlusterVolumeRebalanceNotFoundFromCli = "gluster_volume_rebalance_not_found_from_cli",
        RemoveGlusterVolumeBricksNotFoundFromCli = "remove_gluster_volume_bricks_not_found_from_cli",
        GlusterVolumeSnapshotCreated = "gluster_volume_snapshot_created",
        GlusterVolumeSnapshotCreateFailed = "gluster_volume_snapshot_create_failed",
        GlusterServerAddFailed = "gluster_server_add_failed",
        GlusterServerRemove = "gluster_server_remove",
        GlusterServerRemoveFailed = "gluster_server_remove_failed",
        GlusterVolumeProfileStart = "gluster_volume_profile_start",
        GlusterVolumeProfileStartFailed = "gluster_volume_profile_start_failed",
        GlusterVolumeProfileStop = "gluster_volume_profile_stop",
        GlusterVolumeProfileStopFailed = "gluster_volume_profile_stop_failed",
        GlusterHookEnable = "gluster_hook_enable",
        GlusterHookEnableFailed = "gluster_hook_enable_failed",
        GlusterHookDisable = "gluster_hook_disable",
        GlusterHookDisableFailed = "gluster_hook_disable_failed",
        GlusterHookDetectedNew = "gluster_hook_detected_new",
        GlusterHookConflictDetected = "gluster_hook_conflict_detected",
        GlusterHookDetectedDelete = "gluster_hook_detected_delete",
        GlusterHookAdded = "gluster_hook_added",
        GlusterHookAddFailed = "gluster_hook_add_failed",
        GlusterHookRemoved = "gluster_hook_removed",
        GlusterHookRemoveFailed = "gluster_hook_remove_failed",
        GlusterServiceStarted = "gluster_service_started",
        GlusterServiceStartFailed = "gluster_service_start_failed",
        GlusterServiceStopped = "gluster_service_stopped",
        GlusterServiceStopFailed = "gluster_service_stop_failed",
        GlusterServiceRestarted = "gluster_service_restarted",
        GlusterServiceRestartFailed = "gluster_service_restart_failed",
        GlusterBrickStatusChanged = "gluster_brick_status_changed",
        GlusterVolumeSnapshotDeleted = "gluster_volume_snapshot_deleted",
        GlusterVolumeSnapshotDeleteFailed = "gluster_volume_snapshot_delete_failed",
        GlusterVolumeAllSnapshotsDeleted = "gluster_volume_all_snapshots_deleted",
        GlusterVolumeAllSnapshotsDeleteFailed = "gluster_volume_all_snapshots_delete_failed",
        GlusterVolumeSnapshotActivated = "gluster_volume_snapshot_activated",
        GlusterVolumeSnapshotActivateFailed = "gluster_volume_snapshot_activate_failed",
        GlusterVolumeSnapshotDeactivated = "gluster_volume_snapshot_deactivated",
        GlusterVolumeSnapshotDeactivateFailed = "gluster_volume_snapshot_deactivate_failed",
        GlusterVolumeSnapshotRestored = "gluster_volume_snapshot_restored",
        GlusterVolumeSnapshotRestoreFailed = "gluster_volume_snapshot_restore_failed",
        GlusterVolumeConfirmedSpaceLow = "gluster_volume_confirmed_space_low",
        DwhStopped = "dwh_stopped",
        DwhError = "dwh_error",
        GlusterVolumeRebalanceFinished = "gluster_volume_rebalance_finished",
        GlusterVolumeMigrateBrickDataFinished = "gluster_volume_migrate_brick_data_finished",
        HostUntrusted = "host_untrusted",
        UserUpdateVmFromTrustedToUntrusted = "user_update_vm_from_trusted_to_untrusted",
        UserUpdateVmFromUntrustedToTrusted = "user_update_vm_from_untrusted_to_trusted",
        ImportexportImportVmFromTrustedToUntrusted = "importexport_import_vm_from_trusted_to_untrusted",
        ImportexportImportVmFromUntrustedToTrusted = "importexport_import_vm_from_untrusted_to_trusted",
        UserAddVmFromTrustedToUntrusted = "user_add_vm_from_trusted_to_untrusted",
        UserAddVmFromUntrustedToTrusted = "user_add_vm_from_untrusted_to_trusted",
        ImportexportImportTemplateFromTrustedToUntrusted = "importexport_import_template_from_trusted_to_untrusted",
        ImportexportImportTemplateFromUntrustedToTrusted = "importexport_import_template_from_untrusted_to_trusted",
        UserAddVmTemplateFromTrustedToUntrusted = "user_add_vm_template_from_trusted_to_untrusted",
        UserAddVmTemplateFromUntrustedToTrusted = "user_add_vm_template_from_untrusted_to_trusted",
        UserUpdateVmTemplateFromTrustedToUntrusted = "user_update_vm_template_from_trusted_to_untrusted",
        UserUpdateVmTemplateFromUntrustedToTrusted = "user_update_vm_template_from_untrusted_to_trusted",
        FaultyMultipathsOnHost = "faulty_multipaths_on_host",
        NoFaultyMultipathsOnHost = "no_faulty_multipaths_on_host",
        MultipathDevicesWithoutValidPathsOnHost = "multipath_devices_without_valid_paths_on_host",
    }
}

words! {
    /// What `event_subscription.notification_method` may say.
    NotificationMethod {
        Smtp = "smtp",
        Snmp = "snmp",
    }
}

words! {
    /// Declared by the API for values that travel as plain text.
    RoleType {
        Admin = "admin",
        User = "user",
    }
}
