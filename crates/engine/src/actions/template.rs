//! What users ask of templates. Blank belongs to everyone and stays as it is.

mod add;
mod copies;
mod remove;
mod update;

pub use add::{Add, NewVersion};
pub use copies::DiskWish;
pub(in crate::actions) use copies::{Layering, Made, domains, write};
pub use remove::Remove;
pub use update::Update;

use ferrovirt_model::ids::TemplateId;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::template::{BLANK, Template};
use ferrovirt_store::Areas;

use crate::action::ActionContext;
use crate::failure::Result;

/// A template, its row locked until the commit, that no job holds.
pub(in crate::actions) async fn free(cx: &mut ActionContext<'_>, id: TemplateId) -> Result<Template> {
    let template = cx.tx.templates().lock_row(id).await?.ok_or_else(|| Refusal::no_such("Template", id))?;
    check_free(&template)?;
    Ok(template)
}

fn check_free(template: &Template) -> Result<()> {
    if template.lock.is_some() {
        return Err(Refusal::Locked { what: "Template", name: template.name.clone() }.into());
    }
    Ok(())
}

fn check_not_blank(template: &Template, verb: &'static str) -> Result<()> {
    if template.id == BLANK {
        return Err(Refusal::Predefined { what: "Template", name: template.name.clone(), verb }.into());
    }
    Ok(())
}
