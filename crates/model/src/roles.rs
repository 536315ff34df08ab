//! The predefined roles with their permits, and the grants that a new installation has. Knows no user but Everyone.

mod table;

pub use table::PREDEFINED_ROLES;
use uuid::{Uuid, uuid};

use crate::default_objects::{
    BLANK_TEMPLATE, DEFAULT_CPU_PROFILE, DEFAULT_MAC_POOL, EVERYONE, MANAGEMENT_VNIC_PROFILE,
};
use crate::ids::{ObjectKind, ObjectRef};
use crate::permits::{Permit, RoleKind};

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

/// The grants of a new installation. Setup adds one: [`SUPER_USER`] on the system for the first administrator.
pub const PREDEFINED_PERMISSIONS: &[PredefinedPermission] = &[
    PredefinedPermission {
        id: uuid!("14124e3a-fedf-11e9-8092-8c1645ce738e"),
        group: EVERYONE,
        role: CPU_PROFILE_OPERATOR,
        object: ObjectRef { kind: ObjectKind::CpuProfile, id: DEFAULT_CPU_PROFILE },
    },
    PredefinedPermission {
        id: uuid!("58ca604b-017d-0374-0220-00000000014e"),
        group: EVERYONE,
        role: MAC_POOL_USER,
        object: ObjectRef { kind: ObjectKind::MacPool, id: DEFAULT_MAC_POOL },
    },
    PredefinedPermission {
        id: uuid!("58ca605c-010d-0307-0224-0000000001a9"),
        group: EVERYONE,
        role: USER_PROFILE_EDITOR,
        object: ObjectRef::SYSTEM,
    },
    PredefinedPermission {
        id: uuid!("00000004-0004-0004-0004-000000000355"),
        group: EVERYONE,
        role: USER_TEMPLATE_BASED_VM,
        object: ObjectRef { kind: ObjectKind::Template, id: BLANK_TEMPLATE },
    },
    PredefinedPermission {
        id: uuid!("00000004-0004-0004-0004-000000000392"),
        group: EVERYONE,
        role: USER_TEMPLATE_BASED_VM,
        object: ObjectRef { kind: ObjectKind::Template, id: uuid!("00000003-0003-0003-0003-0000000000be") },
    },
    PredefinedPermission {
        id: uuid!("00000006-0006-0006-0006-000000000044"),
        group: EVERYONE,
        role: USER_TEMPLATE_BASED_VM,
        object: ObjectRef { kind: ObjectKind::Template, id: uuid!("00000005-0005-0005-0005-0000000002e6") },
    },
    PredefinedPermission {
        id: uuid!("00000008-0008-0008-0008-0000000001b7"),
        group: EVERYONE,
        role: USER_TEMPLATE_BASED_VM,
        object: ObjectRef { kind: ObjectKind::Template, id: uuid!("00000007-0007-0007-0007-00000000010a") },
    },
    PredefinedPermission {
        id: uuid!("0000000a-000a-000a-000a-000000000309"),
        group: EVERYONE,
        role: USER_TEMPLATE_BASED_VM,
        object: ObjectRef { kind: ObjectKind::Template, id: uuid!("00000009-0009-0009-0009-0000000000f1") },
    },
    PredefinedPermission {
        id: uuid!("0000000c-000c-000c-000c-00000000039b"),
        group: EVERYONE,
        role: USER_TEMPLATE_BASED_VM,
        object: ObjectRef { kind: ObjectKind::Template, id: uuid!("0000000b-000b-000b-000b-00000000021f") },
    },
    PredefinedPermission {
        id: uuid!("0000000b-000b-000b-000b-0000000001d5"),
        group: EVERYONE,
        role: VNIC_PROFILE_USER,
        object: ObjectRef { kind: ObjectKind::VnicProfile, id: MANAGEMENT_VNIC_PROFILE },
    },
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
