//! A template: a definition with disks, to make VMs from.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Millis;
use crate::ids::{ClusterId, JobId, TemplateId, UserId};
use crate::vm::Definition;

/// The template of VMs that are made from nothing.
pub const BLANK: TemplateId = TemplateId(Uuid::nil());

/// A template.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Template {
    /// The id.
    pub id: TemplateId,
    /// Unique within the data centre, but for versions of one.
    pub name: String,
    /// `None` for Blank, which belongs to all.
    pub cluster: Option<ClusterId>,
    /// What VMs made from it start with.
    pub definition: Definition,
    /// The version's own name.
    pub version_name: String,
    /// 1 and up.
    pub version_number: u32,
    /// The first version's id.
    pub base: TemplateId,
    /// Who made it.
    pub created_by: Option<UserId>,
    /// When it was made.
    pub created_at: Millis,
    /// The job that makes or removes it.
    pub lock: Option<JobId>,
    /// Its disks are broken.
    pub illegal: bool,
    /// Disks were cleaned of what makes a machine unique.
    pub sealed: bool,
}
