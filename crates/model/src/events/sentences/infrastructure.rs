//! Sentences about the engine, hosts, clusters, networks, certificates, users and tags.

use super::sentences;

sentences! {
    // The engine and its users
    1 VDC_START "The engine started.";
    2 VDC_STOP "The engine stopped.";
    30 USER_VDC_LOGIN "${UserName} signed in from ${SourceIP} with session ${SessionID}.";
    31 USER_VDC_LOGOUT "${UserName} signed out from ${SourceIP}, session ${SessionID}.";
    114 USER_VDC_LOGIN_FAILED "${UserName} could not sign in from ${SourceIP}: ${LoginErrMsg}.";
    149 USER_ADD "User ${NewUserName} was added.";
    160 USER_ACCOUNT_DISABLED_OR_LOCKED "${UserName} can't sign in: the account is disabled or locked.";
    325 USER_REMOVE_ADUSER "User ${AdUserName} was removed by ${UserName}.";
    326 USER_FAILED_REMOVE_ADUSER "User ${AdUserName} could not be removed (user: ${UserName}).";
    327 USER_FAILED_ADD_ADUSER "User ${NewUserName} could not be added.";
    346 USER_PASSWORD_CHANGED "The password of ${UserName} was changed.";
    347 USER_PASSWORD_CHANGE_FAILED "The password of ${UserName} could not be changed.";
    408 USER_REMOVE_AD_GROUP "Group ${GroupName} was removed by ${UserName}.";
    409 USER_REMOVE_AD_GROUP_FAILED "Group ${GroupName} could not be removed (user: ${UserName}).";
    815 USER_VDC_LOGOUT_FAILED "${UserName} could not be signed out from ${SourceIP}, session ${SessionID}.";
    831 USER_VDC_SESSION_TERMINATED "${UserName} ended session ${SessionID} of ${TerminatedSessionUsername} from ${SourceIP}.";
    850 USER_ADD_PERMISSION "${SubjectName} was given role ${RoleName} on ${VdcObjectType} ${VdcObjectName} by ${UserName}.";
    851 USER_ADD_PERMISSION_FAILED "${UserName} could not give role ${RoleName} on ${VdcObjectType} ${VdcObjectName} to ${SubjectName}.";
    852 USER_REMOVE_PERMISSION "Role ${RoleName} on ${VdcObjectType} ${VdcObjectName} was taken from ${SubjectName} by ${UserName}.";
    853 USER_REMOVE_PERMISSION_FAILED "${UserName} could not take role ${RoleName} on ${VdcObjectType} ${VdcObjectName} from ${SubjectName}.";
    854 USER_ADD_ROLE "Role ${RoleName} was added by ${UserName}.";
    855 USER_ADD_ROLE_FAILED "Role ${RoleName} could not be added (user: ${UserName}).";
    856 USER_UPDATE_ROLE "Role ${RoleName} was updated by ${UserName}.";
    857 USER_UPDATE_ROLE_FAILED "Role ${RoleName} could not be updated (user: ${UserName}).";
    858 USER_REMOVE_ROLE "Role ${RoleName} was removed by ${UserName}.";
    859 USER_REMOVE_ROLE_FAILED "Role ${RoleName} could not be removed (user: ${UserName}).";
    860 USER_ATTACHED_ACTION_GROUP_TO_ROLE "Permit ${ActionGroup} was added to role ${RoleName} by ${UserName}.";
    862 USER_DETACHED_ACTION_GROUP_FROM_ROLE "Permit ${ActionGroup} was taken from role ${RoleName} by ${UserName}.";
    866 USER_ADD_SYSTEM_PERMISSION "${SubjectName} was given role ${RoleName} on the ${VdcObjectType} by ${UserName}.";
    867 USER_ADD_SYSTEM_PERMISSION_FAILED "${UserName} could not give role ${RoleName} on the ${VdcObjectType} to ${SubjectName}.";
    868 USER_REMOVE_SYSTEM_PERMISSION "Role ${RoleName} on the ${VdcObjectType} was taken from ${SubjectName} by ${UserName}.";
    869 USER_REMOVE_SYSTEM_PERMISSION_FAILED "${UserName} could not take role ${RoleName} on the ${VdcObjectType} from ${SubjectName}.";
    1172 AUTH_FAILED_INVALID_CREDENTIALS "${UserName} could not be authenticated: name or password is wrong.";
    9024 ENGINE_BACKUP_STARTED "A backup of the engine started.";
    9025 ENGINE_BACKUP_COMPLETED "The backup of the engine is complete.";
    9026 ENGINE_BACKUP_FAILED "The backup of the engine failed.";
    9801 EXTERNAL_EVENT_NORMAL "${Message}";
    9802 EXTERNAL_EVENT_WARNING "${Message}";
    9803 EXTERNAL_EVENT_ERROR "${Message}";
    9804 EXTERNAL_ALERT "${Message}";
    10600 USER_REMOVE_AUDIT_LOG "Event ${AuditLogId} was removed from the log by ${UserName}.";
    10604 USER_DISPLAY_ALL_AUDIT_LOG_EVENTS "All hidden events were shown again by ${UserName}.";
    10605 USER_DISPLAY_ALL_AUDIT_LOG_EVENTS_FAILED "Hidden events could not be shown again (user: ${UserName}).";
    10601 USER_REMOVE_AUDIT_LOG_FAILED "Event ${AuditLogId} could not be removed from the log (user: ${UserName}).";
    14001 GENERIC_ERROR_MESSAGE "${Message}";

    // Pools of MAC addresses
    10700 MAC_POOL_ADD_SUCCESS "MAC Pool ${MacPoolName} was added by ${UserName}.";
    10701 MAC_POOL_ADD_FAILED "MAC Pool ${MacPoolName} could not be added (user: ${UserName}).";
    10702 MAC_POOL_EDIT_SUCCESS "MAC Pool ${MacPoolName} was updated by ${UserName}.";
    10703 MAC_POOL_EDIT_FAILED "MAC Pool ${MacPoolName} could not be updated (user: ${UserName}).";
    10704 MAC_POOL_REMOVE_SUCCESS "MAC Pool ${MacPoolName} was removed by ${UserName}.";
    10705 MAC_POOL_REMOVE_FAILED "MAC Pool ${MacPoolName} could not be removed (user: ${UserName}).";

    // Tags
    430 USER_UPDATE_TAG "Tag ${TagName} was updated by ${UserName}.";
    431 USER_UPDATE_TAG_FAILED "Tag ${TagName} could not be updated (user: ${UserName}).";
    432 USER_ADD_TAG "Tag ${TagName} was added by ${UserName}.";
    433 USER_ADD_TAG_FAILED "Tag ${TagName} could not be added (user: ${UserName}).";
    434 USER_REMOVE_TAG "Tag ${TagName} was removed by ${UserName}.";
    435 USER_REMOVE_TAG_FAILED "Tag ${TagName} could not be removed (user: ${UserName}).";
    436 USER_ATTACH_TAG_TO_USER "Tag ${TagName} was attached to user ${AttachUsersNames} by ${UserName}.";
    437 USER_ATTACH_TAG_TO_USER_FAILED "Tag ${TagName} could not be attached to user ${AttachUsersNames} (user: ${UserName}).";
    438 USER_ATTACH_TAG_TO_USER_GROUP "Tag ${TagName} was attached to group ${AttachGroupsNames} by ${UserName}.";
    439 USER_ATTACH_TAG_TO_USER_GROUP_FAILED "Tag ${TagName} could not be attached to group ${AttachGroupsNames} (user: ${UserName}).";
    440 USER_ATTACH_TAG_TO_VM "Tag ${TagName} was attached to VM ${VmsNames} by ${UserName}.";
    441 USER_ATTACH_TAG_TO_VM_FAILED "Tag ${TagName} could not be attached to VM ${VmsNames} (user: ${UserName}).";
    442 USER_ATTACH_TAG_TO_VDS "Tag ${TagName} was attached to host ${VdsNames} by ${UserName}.";
    443 USER_ATTACH_TAG_TO_VDS_FAILED "Tag ${TagName} could not be attached to host ${VdsNames} (user: ${UserName}).";
    444 USER_DETACH_VDS_FROM_TAG "Tag ${TagName} was detached from host ${VdsNames} by ${UserName}.";
    445 USER_DETACH_VDS_FROM_TAG_FAILED "Tag ${TagName} could not be detached from host ${VdsNames} (user: ${UserName}).";
    446 USER_DETACH_VM_FROM_TAG "Tag ${TagName} was detached from VM ${VmsNames} by ${UserName}.";
    447 USER_DETACH_VM_FROM_TAG_FAILED "Tag ${TagName} could not be detached from VM ${VmsNames} (user: ${UserName}).";
    448 USER_DETACH_USER_FROM_TAG "Tag ${TagName} was detached from user ${DetachUsersNames} by ${UserName}.";
    449 USER_DETACH_USER_FROM_TAG_FAILED "Tag ${TagName} could not be detached from user ${DetachUsersNames} (user: ${UserName}).";
    450 USER_DETACH_USER_GROUP_FROM_TAG "Tag ${TagName} was detached from group ${DetachGroupsNames} by ${UserName}.";
    451 USER_DETACH_USER_GROUP_FROM_TAG_FAILED "Tag ${TagName} could not be detached from group ${DetachGroupsNames} (user: ${UserName}).";
    183 USER_ATTACH_TAG_TO_TEMPLATE "Tag ${TagName} was attached to template ${TemplatesNames} by ${UserName}.";
    184 USER_ATTACH_TAG_TO_TEMPLATE_FAILED "Tag ${TagName} could not be attached to template ${TemplatesNames} (user: ${UserName}).";
    185 USER_DETACH_TEMPLATE_FROM_TAG "Tag ${TagName} was detached from template ${TemplatesNames} by ${UserName}.";
    186 USER_DETACH_TEMPLATE_FROM_TAG_FAILED "Tag ${TagName} could not be detached from template ${TemplatesNames} (user: ${UserName}).";

    // Hosts
    12 VDS_FAILURE "Host ${VdsName} does not respond.";
    13 VDS_DETECTED "Host ${VdsName} is now ${HostStatus}.";
    14 VDS_RECOVER "Host ${VdsName} is recovering.";
    15 VDS_MAINTENANCE "Host ${VdsName} is in maintenance.";
    16 VDS_ACTIVATE "Activation of host ${VdsName} was initiated by ${UserName}.";
    17 VDS_MAINTENANCE_FAILED "Host ${VdsName} could not enter maintenance.";
    18 VDS_ACTIVATE_FAILED "Host ${VdsName} could not be activated (user: ${UserName}).";
    25 VDS_NO_SELINUX_ENFORCEMENT "Host ${VdsName} does not enforce SELinux: its mode is ${Mode}.";
    42 USER_ADD_VDS "Host ${VdsName} was added by ${UserName}.";
    43 USER_UPDATE_VDS "The configuration of host ${VdsName} was updated by ${UserName}.";
    44 USER_REMOVE_VDS "Host ${VdsName} was removed by ${UserName}.";
    75 VDS_SOFT_RECOVER "The agent of host ${VdsName} was restarted.";
    104 USER_FAILED_ADD_VDS "Host ${VdsName} could not be added (user: ${UserName}).";
    105 USER_FAILED_UPDATE_VDS "The configuration of host ${VdsName} could not be updated (user: ${UserName}).";
    106 USER_FAILED_REMOVE_VDS "Host ${VdsName} could not be removed (user: ${UserName}).";
    127 VDS_RUN_IN_NO_KVM_MODE "Host ${VdsName} runs VMs without hardware virtualization.";
    154 VDS_CLUSTER_VERSION_NOT_SUPPORTED "Host ${VdsName} supports the levels ${VdsSupportedVersions}, but cluster ${ClusterName} is of level ${CompatibilityVersion}.";
    156 CPU_TYPE_UNSUPPORTED_IN_THIS_CLUSTER_VERSION "No CPU type of the cluster's level fits host ${VdsName}.";
    189 VDS_STORAGE_VDS_STATS_FAILED "Host ${VdsName} can't reach storage that its data centre uses.";
    348 USER_CLEAR_UNKNOWN_VMS "The VMs of host ${VdsName} were set to down by ${UserName}.";
    498 VDS_APPROVE "Host ${VdsName} was approved by ${UserName}.";
    499 VDS_APPROVE_FAILED "Host ${VdsName} could not be approved.";
    500 VDS_FAILED_TO_RUN_VMS "Host ${VdsName} gets no new VMs for ${Time} minutes, because several did not start on it.";
    504 VDS_INSTALL "Host ${VdsName} joined.";
    505 VDS_INSTALL_FAILED "Host ${VdsName} could not join: ${FailedInstallMessage}.";
    509 VDS_INSTALL_IN_PROGRESS "Host ${VdsName} is joining: ${Message}.";
    514 VDS_INITIALIZING "Host ${VdsName} is initializing. ${ErrorMessage}";
    515 VDS_CPU_LOWER_THAN_CLUSTER "The CPU of host ${VdsName} lacks what its cluster's CPU type needs: ${CpuFlags}.";
    516 VDS_CPU_RETRIEVE_FAILED "Host ${VdsName} did not say which CPU it has.";
    517 VDS_SET_NONOPERATIONAL "Host ${VdsName} is non operational.";
    519 VDS_SET_NONOPERATIONAL_NETWORK "Host ${VdsName} lacks networks that cluster ${ClusterName} needs: ${Networks}.";
    522 VDS_SET_NONOPERATIONAL_DOMAIN "Host ${VdsName} can't reach these storage domains of data centre ${StoragePoolName}: ${StorageDomainNames}.";
    524 VDS_DOMAIN_DELAY_INTERVAL "Storage domain ${StorageDomainName} answered host ${VdsName} only after ${Delay} seconds.";
    531 VDS_LOW_MEM "Host ${HostName} has ${AvailableMemory} MiB of free memory left, less than ${Threshold} MiB.";
    532 VDS_HIGH_MEM_USE "Host ${HostName} uses ${UsedMemory} % of its memory, more than ${Threshold} %.";
    534 VDS_HIGH_CPU_USE "Host ${HostName} uses ${UsedCpu} % of its CPUs, more than ${Threshold} %.";
    535 VDS_HIGH_SWAP_USE "Host ${HostName} uses ${UsedSwap} % of its swap space, more than ${Threshold} %.";
    600 USER_VDS_MAINTENANCE "Host ${VdsName} was sent into maintenance by ${UserName}. Reason: ${Reason}.";
    604 VDS_TIME_DRIFT_ALERT "The clock of host ${VdsName} is ${Actual} seconds off, more than ${Max}.";
    606 HOST_REFRESHED_CAPABILITIES "The capabilities of host ${VdsName} were read anew.";
    607 HOST_REFRESH_CAPABILITIES_FAILED "The capabilities of host ${VdsName} could not be read anew.";
    609 HOST_INTERFACE_STATE_UP "Interface ${InterfaceName} of host ${VdsName} is up.";
    610 HOST_INTERFACE_STATE_DOWN "Interface ${InterfaceName} of host ${VdsName} is down.";
    620 USER_VDS_MAINTENANCE_WITHOUT_REASON "Host ${VdsName} was sent into maintenance by ${UserName}.";
    828 VDS_REGISTER_SUCCEEDED "Host ${VdsName1} registered and waits for approval.";
    9008 VDS_HOST_NOT_RESPONDING_CONNECTING "Host ${VdsName} does not respond. It stays in connecting for ${Seconds} seconds before it counts as lost.";
    9027 VDS_HOST_NOT_RESPONDING "Host ${VdsName} is lost: it does not respond.";
    10802 VDS_BROKER_COMMAND_FAILURE "Host ${VdsName} could not do ${CommandName}: ${message}.";

    // Certificates
    845 HOST_CERTIFICATION_IS_ABOUT_TO_EXPIRE "The certificate of host ${VdsName} expires on ${ExpirationDate}.";
    846 ENGINE_CERTIFICATION_HAS_EXPIRED "The engine's certificate expired on ${ExpirationDate}.";
    847 ENGINE_CERTIFICATION_IS_ABOUT_TO_EXPIRE "The engine's certificate expires on ${ExpirationDate}.";
    849 ENGINE_CA_CERTIFICATION_IS_ABOUT_TO_EXPIRE "The certificate of the engine's authority expires on ${ExpirationDate}.";
    876 HOST_CERTIFICATION_IS_INVALID "The certificate of host ${VdsName} is not valid.";
    877 HOST_CERTIFICATION_HAS_EXPIRED "The certificate of host ${VdsName} expired on ${ExpirationDate}.";
    880 HOST_CERTIFICATION_ENROLLMENT_STARTED "A new certificate for host ${VdsName} is being made (user: ${UserName}).";
    881 HOST_CERTIFICATION_ENROLLMENT_FINISHED "Host ${VdsName} has a new certificate (user: ${UserName}).";
    882 HOST_CERTIFICATION_ENROLLMENT_FAILED "Host ${VdsName} could not be given a new certificate (user: ${UserName}).";

    // Clusters
    809 USER_ADD_CLUSTER "Cluster ${ClusterName} was added by ${UserName}.";
    810 USER_ADD_CLUSTER_FAILED "Cluster ${ClusterName} could not be added (user: ${UserName}).";
    811 USER_UPDATE_CLUSTER "Cluster ${ClusterName} was updated by ${UserName}.";
    812 USER_UPDATE_CLUSTER_FAILED "Cluster ${ClusterName} could not be updated (user: ${UserName}).";
    813 USER_REMOVE_CLUSTER "Cluster ${ClusterName} was removed by ${UserName}.";
    814 USER_REMOVE_CLUSTER_FAILED "Cluster ${ClusterName} could not be removed (user: ${UserName}).";
    835 SYSTEM_UPDATE_CLUSTER "The system updated cluster ${ClusterName}.";

    // Networks
    833 MAC_ADDRESS_IS_IN_USE "Interface ${IfaceName} has MAC address ${MACAddr}, which another interface uses too.";
    925 MAC_ADDRESS_IS_EXTERNAL "VM ${VmName} has MAC address ${MACAddr}, which is outside the pool of its cluster.";
    942 NETWORK_ADD_NETWORK "Network ${NetworkName} was added to data centre ${StoragePoolName}.";
    943 NETWORK_ADD_NETWORK_FAILED "Network ${NetworkName} could not be added to data centre ${StoragePoolName}.";
    944 NETWORK_REMOVE_NETWORK "Network ${NetworkName} was removed from data centre ${StoragePoolName}.";
    946 NETWORK_ATTACH_NETWORK_TO_CLUSTER "Network ${NetworkName} was attached to cluster ${ClusterName}.";
    947 NETWORK_ATTACH_NETWORK_TO_CLUSTER_FAILED "Network ${NetworkName} could not be attached to cluster ${ClusterName}.";
    948 NETWORK_DETACH_NETWORK_TO_CLUSTER "Network ${NetworkName} was detached from cluster ${ClusterName}.";
    949 NETWORK_DETACH_NETWORK_TO_CLUSTER_FAILED "Network ${NetworkName} could not be detached from cluster ${ClusterName}.";
    1100 NETWORK_UPDATE_DISPLAY_TO_CLUSTER "Network ${NetworkName} carries the consoles of cluster ${ClusterName} now (user: ${UserName}).";
    1104 NETWORK_COMMINT_NETWORK_CHANGES "The networks of host ${VdsName} were saved.";
    1105 NETWORK_COMMINT_NETWORK_CHANGES_FAILED "The networks of host ${VdsName} could not be saved.";
    1110 VDS_NETWORKS_OUT_OF_SYNC "Host ${VdsName} has networks that differ from their definition: ${Networks}.";
    1112 NETWORK_UPDTAE_NETWORK_ON_CLUSTER "Network ${NetworkName} was updated on cluster ${ClusterName}.";
    1113 NETWORK_UPDTAE_NETWORK_ON_CLUSTER_FAILED "Network ${NetworkName} could not be updated on cluster ${ClusterName}.";
    1114 NETWORK_UPDATE_NETWORK "Network ${NetworkName} of data centre ${StoragePoolName} was updated.";
    1122 ADD_VNIC_PROFILE "vNIC profile ${VnicProfileName} was added to network ${NetworkName} of data centre ${DataCenterName} by ${UserName}.";
    1123 ADD_VNIC_PROFILE_FAILED "vNIC profile ${VnicProfileName} could not be added to network ${NetworkName} of data centre ${DataCenterName} (user: ${UserName}).";
    1124 UPDATE_VNIC_PROFILE "vNIC profile ${VnicProfileName} of network ${NetworkName} in data centre ${DataCenterName} was updated by ${UserName}.";
    1125 UPDATE_VNIC_PROFILE_FAILED "vNIC profile ${VnicProfileName} of network ${NetworkName} in data centre ${DataCenterName} could not be updated (user: ${UserName}).";
    1126 REMOVE_VNIC_PROFILE "vNIC profile ${VnicProfileName} was removed from network ${NetworkName} of data centre ${DataCenterName} by ${UserName}.";
    1127 REMOVE_VNIC_PROFILE_FAILED "vNIC profile ${VnicProfileName} could not be removed from network ${NetworkName} of data centre ${DataCenterName} (user: ${UserName}).";
    1145 PERSIST_NETWORK_ON_HOST "Setting up networks ${NetworkNames} on host ${VdsName}, ${Sequence} of ${Total} (user: ${UserName}).";
    1146 PERSIST_NETWORK_ON_HOST_FINISHED "Networks ${NetworkNames} stand on host ${VdsName}, ${Sequence} of ${Total} (user: ${UserName}).";
    1147 PERSIST_NETWORK_ON_HOST_FAILED "Networks ${NetworkNames} could not be set up on host ${VdsName}, ${Sequence} of ${Total} (user: ${UserName}).";
    9441 NETWORK_REMOVE_NETWORK_FAILED "Network ${NetworkName} could not be removed from data centre ${StoragePoolName}.";
    11144 NETWORK_UPDATE_NETWORK_FAILED "Network ${NetworkName} of data centre ${StoragePoolName} could not be updated.";
}
