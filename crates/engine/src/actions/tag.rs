//! What users ask of tags.

mod add;
mod assign;
mod remove;
mod update;

pub use add::Add;
pub use assign::{Assign, Unassign};
pub use remove::Remove;
pub use update::Update;

use ferrovirt_model::ids::TagId;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::tag::{ROOT, Tag};
use ferrovirt_store::Areas;

use super::named::Named;
use crate::action::ActionContext;
use crate::failure::Result;

/// All tags: there are few, and most rules need their tree.
async fn all(cx: &mut ActionContext<'_>) -> Result<Vec<Tag>> {
    Ok(cx.tx.tags().all().await?)
}

/// The tag that a request names.
fn find(tags: &[Tag], named: &Named<TagId>) -> Result<Tag> {
    let found = tags.iter().find(|tag| match named {
        Named::Id(id) => tag.id == *id,
        Named::Name(name) => tag.name == *name,
    });
    found.cloned().ok_or_else(|| Refusal::no_such("Tag", named.text()).into())
}

fn check_free(tags: &[Tag], name: &str, but: Option<TagId>) -> Result<()> {
    if tags.iter().any(|tag| tag.name == name && Some(tag.id) != but) {
        return Err(Refusal::NameTaken { kind: "Tag", name: name.to_owned() }.into());
    }
    Ok(())
}

/// Whether `tag` is `top` or lies under it.
fn lies_under(tags: &[Tag], tag: TagId, top: TagId) -> bool {
    let mut at = Some(tag);
    // The tree is no deeper than there are tags: a longer way is a ring.
    for _ in 0..=tags.len() {
        match at {
            Some(id) if id == top => return true,
            Some(id) => at = tags.iter().find(|tag| tag.id == id).and_then(|tag| tag.parent),
            None => return false,
        }
    }
    true
}

fn check_not_root(tag: &Tag, verb: &'static str) -> Result<()> {
    if tag.id == ROOT {
        return Err(Refusal::Predefined { what: "Tag", name: tag.name.clone(), verb }.into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn tag(id: u128, parent: Option<u128>) -> Tag {
        let parent = parent.map(|id| TagId(Uuid::from_u128(id)));
        Tag { id: TagId(Uuid::from_u128(id)), name: id.to_string(), description: String::new(), parent }
    }

    #[test]
    fn a_tag_lies_under_itself_and_what_it_hangs_from() {
        let tags = [tag(0, None), tag(1, Some(0)), tag(2, Some(1)), tag(3, Some(0))];
        let id = |number| TagId(Uuid::from_u128(number));
        assert!(lies_under(&tags, id(2), id(1)) && lies_under(&tags, id(2), id(2)) && lies_under(&tags, id(2), id(0)));
        assert!(!lies_under(&tags, id(3), id(1)) && !lies_under(&tags, id(1), id(2)));
        let ring = [tag(1, Some(2)), tag(2, Some(1))];
        assert!(lies_under(&ring, id(1), id(9)), "a ring ends, and is refused as a parent");
    }
}
