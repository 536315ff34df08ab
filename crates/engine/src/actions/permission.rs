//! What users ask of grants: to give a role on an object, and to take it back.

mod add;
mod remove;

pub use add::{Add, To};
pub use remove::Remove;

use ferrovirt_model::events::{EventDraft, EventSentence};
use ferrovirt_model::ids::{ObjectKind, ObjectRef, PermissionId, RoleId};
use ferrovirt_model::permission::{Permission, Principal, Role};
use ferrovirt_model::permits::Permit;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_store::Areas;
use uuid::Uuid;

use crate::action::ActionContext;
use crate::actions::objects;
use crate::failure::Result;

/// What the sentences about a grant name.
#[derive(Clone, Debug, Default)]
struct Told {
    subject: String,
    role: String,
    object: Option<ObjectRef>,
    object_name: String,
}

impl Told {
    /// A sentence about a grant on the system, or the one about any other object.
    fn draft(&self, system: EventSentence, other: EventSentence) -> Option<EventDraft> {
        let object = self.object?;
        let sentence = if object == ObjectRef::SYSTEM { system } else { other };
        let draft = sentence.draft().with("SubjectName", &self.subject).with("RoleName", &self.role);
        let draft = draft.with("VdcObjectType", objects::word(object.kind)).with("VdcObjectName", &self.object_name);
        Some(match object.kind {
            ObjectKind::Vm => draft.vm(object.id.into(), self.object_name.clone()),
            ObjectKind::Template => draft.template(object.id.into(), self.object_name.clone()),
            ObjectKind::Host => draft.host(object.id.into(), self.object_name.clone()),
            ObjectKind::Cluster => draft.cluster(object.id.into(), self.object_name.clone()),
            ObjectKind::DataCenter => draft.data_center(object.id.into(), self.object_name.clone()),
            ObjectKind::StorageDomain => draft.storage_domain(object.id.into(), self.object_name.clone()),
            _ => draft,
        })
    }
}

/// Who holds a grant, as an object.
fn holder(principal: Principal) -> ObjectRef {
    match principal {
        Principal::User(id) => id.into(),
        Principal::Group(id) => id.into(),
    }
}

async fn principal_name(cx: &mut ActionContext<'_>, principal: Principal) -> Result<String> {
    objects::name(&mut cx.tx, holder(principal)).await
}

async fn role(cx: &mut ActionContext<'_>, id: RoleId) -> Result<Role> {
    let found = cx.tx.permissions().lock_role(id).await?;
    found.ok_or_else(|| Refusal::no_such("Role", id).into())
}

/// Administrators' roles are given and taken by administrators of the whole system alone: whoever may manage grants on
/// one object must not make an administrator of themself.
async fn check_rank(cx: &mut ActionContext<'_>, role: &Role) -> Result<()> {
    if !role.administrative {
        return Ok(());
    }
    cx.require(Permit::ManipulateRoles, ObjectRef::SYSTEM).await
}

/// Gives on a new object whatever is given on the one that it is made from. That needs the permit to give, there.
pub(in crate::actions) async fn copy(
    cx: &mut ActionContext<'_>,
    from: impl Into<ObjectRef>,
    to: impl Into<ObjectRef>,
) -> Result<()> {
    let (from, to) = (from.into(), to.into());
    cx.require(Permit::ManipulatePermissions, from).await?;
    for grant in cx.tx.permissions().on(from).await? {
        let role = role(cx, grant.role).await?;
        check_rank(cx, &role).await?;
        let id = PermissionId(Uuid::new_v4());
        cx.tx.permissions().grant(&Permission { id, object: to, ..grant }).await?;
    }
    Ok(())
}
