//! Sentences about VMs, templates, their NICs, and what guests do.

use super::sentences;

sentences! {
    // Life of a VM
    32 USER_RUN_VM "VM ${VmName} started on host ${VdsName}.";
    33 USER_STOP_VM "VM ${VmName} was powered off by ${UserName} (host: ${VdsName}).${OptionalReason}";
    39 USER_PAUSE_VM "VM ${VmName} was paused by ${UserName} (host: ${VdsName}).";
    40 USER_RESUME_VM "VM ${VmName} was resumed by ${UserName} (host: ${VdsName}).";
    54 USER_FAILED_RUN_VM "VM ${VmName} could not be started${DueToError} (user: ${UserName}).";
    55 USER_FAILED_PAUSE_VM "VM ${VmName} could not be paused (host: ${VdsName}, user: ${UserName}).";
    56 USER_FAILED_STOP_VM "VM ${VmName} could not be powered off (host: ${VdsName}, user: ${UserName}).";
    61 VM_DOWN "VM ${VmName} is down. ${ExitMessage}";
    66 VM_FAILURE "VM ${VmName} can't be reached on host ${VdsName}.";
    73 USER_INITIATED_SHUTDOWN_VM "${UserName} asked VM ${VmName} on host ${VdsName} to shut down.${OptionalReason}";
    74 USER_FAILED_SHUTDOWN_VM "Shutting down VM ${VmName} failed (host: ${VdsName}, user: ${UserName}).";
    76 USER_STOPPED_VM_INSTEAD_OF_SHUTDOWN "VM ${VmName} was powered off by ${UserName}, because it could not be shut down (host: ${VdsName}).${OptionalReason}";
    77 USER_FAILED_STOPPING_VM_INSTEAD_OF_SHUTDOWN "VM ${VmName} could be neither shut down nor powered off (host: ${VdsName}, user: ${UserName}).";
    103 USER_FAILED_RESUME_VM "VM ${VmName} could not be resumed (host: ${VdsName}, user: ${UserName}).";
    119 VM_DOWN_ERROR "VM ${VmName} is down with an error. ${ExitMessage}";
    126 VM_NOT_RESPONDING "VM ${VmName} does not respond.";
    129 VM_CLEARED "The run of a VM was cleared.";
    138 VM_PAUSED_ENOSPC "VM ${VmName} was paused: its storage has no space left.";
    139 VM_PAUSED_ERROR "VM ${VmName} was paused: its storage failed in an unknown way.";
    142 VM_SET_TO_UNKNOWN_STATUS "The state of VM ${VmName} is unknown, because its host can't be asked.";
    143 VM_WAS_SET_DOWN_DUE_TO_HOST_REBOOT_OR_MANUAL_FENCE "VM ${VmName} is down, because host ${VdsName} was restarted.";
    145 VM_PAUSED_EIO "VM ${VmName} was paused: its storage had an input or output error.";
    146 VM_PAUSED_EPERM "VM ${VmName} was paused: its storage denied access.";
    147 VM_POWER_DOWN_FAILED "VM ${VmName} did not power down when it was asked to.";
    150 USER_INITIATED_RUN_VM "Starting VM ${VmName} was initiated by ${UserName}.";
    151 USER_INITIATED_RUN_VM_FAILED "VM ${VmName} could not be started on host ${VdsName}.";
    152 USER_RUN_VM_ON_NON_DEFAULT_VDS "VM ${VmName} started on host ${VdsName} instead of its preferred host.";
    153 USER_STARTED_VM "VM ${VmName} was started by ${UserName} (host: ${VdsName}).";
    157 USER_REBOOT_VM "${UserName} asked VM ${VmName} to restart.";
    158 USER_FAILED_REBOOT_VM "VM ${VmName} could not be restarted (user: ${UserName}).";
    163 VM_STATUS_RESTORED "VM ${VmName} is ${VmStatus} again.";
    179 USER_INITIATED_RUN_VM_AND_PAUSE "Starting VM ${VmName} in paused state was initiated by ${UserName}.";
    196 VM_RECOVERED_FROM_PAUSE_ERROR "VM ${VmName} runs again after it was paused by a storage error.";
    221 USER_RESET_VM "VM ${VmName} was reset by ${UserName}.";
    222 USER_FAILED_RESET_VM "VM ${VmName} could not be reset (user: ${UserName}).";
    254 VM_ALREADY_IN_REQUESTED_STATUS "VM ${VmName} is ${VmStatus} already, so ${Action} changed nothing (user: ${UserName}).";
    506 VDS_INITIATED_RUN_VM "Host ${VdsName} is starting VM ${VmName} again.";
    507 VDS_INITIATED_RUN_VM_FAILED "Starting VM ${VmName} again on host ${VdsName} failed.";
    818 RUN_VM_FAILED "VM ${VmName} can't run on host ${VdsName}: ${ErrMsg}.";
    1025 VM_PAUSED "VM ${VmName} was paused.";
    9602 HA_VM_FAILED "Highly available VM ${VmName} failed. It will be started again.";
    9603 HA_VM_RESTART_FAILED "Highly available VM ${VmName} could not be started again${DueToError}.";
    9605 EXCEEDED_MAXIMUM_NUM_OF_RESTART_HA_VM_ATTEMPTS "Highly available VM ${VmName} could not be started again after several tries. From now on it is tried every 30 minutes.";
    9611 COLD_REBOOT_VM_DOWN "VM ${VmName} is down and will be started again to complete its restart.";
    9612 COLD_REBOOT_FAILED "VM ${VmName} did not come back after its restart.";
    9901 WATCHDOG_EVENT "The watchdog of VM ${VmName} acted: ${wdaction} (${wdevent}).";

    // Migration
    62 VM_MIGRATION_START "Migration of VM ${VmName} from host ${VdsName} to host ${DestinationVdsName} was started by ${UserName}.${OptionalReason}";
    63 VM_MIGRATION_DONE "Migration of VM ${VmName} from host ${VdsName} to host ${DestinationVdsName} is complete (duration: ${Duration}, total: ${TotalDuration}, downtime: ${ActualDowntime}).";
    64 VM_MIGRATION_ABORT "Migration of VM ${VmName} from host ${VdsName} was aborted: ${MigrationError}.";
    65 VM_MIGRATION_FAILED "Migration of VM ${VmName} from host ${VdsName} failed${DueToMigrationError}.";
    67 VM_MIGRATION_START_SYSTEM_INITIATED "The system began to migrate VM ${VmName} from host ${VdsName} to host ${DestinationVdsName}.${OptionalReason}";
    120 VM_MIGRATION_TO_SERVER_FAILED "Migration of VM ${VmName} from host ${VdsName} to host ${DestinationVdsName} failed${DueToMigrationError}.";
    128 VM_MIGRATION_TRYING_RERUN "VM ${VmName} could not be migrated to host ${DestinationVdsName}${DueToMigrationError}. Another host will be tried.";
    140 VM_MIGRATION_FAILED_DURING_MOVE_TO_MAINTENANCE "VM ${VmName} could not be migrated from host ${VdsName} to host ${DestinationVdsName}${DueToMigrationError}; host ${VdsName} can't enter maintenance.";
    161 VM_CANCEL_MIGRATION "Migration of VM ${VmName} from host ${VdsName} was cancelled by ${UserName}.";
    162 VM_CANCEL_MIGRATION_FAILED "Migration of VM ${VmName} could not be cancelled.";
    166 VM_MIGRATION_NO_VDS_TO_MIGRATE_TO "No host can take VM ${VmName} by migration.";
    1111 VM_MIGRATION_FAILED_DURING_MOVE_TO_MAINTENANCE_NO_DESTINATION_VDS "VM ${VmName} could not be migrated from host ${VdsName}${DueToMigrationError}: no other host can take it.";

    // Configuration of a VM
    34 USER_ADD_VM "VM ${VmName} was created by ${UserName}.";
    35 USER_UPDATE_VM "The configuration of VM ${VmName} was updated by ${UserName}.";
    37 USER_ADD_VM_STARTED "Creation of VM ${VmName} was initiated by ${UserName}.";
    38 USER_CHANGE_DISK_VM "CD ${DiskName} was inserted into VM ${VmName} by ${UserName}.";
    53 USER_ADD_VM_FINISHED_SUCCESS "VM ${VmName} creation is complete.";
    57 USER_FAILED_ADD_VM "VM ${VmName} could not be created (user: ${UserName}).";
    58 USER_FAILED_UPDATE_VM "The configuration of VM ${VmName} could not be updated (user: ${UserName}).";
    59 USER_FAILED_REMOVE_VM "VM ${VmName} could not be removed (user: ${UserName}).";
    60 USER_ADD_VM_FINISHED_FAILURE "Creation of VM ${VmName} did not complete.";
    102 USER_FAILED_CHANGE_DISK_VM "The CD of VM ${VmName} could not be changed (host: ${VdsName}, user: ${UserName}).";
    113 USER_REMOVE_VM_FINISHED "VM ${VmName} was removed by ${UserName}.";
    172 USER_REMOVE_VM_FINISHED_WITH_ILLEGAL_DISKS "VM ${VmName} was removed by ${UserName}, but these disks could not be removed: ${DisksNames}.";
    252 SYSTEM_FAILED_UPDATE_VM "The system could not update the configuration of VM ${VmName}.";
    253 SYSTEM_UPDATE_VM "The system updated the configuration of VM ${VmName}.";
    528 USER_EJECT_VM_DISK "The CD of VM ${VmName} was ejected by ${UserName}.";
    1200 ENTITY_RENAMED "${EntityType} ${OldEntityName} was renamed to ${NewEntityName} by ${UserName}.";

    // Consoles and guests
    164 VM_SET_TICKET "${UserName} asked for a console of VM ${VmName}.";
    165 VM_SET_TICKET_FAILED "${UserName} could not get a console of VM ${VmName}.";
    167 VM_CONSOLE_CONNECTED "${UserName} is connected to the console of VM ${VmName}.";
    168 VM_CONSOLE_DISCONNECTED "${UserName} left the console of VM ${VmName}.";
    456 USER_LOGGED_IN_VM "${GuestUser} logged in to VM ${VmName}.";
    457 USER_LOGGED_OUT_VM "${GuestUser} logged out of VM ${VmName}.";

    // NICs
    930 NETWORK_REMOVE_VM_INTERFACE "Interface ${InterfaceName} (${InterfaceType}) was removed from VM ${VmName} by ${UserName}.";
    931 NETWORK_REMOVE_VM_INTERFACE_FAILED "Interface ${InterfaceName} (${InterfaceType}) could not be removed from VM ${VmName} (user: ${UserName}).";
    932 NETWORK_ADD_VM_INTERFACE "Interface ${InterfaceName} (${InterfaceType}) was added to VM ${VmName} by ${UserName}.";
    933 NETWORK_ADD_VM_INTERFACE_FAILED "Interface ${InterfaceName} (${InterfaceType}) could not be added to VM ${VmName} (user: ${UserName}).";
    934 NETWORK_UPDATE_VM_INTERFACE "Interface ${InterfaceName} (${InterfaceType}) of VM ${VmName} was updated by ${UserName}; its link is ${LinkState}.";
    935 NETWORK_UPDATE_VM_INTERFACE_FAILED "Interface ${InterfaceName} (${InterfaceType}) of VM ${VmName} could not be updated (user: ${UserName}).";
    936 NETWORK_ADD_TEMPLATE_INTERFACE "Interface ${InterfaceName} (${InterfaceType}) was added to template ${VmTemplateName} by ${UserName}.";
    937 NETWORK_ADD_TEMPLATE_INTERFACE_FAILED "Interface ${InterfaceName} (${InterfaceType}) could not be added to template ${VmTemplateName} (user: ${UserName}).";
    938 NETWORK_REMOVE_TEMPLATE_INTERFACE "Interface ${InterfaceName} (${InterfaceType}) was removed from template ${VmTemplateName} by ${UserName}.";
    939 NETWORK_REMOVE_TEMPLATE_INTERFACE_FAILED "Interface ${InterfaceName} (${InterfaceType}) could not be removed from template ${VmTemplateName} (user: ${UserName}).";
    1012 NETWORK_ACTIVATE_VM_INTERFACE_SUCCESS "Interface ${InterfaceName} (${InterfaceType}) was plugged into VM ${VmName} by ${UserName}.";
    1013 NETWORK_ACTIVATE_VM_INTERFACE_FAILURE "Interface ${InterfaceName} (${InterfaceType}) could not be plugged into VM ${VmName} (user: ${UserName}).";
    1014 NETWORK_DEACTIVATE_VM_INTERFACE_SUCCESS "Interface ${InterfaceName} (${InterfaceType}) was unplugged from VM ${VmName} by ${UserName}.";
    1015 NETWORK_DEACTIVATE_VM_INTERFACE_FAILURE "Interface ${InterfaceName} (${InterfaceType}) could not be unplugged from VM ${VmName} (user: ${UserName}).";

    // Templates
    29 USER_ADD_VM_TEMPLATE_SUCCESS "Template ${VmTemplateName} was created.";
    36 USER_ADD_VM_TEMPLATE_FAILURE "Template ${VmTemplateName} could not be created.";
    48 USER_ADD_VM_TEMPLATE "Creation of template ${VmTemplateName} from VM ${VmName} was initiated by ${UserName}.";
    49 USER_UPDATE_VM_TEMPLATE "Template ${VmTemplateName} was updated by ${UserName}.";
    50 USER_REMOVE_VM_TEMPLATE "Removal of template ${VmTemplateName} was initiated by ${UserName}.";
    51 USER_ADD_VM_TEMPLATE_FINISHED_SUCCESS "Creation of template ${VmTemplateName} from VM ${VmName} is complete.";
    52 USER_ADD_VM_TEMPLATE_FINISHED_FAILURE "Creation of template ${VmTemplateName} from VM ${VmName} did not complete.";
    108 USER_FAILED_ADD_VM_TEMPLATE "Creation of template ${VmTemplateName} from VM ${VmName} could not be initiated (user: ${UserName}).";
    109 USER_FAILED_UPDATE_VM_TEMPLATE "Template ${VmTemplateName} could not be updated (user: ${UserName}).";
    110 USER_FAILED_REMOVE_VM_TEMPLATE "Template ${VmTemplateName} could not be removed (user: ${UserName}).";
    251 USER_REMOVE_VM_TEMPLATE_FINISHED "Template ${VmTemplateName} was removed.";
}
