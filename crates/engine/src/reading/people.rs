//! Users, groups, roles and grants as users read them.

use ferrovirt_model::ids::{GroupId, ObjectRef, PermissionId, RoleId, UserId};
use ferrovirt_model::permission::{Group, Permission, Principal, Role, User};
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::search::Entity;
use ferrovirt_store::{Areas, users};
use uuid::Uuid;

use super::{every, sees_all, the_one};
use crate::actions::objects;
use crate::core::{Engine, now};
use crate::failure::Result;
use crate::listing::{self, ListQuery};
use crate::session::Caller;

impl Engine {
    /// Users by search: all for administrators, themself for others. `of_domain` narrows to one directory: whether the
    /// one that was named is known.
    ///
    /// # Errors
    /// A refusal for a search that can't be read; trouble with the store.
    pub async fn list_users(&self, caller: &Caller, query: &ListQuery, of_domain: Option<bool>) -> Result<Vec<User>> {
        let search = listing::compile(Entity::User, query, now())?;
        let own = (!sees_all(caller)).then(|| users::only(caller.session.user));
        let scope = every([own, of_domain.map(|known| users::of_domain(known).to_owned())]);
        Ok(self.store().read().await?.users().list(&search, scope.as_deref()).await?)
    }

    /// Users by id, in no order; those that the caller may not know of are left out.
    ///
    /// # Errors
    /// Trouble with the store.
    pub async fn users(&self, caller: &Caller, ids: &[UserId]) -> Result<Vec<User>> {
        let mut found = self.store().read().await?.users().get(ids).await?;
        found.retain(|user| caller.session.administrator || user.id == caller.session.user);
        Ok(found)
    }

    /// A user.
    ///
    /// # Errors
    /// [`Refusal::NoSuchObject`], or trouble with the store.
    pub async fn user(&self, caller: &Caller, id: UserId) -> Result<User> {
        the_one(self.users(caller, &[id]).await?, "User", id)
    }

    /// Groups by search: all for administrators, their own for others; with `of_domain` those of the directory domain
    /// alone.
    ///
    /// # Errors
    /// A refusal for a search that can't be read; trouble with the store.
    pub async fn list_groups(&self, caller: &Caller, query: &ListQuery, of_domain: bool) -> Result<Vec<Group>> {
        let search = listing::compile(Entity::Group, query, now())?;
        let own = (!sees_all(caller)).then(|| users::groups_with(caller.session.user));
        let scope = every([own, of_domain.then(|| users::GROUPS_OF_DOMAIN.to_owned())]);
        Ok(self.store().read().await?.users().list_groups(&search, scope.as_deref()).await?)
    }

    /// A group.
    ///
    /// # Errors
    /// [`Refusal::NoSuchObject`], or trouble with the store.
    pub async fn group(&self, caller: &Caller, id: GroupId) -> Result<Group> {
        the_one(self.groups(caller, &[id]).await?, "Group", id)
    }

    /// Groups by id, in no order; others than administrators get their own.
    ///
    /// # Errors
    /// Trouble with the store.
    pub async fn groups(&self, caller: &Caller, ids: &[GroupId]) -> Result<Vec<Group>> {
        let mut reader = self.store().read().await?;
        let mut found = reader.users().groups_by_id(ids).await?;
        if !caller.session.administrator {
            let own = reader.users().groups_of(&[caller.session.user]).await?;
            found.retain(|group| own.iter().any(|(_, one)| one.id == group.id));
        }
        Ok(found)
    }

    /// The groups of users that the caller was given, each with its user.
    ///
    /// # Errors
    /// Trouble with the store.
    pub async fn groups_of_users(&self, ids: &[UserId]) -> Result<Vec<(UserId, Group)>> {
        Ok(self.store().read().await?.users().groups_of(ids).await?)
    }

    /// The groups that a user is in.
    ///
    /// # Errors
    /// [`Refusal::NoSuchObject`], or trouble with the store.
    pub async fn groups_of_user(&self, caller: &Caller, id: UserId) -> Result<Vec<Group>> {
        self.user(caller, id).await?;
        let found = self.store().read().await?.users().groups_of(&[id]).await?;
        Ok(found.into_iter().map(|(_, group)| group).collect())
    }

