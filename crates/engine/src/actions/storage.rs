//! What administrators ask of storage domains.

use ferrovirt_model::ids::StorageDomainId;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::storage::StorageDomain;
use ferrovirt_store::Areas;

use crate::action::ActionContext;
use crate::failure::Result;
use crate::hosts::reach;

mod activate;
mod attach;
mod create;
mod deactivate;
mod detach;
mod remove;
mod update;

pub use activate::Activate;
pub use attach::Attach;
pub use create::Create;
pub use deactivate::Deactivate;
pub use detach::Detach;
pub use remove::{Remove, Way};
pub use update::{Settings, Update};

/// A domain, its row locked, and whether a host is up to look at it.
async fn locked(cx: &mut ActionContext<'_>, id: StorageDomainId) -> Result<(StorageDomain, bool)> {
    let domain = cx.tx.storage().lock_row(id).await?.ok_or_else(|| Refusal::no_such("StorageDomain", id))?;
    let host_up = reach::some_host_up(&mut cx.tx, &domain).await?;
    Ok((domain, host_up))
}

/// What the log calls the data centre of a domain where nothing comes of what was asked.
async fn place_name(cx: &mut ActionContext<'_>, domain: &StorageDomain) -> Result<String> {
    let Some(attachment) = &domain.attachment else { return Ok("none".to_owned()) };
    let place = cx.tx.data_centers().get(&[attachment.data_center]).await?.pop();
    Ok(place.map_or_else(|| attachment.data_center.to_string(), |place| place.name))
}
