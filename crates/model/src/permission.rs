//! Users, groups and grants. Which permits exist and what the predefined roles hold is in the catalogues.

use serde::{Deserialize, Serialize};

use crate::ids::{GroupId, ObjectRef, PermissionId, RoleId, UserId};

/// A user that may sign on or be granted something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// The id.
    pub id: UserId,
    /// The name without its profile.
    pub name: String,
    /// The directory domain: `internal-authz` for the built-in profile.
    pub domain: String,
    /// Id in that directory.
    pub domain_entry_id: String,
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// Mail address.
    pub email: String,
    /// Department.
    pub department: String,
    /// Namespace in the directory.
    pub namespace: String,
    /// user@profile, as people type it.
    pub principal: String,
}

/// A group of users.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// The id.
    pub id: GroupId,
    /// The name.
    pub name: String,
    /// The directory domain.
    pub domain: String,
}

/// A role: a named set of permits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// The id.
    pub id: RoleId,
    /// Unique.
    pub name: String,
    /// Free text.
    pub description: String,
    /// An administrator's role.
    pub administrative: bool,
    /// Users may change it.
    pub mutable: bool,
    /// Numbers of the permits it holds.
    pub permits: Vec<u32>,
}

/// Who holds a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Principal {
    /// A user.
    User(UserId),
    /// A group.
    Group(GroupId),
}

/// A grant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Permission {
    /// The id.
    pub id: PermissionId,
    /// Who.
    pub principal: Principal,
    /// What they may do.
    pub role: RoleId,
    /// On what, and on all that lies under it.
    pub object: ObjectRef,
}
