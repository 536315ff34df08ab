//! Remove a user with all that they were granted. The last administrator stays.

use async_trait::async_trait;
use ferrovirt_model::events::{EventDraft, sentences};
use ferrovirt_model::ids::{ObjectRef, UserId};
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::roles::SUPER_USER;
use ferrovirt_store::Areas;
use ferrovirt_store::tx::Change;

use crate::action::{Action, ActionContext};
use crate::failure::Result;

/// Remove a user.
#[derive(Clone, Debug)]
pub struct Remove {
    user: UserId,
    name: Option<String>,
}

impl Remove {
    /// The end of `user`.
    #[must_use]
    pub fn new(user: UserId) -> Self {
        Self { user, name: None }
    }
}

#[async_trait]
impl Action for Remove {
    type Output = ();

    async fn perform(&mut self, cx: &mut ActionContext<'_>) -> Result<()> {
        let user = cx.tx.users().get(&[self.user]).await?.pop();
        let user = user.ok_or_else(|| Refusal::no_such("User", self.user))?;
        self.name = Some(user.principal.clone());
        cx.require(Permit::ManipulateUsers, self.user).await?;
        if user.id == cx.caller.session.user {
            return Err(Refusal::rule("Nobody can remove themself.").into());
        }
        // The role's row is the lock under which its holders are counted.
        cx.tx.permissions().lock_role(SUPER_USER.into()).await?;
        let grants = cx.tx.permissions().of_user(user.id).await?;
        let rules = grants.iter().any(|grant| grant.role.0 == SUPER_USER && grant.object == ObjectRef::SYSTEM);
        if rules && cx.tx.permissions().holders_of_system_role(SUPER_USER.into()).await? <= 1 {
            return Err(Refusal::rule("The last administrator of the system can't be removed.").into());
        }
        cx.tx.permissions().forget(user.id.into()).await?;
        cx.tx.users().remove(user.id).await?;
        cx.tx.changed(user.id, Change::Removed);
        cx.log(sentences::USER_REMOVE_ADUSER.draft().with("AdUserName", user.principal));
        Ok(())
    }

    fn failed(&self) -> Option<EventDraft> {
        Some(sentences::USER_FAILED_REMOVE_ADUSER.draft().with("AdUserName", self.name.clone()?))
    }
}
