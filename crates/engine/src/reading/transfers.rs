//! Image transfers, as users and the transfer proxy read them.

use std::collections::HashMap;

use ferrovirt_hostapi::TRANSFER_PORT;
use ferrovirt_model::ids::{DiskId, HostId, TransferId};
use ferrovirt_model::permits::Permit;
use ferrovirt_model::transfer::{ImageTransfer, Phase};
use ferrovirt_store::tx::{Areas, Reader};
use ferrovirt_store::visibility::Seen;
use uuid::Uuid;

use super::{only_seen, the_one};
use crate::core::Engine;
use crate::failure::Result;
use crate::session::Caller;

/// A transfer with the addresses that its client uses while it is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferView {
    /// The transfer.
    pub transfer: ImageTransfer,
    /// On the host itself. The address is the credential: only those have it who may read or write the disk.
    pub transfer_url: Option<String>,
    /// Through the engine.
    pub proxy_url: Option<String>,
}

/// Whether a client may read or write now, or soon again.
fn open(phase: Phase) -> bool {
    matches!(phase, Phase::Transferring | Phase::Resuming | Phase::PausedSystem | Phase::PausedUser)
}

fn bracketed(address: &str) -> String {
    if address.contains(':') { format!("[{address}]") } else { address.to_owned() }
}

/// `https://address:port` of the transfer doors of hosts.
async fn doors(reader: &mut Reader, hosts: &[HostId]) -> Result<HashMap<HostId, String>> {
    let views = reader.hosts().views(hosts).await?;
    Ok(views
        .into_iter()
        .map(|view| {
            let port = view.facts.map_or(0, |facts| facts.transfer_port);
            let port = if port == 0 { TRANSFER_PORT } else { port };
            (view.host.id, format!("https://{}:{port}", bracketed(&view.host.address)))
        })
        .collect())
}

/// Whoever began a transfer, and who might have begun it: nobody else reads or writes a disk that they merely see.
async fn may_have_bytes(reader: &mut Reader, caller: &Caller, transfer: &ImageTransfer) -> Result<bool> {
    let user = caller.session.user;
    if transfer.owner == Some(user) {
        return Ok(true);
    }
    Ok(reader.permissions().holds(user, transfer.disk.into(), Permit::EditDiskProperties.id()).await?)
}

impl Engine {
    /// Transfers with the addresses of their bytes, for those who may have them: the address is the whole credential.
    async fn transfer_views(
        &self,
        reader: &mut Reader,
        caller: &Caller,
        found: Vec<ImageTransfer>,
    ) -> Result<Vec<TransferView>> {
        let hosts: Vec<HostId> = found.iter().filter_map(|transfer| transfer.host).collect();
        let doors = doors(reader, &hosts).await?;
        let proxy = format!("https://{}:{}", bracketed(&self.config().fqdn), self.config().transfer_port);
        let address = |door: &str, transfer: &ImageTransfer| format!("{door}/images/{}", transfer.ticket);
        let mut views = Vec::with_capacity(found.len());
        for transfer in found {
            let mut door = transfer.host.and_then(|host| doors.get(&host)).filter(|_| open(transfer.phase));
            if door.is_some() && !may_have_bytes(reader, caller, &transfer).await? {
                door = None;
            }
            views.push(TransferView {
                transfer_url: door.map(|door| address(door, &transfer)),
                proxy_url: door.map(|_| address(&proxy, &transfer)),
                transfer,
            });
        }
        Ok(views)
    }

    /// Those of the transfers that the caller may know of: its own, and those of disks that it sees.
    async fn seen_transfers(
        &self,
        reader: &mut Reader,
        caller: &Caller,
        found: Vec<ImageTransfer>,
    ) -> Result<Vec<TransferView>> {
        let user = Some(caller.session.user);
        let (own, others): (Vec<_>, Vec<_>) = found.into_iter().partition(|transfer| transfer.owner == user);
        let mut all = only_seen(reader, caller, Seen::Disk, others, |one| one.disk).await?;
        all.extend(own);
        all.sort_by_key(|transfer| (std::cmp::Reverse(transfer.started_at), transfer.id));
        self.transfer_views(reader, caller, all).await
    }

    /// All transfers, newest first.
    ///
    /// # Errors
    /// Trouble with the store.
    pub async fn list_transfers(&self, caller: &Caller) -> Result<Vec<TransferView>> {
        let mut reader = self.store().read().await?;
        let found = reader.transfers().all().await?;
        self.seen_transfers(&mut reader, caller, found).await
    }

    /// A transfer.
    ///
    /// # Errors
    /// [`ferrovirt_model::refusal::Refusal::NoSuchObject`], or trouble with the store.
    pub async fn transfer(&self, caller: &Caller, id: TransferId) -> Result<TransferView> {
        let mut reader = self.store().read().await?;
        let found = reader.transfers().get(id).await?.into_iter().collect();
        the_one(self.seen_transfers(&mut reader, caller, found).await?, "ImageTransfer", id)
    }

    /// The transfers of a disk that have not ended.
    ///
    /// # Errors
    /// Trouble with the store.
    pub async fn transfers_of_disk(&self, caller: &Caller, disk: DiskId) -> Result<Vec<TransferView>> {
        let all = self.list_transfers(caller).await?;
        Ok(all.into_iter().filter(|one| one.transfer.disk == disk && !one.transfer.phase.finished()).collect())
    }

    /// The host that serves a transfer's ticket, as `https://address:port`. `None` for a ticket that is unknown or not
    /// open. The ticket itself is the credential.
    ///
    /// # Errors
    /// Trouble with the store.
    pub async fn transfer_target(&self, ticket: Uuid) -> Result<Option<String>> {
        let mut reader = self.store().read().await?;
        let found = reader.transfers().by_ticket(ticket).await?;
        let Some(transfer) = found.filter(|transfer| open(transfer.phase)) else { return Ok(None) };
        let Some(host) = transfer.host else { return Ok(None) };
        Ok(doors(&mut reader, &[host]).await?.remove(&host))
    }
}
