//! Add a user to the internal directory. Who has no password can be given roles and can't sign in.

use async_trait::async_trait;
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::ids::{ObjectRef, UserId};
use ferrovirt_model::permission::User;
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::secret::Secret;
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;
use uuid::Uuid;

use crate::action::{Action, ActionContext};
use crate::actions::named::name_taken;
use crate::core::Engine;
use crate::failure::{Result, Trouble};
use crate::session::Caller;
use crate::sign_on::{INTERNAL_DOMAIN, INTERNAL_PROFILE, check_new_password, hash_password};

/// The longest name, in characters.
const LONGEST: usize = 255;

/// Add a user.
#[derive(Clone, Debug)]
pub struct Add {
    /// The name, with its directory domain or without.
    pub name: String,
    /// The directory domain, where it is named beside the name.
    pub domain: Option<String>,
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// Mail address.
    pub email: String,
    /// Department.
    pub department: String,
    /// The hash of their password; see [`Engine::add_user`].
    hash: Option<Secret>,
    /// Why they can't have the password that was asked for.
    unfit: Option<Refusal>,
}

impl Add {
    /// A user of that name.
    #[must_use]
    pub fn new(name: impl Into<String>, domain: Option<String>) -> Self {
        let (first_name, last_name, email, department) = Default::default();
        Self { name: name.into(), domain, first_name, last_name, email, department, hash: None, unfit: None }
    }

    /// The name alone. Only one directory is known.
    fn account(&self) -> Result<String> {
        let known = |domain: &str| matches!(domain, INTERNAL_DOMAIN | INTERNAL_PROFILE);
        let (name, own) = match self.name.rsplit_once('@') {
            Some((name, domain)) if known(domain) => (name, Some(domain)),
            _ => (self.name.as_str(), None),
        };
        let domain = self.domain.as_deref().or(own).unwrap_or(INTERNAL_DOMAIN);
        if !known(domain) {
            return Err(Refusal::no_such("Domain", domain).into());
        }
        if name.trim().is_empty() {
            return Err(Refusal::Missing { entity: "User", field: "user_name" }.into());
        }
        if name.chars().count() > LONGEST || name.chars().any(|letter| letter.is_control() || letter.is_whitespace()) {
            let why = format!("at most {LONGEST} letters without spaces");
            return Err(Refusal::bad_value("user_name", name, why).into());
        }
        Ok(name.to_owned())
    }
}

#[async_trait]
impl Action for Add {
    type Output = User;

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<User> {
        cx.require(Permit::ManipulateUsers, ObjectRef::SYSTEM).await?;
        let name = self.account()?;
        if let Some(refusal) = &self.unfit {
            return Err(refusal.clone().into());
        }
        if cx.tx.users().by_name(INTERNAL_DOMAIN, &name).await?.is_some() {
            return Err(Refusal::NameTaken { kind: "User", name }.into());
        }
        let first_name = if self.first_name.is_empty() { &name } else { &self.first_name };
        let user = User {
            id: UserId(Uuid::new_v4()),
            domain: INTERNAL_DOMAIN.to_owned(),
            domain_entry_id: Uuid::new_v4().to_string(),
            first_name: first_name.clone(),
            last_name: self.last_name.clone(),
            email: self.email.clone(),
            department: self.department.clone(),
            namespace: "*".to_owned(),
            principal: format!("{name}@{INTERNAL_PROFILE}"),
            name,
        };
        cx.tx.users().put(&user).await.map_err(|error| name_taken(error, "User", &user.name))?;
        if let Some(hash) = &self.hash {
            cx.tx.users().set_password(user.id, hash).await?;
        }
        cx.tx.changed(user.id, Change::Created);
        cx.log(sentences::USER_ADD.draft().with("NewUserName", &user.principal));
        Ok(user)
    }

    fn failed(&self) -> Option<EventDraft> {
        Some(sentences::USER_FAILED_ADD_ADUSER.draft().with("NewUserName", &self.name))
    }
}

impl Engine {
    /// Adds a user, with a password where one is given.
    ///
    /// # Errors
    /// As any action.
    pub async fn add_user(&self, caller: &Caller, mut ask: Add, password: Option<Secret>) -> Result<User> {
        // A hash is work: nobody but those who may add users makes the engine do it.
        if let Some(password) = password
            && caller.session.administrator
        {
            ask.unfit = check_new_password(&password).err();
            if ask.unfit.is_some() {
                return Ok(self.act(caller, ask).await?.value);
            }
            let hashed = tokio::task::spawn_blocking(move || hash_password(&password)).await;
            let hashed = hashed.map_err(|error| Trouble::Broken(format!("hashing a password ended badly: {error}")))?;
            ask.hash = Some(hashed?);
        }
        Ok(self.act(caller, ask).await?.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(name: &str, domain: Option<&str>) -> Result<String> {
        Add::new(name, domain.map(str::to_owned)).account()
    }

    #[test]
    fn the_directory_may_stand_in_the_name_or_beside_it() {
        for (name, domain) in
            [("jo", None), ("jo@internal-authz", None), ("jo@internal", None), ("jo", Some("internal-authz"))]
        {
            assert_eq!(account(name, domain).unwrap(), "jo", "{name} {domain:?}");
        }
        assert_eq!(account("jo@example.org", None).unwrap(), "jo@example.org");
        assert!(account("jo", Some("elsewhere")).is_err());
        assert!(account("", None).is_err() && account("jo doe", None).is_err());
    }
}