    /// All roles, by name. What roles there are is no secret.
    ///
    /// # Errors
    /// Trouble with the store.
    pub async fn roles(&self) -> Result<Vec<Role>> {
        Ok(self.store().read().await?.permissions().roles().await?)
    }

    /// A role.
    ///
    /// # Errors
    /// [`Refusal::NoSuchObject`], or trouble with the store.
    pub async fn role(&self, id: RoleId) -> Result<Role> {
        let mut roles = self.roles().await?;
        roles.retain(|role| role.id == id);
        the_one(roles, "Role", id)
    }

    /// The roles that a user or group was given anywhere, by name.
    ///
    /// # Errors
    /// [`Refusal::NoSuchObject`], or trouble with the store.
    pub async fn roles_of(&self, caller: &Caller, principal: ObjectRef) -> Result<Vec<Role>> {
        let grants = self.permissions_of(caller, principal).await?;
        let mut roles = self.roles().await?;
        roles.retain(|role| grants.iter().any(|grant| grant.role == role.id));
        Ok(roles)
    }

    /// The name of an object that the caller may know of.
    ///
    /// # Errors
    /// [`Refusal::NoSuchObject`], or trouble with the store.
    pub async fn object_name(&self, caller: &Caller, object: ObjectRef) -> Result<String> {
        let mut reader = self.store().read().await?;
        let name = objects::name(&mut reader, object).await?;
        let seen = sees_all(caller)
            || object.id == caller.session.user.0
            || reader.permissions().sees(caller.session.user, object).await?;
        if !seen {
            return Err(Refusal::no_such(objects::word(object.kind), object.id).into());
        }
        Ok(name)
    }

    /// The grants on an object. Everybody holds something on the system: who else does is for administrators to know.
    ///
    /// # Errors
    /// [`Refusal::NoSuchObject`], or trouble with the store.
    pub async fn permissions_on(&self, caller: &Caller, object: ObjectRef) -> Result<Vec<Permission>> {
        self.object_name(caller, object).await?;
        let mut found = self.store().read().await?.permissions().on(object).await?;
        found.retain(|grant| is_own(caller, grant) || knows_holders(caller, object));
        Ok(found)
    }

    /// The grants on objects that the caller sees, for links that are followed.
    ///
    /// # Errors
    /// Trouble with the store.
    pub async fn permissions_on_each(&self, objects: &[Uuid]) -> Result<Vec<Permission>> {
        Ok(self.store().read().await?.permissions().on_objects(objects).await?)
    }

    /// The grants that a user or group holds by themself.
    ///
    /// # Errors
    /// [`Refusal::NoSuchObject`], or trouble with the store.
    pub async fn permissions_of(&self, caller: &Caller, principal: ObjectRef) -> Result<Vec<Permission>> {
        self.object_name(caller, principal).await?;
        Ok(self.store().read().await?.permissions().of_principals(&[principal.id]).await?)
    }

    /// The grants that users or groups hold, of whom the caller was given.
    ///
    /// # Errors
    /// Trouble with the store.
    pub async fn permissions_of_each(&self, principals: &[Uuid]) -> Result<Vec<Permission>> {
        Ok(self.store().read().await?.permissions().of_principals(principals).await?)
    }

    /// A grant.
    ///
    /// # Errors
    /// [`Refusal::NoSuchObject`], or trouble with the store.
    pub async fn permission(&self, caller: &Caller, id: PermissionId) -> Result<Permission> {
        let found = self.store().read().await?.permissions().get(id).await?;
        let grant = found.ok_or_else(|| Refusal::no_such("Permission", id))?;
        let hidden = !knows_holders(caller, grant.object) || self.object_name(caller, grant.object).await.is_err();
        if hidden && !is_own(caller, &grant) {
            return Err(Refusal::no_such("Permission", id).into());
        }
        Ok(grant)
    }
}

fn is_own(caller: &Caller, grant: &Permission) -> bool {
    grant.principal == Principal::User(caller.session.user)
}

fn knows_holders(caller: &Caller, object: ObjectRef) -> bool {
    object != ObjectRef::SYSTEM || caller.session.administrator
}
