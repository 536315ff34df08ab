//! Sentences about data centres, storage domains, disks, image transfers and jobs from outside.

use super::sentences;

sentences! {
    // Data centres
    950 USER_ADD_STORAGE_POOL "Data centre ${StoragePoolName} (level ${CompatibilityVersion}, quota ${QuotaEnforcementType}) was added by ${UserName}.";
    951 USER_ADD_STORAGE_POOL_FAILED "Data centre ${StoragePoolName} could not be added (user: ${UserName}).";
    952 USER_UPDATE_STORAGE_POOL "Data centre ${StoragePoolName} was updated by ${UserName}.";
    953 USER_UPDATE_STORAGE_POOL_FAILED "Data centre ${StoragePoolName} could not be updated (user: ${UserName}).";
    954 USER_REMOVE_STORAGE_POOL "Data centre ${StoragePoolName} was removed by ${UserName}.";
    955 USER_REMOVE_STORAGE_POOL_FAILED "Data centre ${StoragePoolName} could not be removed (user: ${UserName}).";
    918 USER_FORCE_REMOVE_STORAGE_POOL "Data centre ${StoragePoolName} was removed by force by ${UserName}.";
    980 SYSTEM_CHANGE_STORAGE_POOL_STATUS_PROBLEMATIC "Data centre ${StoragePoolName} can't use its storage now.";
    10810 SYSTEM_CHANGE_STORAGE_POOL_STATUS_UP_REPORTING_HOSTS "Data centre ${StoragePoolName} is up.";
    10811 SYSTEM_CHANGE_STORAGE_POOL_STATUS_NON_RESPONSIVE_NO_REPORTING_HOSTS "Data centre ${StoragePoolName} does not respond: none of its hosts reports its storage.";

    // Storage domains
    26 IRS_DISK_SPACE_LOW "Storage domain ${StorageDomainName} has only ${DiskSpace} GiB left.";
    123 VDS_SLOW_STORAGE_RESPONSE_TIME "Storage answers host ${VdsName} slowly.";
    201 IRS_DISK_SPACE_LOW_ERROR "Storage domain ${StorageDomainName} has only ${DiskSpace} GiB left, and takes no new disks.";
    956 USER_ADD_STORAGE_DOMAIN "Storage domain ${StorageDomainName} was added by ${UserName}.";
    957 USER_ADD_STORAGE_DOMAIN_FAILED "Storage domain ${StorageDomainName} could not be added (user: ${UserName}).";
    958 USER_UPDATE_STORAGE_DOMAIN "Storage domain ${StorageDomainName} was updated by ${UserName}.";
    959 USER_UPDATE_STORAGE_DOMAIN_FAILED "Storage domain ${StorageDomainName} could not be updated (user: ${UserName}).";
    960 USER_REMOVE_STORAGE_DOMAIN "Storage domain ${StorageDomainName} was removed by ${UserName}.";
    961 USER_REMOVE_STORAGE_DOMAIN_FAILED "Storage domain ${StorageDomainName} could not be removed (user: ${UserName}).";
    962 USER_ATTACH_STORAGE_DOMAIN_TO_POOL "Storage domain ${StorageDomainName} was attached to data centre ${StoragePoolName} by ${UserName}.";
    963 USER_ATTACH_STORAGE_DOMAIN_TO_POOL_FAILED "Storage domain ${StorageDomainName} could not be attached to data centre ${StoragePoolName} (user: ${UserName}).";
    964 USER_DETACH_STORAGE_DOMAIN_FROM_POOL "Storage domain ${StorageDomainName} was detached from data centre ${StoragePoolName} by ${UserName}.";
    965 USER_DETACH_STORAGE_DOMAIN_FROM_POOL_FAILED "Storage domain ${StorageDomainName} could not be detached from data centre ${StoragePoolName} (user: ${UserName}).";
    966 USER_ACTIVATED_STORAGE_DOMAIN "Storage domain ${StorageDomainName} of data centre ${StoragePoolName} was activated by ${UserName}.";
    967 USER_ACTIVATE_STORAGE_DOMAIN_FAILED "Storage domain ${StorageDomainName} of data centre ${StoragePoolName} could not be activated (user: ${UserName}).";
    968 USER_DEACTIVATED_STORAGE_DOMAIN "Storage domain ${StorageDomainName} of data centre ${StoragePoolName} was deactivated and goes into maintenance.";
    969 USER_DEACTIVATE_STORAGE_DOMAIN_FAILED "Storage domain ${StorageDomainName} of data centre ${StoragePoolName} could not be deactivated.";
    970 SYSTEM_DEACTIVATED_STORAGE_DOMAIN "Storage domain ${StorageDomainName} of data centre ${StoragePoolName} is inactive, because no host can use it.";
    981 USER_FORCE_REMOVE_STORAGE_DOMAIN "Storage domain ${StorageDomainName} was removed by force by ${UserName}; what it holds was left alone.";
    994 CONNECT_STORAGE_SERVERS_FAILED "Host ${VdsName} could not connect to storage.";
    996 STORAGE_DOMAIN_ERROR "Storage connection ${Connection} failed: ${ErrorMessage}.";
    1029 STORAGE_DOMAIN_MOVED_TO_MAINTENANCE "Storage domain ${StorageDomainName} of data centre ${StoragePoolName} is in maintenance.";
    9505 USER_ACTIVATED_STORAGE_DOMAIN_ASYNC "The system activated storage domain ${StorageDomainName} of data centre ${StoragePoolName} again.";

    // Disks
    78 USER_ADD_DISK_TO_VM "Adding disk ${DiskAlias} to VM ${VmName} was initiated by ${UserName}.";
    79 USER_FAILED_ADD_DISK_TO_VM "Disk ${DiskAlias} could not be added to VM ${VmName} (user: ${UserName}).";
    80 USER_REMOVE_DISK_FROM_VM "A disk was removed from VM ${VmName} by ${UserName}.";
    81 USER_FAILED_REMOVE_DISK_FROM_VM "Disk ${DiskAlias} could not be removed from VM ${VmName} (user: ${UserName}).";
    86 USER_UPDATE_DISK "Disk ${DiskAlias} was updated by ${UserName}.";
    87 USER_FAILED_UPDATE_DISK "Disk ${DiskAlias} could not be updated (user: ${UserName}).";
    88 USER_UPDATE_VM_DISK "Disk ${DiskAlias} of VM ${VmName} was updated by ${UserName}.";
    89 USER_FAILED_UPDATE_VM_DISK "Disk ${DiskAlias} of VM ${VmName} could not be updated (user: ${UserName}).";
    97 USER_ADD_DISK_TO_VM_FINISHED_SUCCESS "Disk ${DiskAlias} was added to VM ${VmName}.";
    98 USER_ADD_DISK_TO_VM_FINISHED_FAILURE "Adding a disk to VM ${VmName} did not complete.";
    370 USER_EXTEND_DISK_SIZE_FAILURE "Disk ${DiskAlias} could not be extended to ${NewSize} GiB (user: ${UserName}).";
    371 USER_EXTEND_DISK_SIZE_SUCCESS "Disk ${DiskAlias} was extended to ${NewSize} GiB (user: ${UserName}).";
    377 USER_EXTENDED_DISK_SIZE "Extending disk ${DiskAlias} to ${NewSize} GiB was initiated by ${UserName}.";
    2000 USER_HOTPLUG_DISK "Disk ${DiskAlias} was plugged into VM ${VmName} by ${UserName}.";
    2001 USER_FAILED_HOTPLUG_DISK "Disk ${DiskAlias} could not be plugged into VM ${VmName} (user: ${UserName}).";
    2002 USER_HOTUNPLUG_DISK "Disk ${DiskAlias} was unplugged from VM ${VmName} by ${UserName}.";
    2003 USER_FAILED_HOTUNPLUG_DISK "Disk ${DiskAlias} could not be unplugged from VM ${VmName} (user: ${UserName}).";
    2004 USER_COPIED_DISK "Copying disk ${DiskAlias} to storage domain ${StorageDomainName} was initiated by ${UserName}.";
    2006 USER_COPIED_DISK_FINISHED_SUCCESS "Disk ${DiskAlias} was copied to storage domain ${StorageDomainName} (user: ${UserName}).";
    2007 USER_COPIED_DISK_FINISHED_FAILURE "Disk ${DiskAlias} could not be copied to storage domain ${StorageDomainName} (user: ${UserName}).";
    2012 USER_FINISHED_REMOVE_DISK_NO_DOMAIN "Disk ${DiskAlias} was removed (user: ${UserName}).";
    2013 USER_FINISHED_FAILED_REMOVE_DISK_NO_DOMAIN "Disk ${DiskAlias} could not be removed (user: ${UserName}).";
    2014 USER_FINISHED_REMOVE_DISK "Disk ${DiskAlias} was removed from storage domain ${StorageDomainName} (user: ${UserName}).";
    2015 USER_FINISHED_FAILED_REMOVE_DISK "Disk ${DiskAlias} could not be removed from storage domain ${StorageDomainName} (user: ${UserName}).";
    2016 USER_ATTACH_DISK_TO_VM "Disk ${DiskAlias} was attached to VM ${VmName} by ${UserName}.";
    2017 USER_FAILED_ATTACH_DISK_TO_VM "Disk ${DiskAlias} could not be attached to VM ${VmName} (user: ${UserName}).";
    2018 USER_DETACH_DISK_FROM_VM "Disk ${DiskAlias} was detached from VM ${VmName} by ${UserName}.";
    2019 USER_FAILED_DETACH_DISK_FROM_VM "Disk ${DiskAlias} could not be detached from VM ${VmName} (user: ${UserName}).";
    2020 USER_ADD_DISK "Adding disk ${DiskAlias} was initiated by ${UserName}.";
    2021 USER_ADD_DISK_FINISHED_SUCCESS "Disk ${DiskAlias} was added.";
    2022 USER_ADD_DISK_FINISHED_FAILURE "Adding a disk did not complete.";
    2023 USER_FAILED_ADD_DISK "Disk ${DiskAlias} could not be added (user: ${UserName}).";
    2036 ADD_DISK_INTERNAL "Disk ${DiskAlias} is being made for an operation.";
    2037 ADD_DISK_INTERNAL_FAILURE "Disk ${DiskAlias} could not be made for an operation.";
    2038 USER_REMOVE_DISK_INITIATED "Removal of disk ${DiskAlias} from storage domain ${StorageDomainName} was initiated by ${UserName}.";
    2042 USER_FINISHED_REMOVE_DISK_ATTACHED_TO_VMS "Disk ${DiskAlias} of ${VmNames} was removed from storage domain ${StorageDomainName} (user: ${UserName}).";
    2044 USER_REMOVE_DISK_ATTACHED_TO_VMS_INITIATED "Removal of disk ${DiskAlias} of ${VmNames} from storage domain ${StorageDomainName} was initiated by ${UserName}.";

    // Image transfers
    1031 TRANSFER_IMAGE_INITIATED "${TransferType} of disk ${DiskAlias} was initiated by ${UserName}.";
    1032 TRANSFER_IMAGE_SUCCEEDED "${TransferType} of disk ${DiskAlias} is complete.";
    1033 TRANSFER_IMAGE_CANCELLED "${TransferType} of disk ${DiskAlias} was cancelled.";
    1034 TRANSFER_IMAGE_FAILED "${TransferType} of disk ${DiskAlias} failed.";
    1035 TRANSFER_IMAGE_TEARDOWN_FAILED "The transfer of disk ${DiskAlias} could not be closed down on its host.";
    1053 TRANSFER_IMAGE_CLEANED_UP "An image transfer was cleaned up.";
    1064 TRANSFER_IMAGE_STOPPED_BY_SYSTEM_TICKET_RENEW_FAILURE "An image transfer was stopped: its ticket could not be extended.";
    1065 TRANSFER_IMAGE_STOPPED_BY_SYSTEM_MISSING_TICKET "An image transfer was stopped: its ticket is gone from the host.";
    1067 TRANSFER_IMAGE_STOPPED_BY_SYSTEM_MISSING_HOST "An image transfer was stopped: no host can serve it.";
    1068 TRANSFER_IMAGE_STOPPED_BY_SYSTEM_FAILED_TO_CREATE_TICKET "An image transfer was stopped: no ticket could be made.";
    1069 TRANSFER_IMAGE_STOPPED_BY_SYSTEM_FAILED_TO_ADD_TICKET_TO_DAEMON "An image transfer was stopped: the host did not take its ticket.";
    1071 UPLOAD_IMAGE_PAUSED_BY_SYSTEM_TIMEOUT "An upload was paused: nothing was sent for too long.";
    1072 DOWNLOAD_IMAGE_CANCELED_TIMEOUT "A download was cancelled: nothing was read for too long.";
    1073 TRANSFER_IMAGE_PAUSED_BY_USER "An image transfer was paused by ${UserName}.";
    1074 TRANSFER_IMAGE_RESUMED_BY_USER "An image transfer was resumed by ${UserName}.";
    1076 TRANSFER_IMAGE_CANCELED_ON_TIMEOUT "An image transfer was cancelled: nothing moved for too long.";
    1077 TRANSFER_IMAGE_PAUSED_ON_TIMEOUT "An image transfer was paused: nothing moved for too long.";

    // Jobs of outside programs
    11000 USER_ADD_EXTERNAL_JOB "Job ${description} was added by ${UserName}.";
    11001 USER_ADD_EXTERNAL_JOB_FAILED "Job ${description} could not be added.";
}
