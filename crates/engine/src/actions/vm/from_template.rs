//! A VM from a template that has disks: its row at once, its disks by a job.

use ferrovirt_model::cluster::Cluster;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::template::Template;
use ferrovirt_model::vm::Vm;

use crate::action::ActionContext;
use crate::failure::Result;

/// Makes a VM of a template other than Blank.
///
/// # Errors
/// A refusal: no disk can be made from a template's yet.
pub async fn make(
    _cx: &mut ActionContext<'_>,
    _vm: &Vm,
    template: &Template,
    _cluster: &Cluster,
    _clone: bool,
) -> Result<()> {
    let sentence = format!("VMs can't be made from template {} by this version; use Blank.", template.name);
    Err(Refusal::rule(sentence).into())
}
