//! Objects of any kind, as grants, tags and events name them: their words and their names. Refuses to know what can be
//! done with them.

use ferrovirt_model::ids::{ObjectKind, ObjectRef};
use ferrovirt_model::refusal::Refusal;
use ferrovirt_store::Areas;

use crate::failure::Result;

/// A kind in words, as sentences say it.
#[must_use]
pub fn word(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::System => "System",
        ObjectKind::DataCenter => "Data Center",
        ObjectKind::Cluster => "Cluster",
        ObjectKind::Host => "Host",
        ObjectKind::Vm => "VM",
        ObjectKind::Template => "Template",
        ObjectKind::Disk => "Disk",
        ObjectKind::StorageDomain => "Storage Domain",
        ObjectKind::Network => "Network",
        ObjectKind::VnicProfile => "vNIC Profile",
        ObjectKind::MacPool => "MAC Pool",
        ObjectKind::CpuProfile => "CPU Profile",
        ObjectKind::DiskProfile => "Disk Profile",
        ObjectKind::User => "User",
        ObjectKind::Group => "Group",
        ObjectKind::Role => "Role",
        ObjectKind::Job => "Job",
        ObjectKind::Event => "Event",
        ObjectKind::ImageTransfer => "Image Transfer",
        ObjectKind::Tag => "Tag",
    }
}

/// The name of an object that is there.
///
/// # Errors
/// [`Refusal::NoSuchObject`], or trouble with the store.
pub async fn name(areas: &mut impl Areas, object: ObjectRef) -> Result<String> {
    let found = areas.permissions().name_of(object).await?;
    found.ok_or_else(|| Refusal::no_such(word(object.kind), object.id).into())
}
