//! The accounts of the engine's own directory, changed at the machine itself: passwords, and who is in which group.
//!
//! The API has no address for these, as oVirt has a tool of its own for them. Whoever holds the database asks: there is no
//! caller whose permits could be looked at. A running engine hears of the change by its notice.

use ferrovirt_model::events::sentences;
use ferrovirt_model::ids::GroupId;
use ferrovirt_model::permission::User;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::secret::Secret;
use ferrovirt_store::tx::{Areas, Change, Tx};
use ferrovirt_store::{Store, permissions};

use super::{check_new_password, guard, hash_password, names};
use crate::action::event;
use crate::core::now;
use crate::failure::{Result, Trouble};

async fn find(tx: &mut Tx, typed: &str) -> Result<(names::Account, User)> {
    let account = names::parse(typed).ok_or_else(|| Refusal::no_such("User", typed))?;
    let found = tx.users().by_name(&account.domain, &account.name).await?;
    let (user, _) = found.ok_or_else(|| Refusal::no_such("User", typed))?;
    Ok((account, user))
}

/// Gives a user another password. Their sessions end, and what slowed down their signing on is forgotten. `typed` is the
/// name, with its profile or without.
///
/// # Errors
/// [`Refusal::NoSuchObject`]; [`Refusal::Missing`] and [`Refusal::BadValue`] for a password that is empty, too short or
/// too long; trouble with the store.
pub async fn change_password(store: &Store, typed: &str, password: &Secret) -> Result<User> {
    check_new_password(password)?;
    let password = password.clone();
    let hashed = tokio::task::spawn_blocking(move || hash_password(&password)).await;
    let hash = hashed.map_err(|error| Trouble::Broken(format!("hashing a password ended badly: {error}")))??;
    let mut tx = store.begin().await?;
    let (account, user) = find(&mut tx, typed).await?;
    tx.users().set_password(user.id, &hash).await?;
    tx.sign_on().remove_all(user.id).await?;
    guard::forget(&mut tx, account).await?;
    tx.changed(user.id, Change::Updated);
    let draft = sentences::USER_PASSWORD_CHANGED.draft().user(user.id, user.principal.clone());
    tx.log(event(&draft, "", now()));
    tx.commit().await?;
    Ok(user)
}

/// Puts a user into a group, or takes them out of it. The log has no event for either: the directory of oVirt is not part
/// of its engine.
///
/// # Errors
/// [`Refusal::NoSuchObject`] for a user or group that there is not, or who is not in it; [`Refusal::Predefined`] for the
/// group of everyone; trouble with the store.
pub async fn set_member(store: &Store, group: &str, typed: &str, member: bool) -> Result<()> {
    let mut tx = store.begin().await?;
    let id = group_named(&mut tx, group).await?;
    let (_, user) = find(&mut tx, typed).await?;
    if member {
        tx.users().add_member(id, user.id).await?;
    } else if !tx.users().remove_member(id, user.id).await? {
        return Err(Refusal::no_such("Member", typed).into());
    }
    tx.changed(id, Change::Updated);
    tx.changed(user.id, Change::Updated);
    tx.commit().await?;
    Ok(())
}

async fn group_named(tx: &mut Tx, name: &str) -> Result<GroupId> {
    let found = tx.users().groups().await?.into_iter().find(|group| group.name == name);
    let group = found.ok_or_else(|| Refusal::no_such("Group", name))?;
    if group.id == permissions::EVERYONE {
        return Err(Refusal::Predefined { what: "Group", name: group.name, verb: "changed" }.into());
    }
    Ok(group.id)
}
