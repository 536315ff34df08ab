//! Ways to storage: each belongs to one domain and is made with it.

use ferrovirt_model::ids::{StorageConnectionId, StorageDomainId};
use ferrovirt_model::storage::StorageConnection;
use ferrovirt_wire::{List, types};

use crate::api::call::Call;
use crate::api::fault::Fault;
use crate::api::hrefs::Hrefs;
use crate::api::registry::{Answer, Registry};
use crate::api::reply::Reply;
use crate::resources::shared::{decorate, filled, number, word};

pub(super) fn register(r: &mut Registry) {
    r.on("StorageServerConnectionsService", "list", list);
    r.on("StorageServerConnectionService", "get", get);
    r.on("StorageDomainServerConnectionsService", "list", list_of_domain);
    r.on("StorageDomainServerConnectionService", "get", get_of_domain);
}

pub(super) fn to_wire(hrefs: &Hrefs, connection: &StorageConnection) -> types::StorageConnection {
    let mut shown = types::StorageConnection {
        address: filled(&connection.address),
        mount_options: filled(&connection.mount_options),
        nfs_retrans: connection.nfs_retransmissions.and_then(number),
        nfs_timeo: connection.nfs_timeout.and_then(number),
        nfs_version: word(&connection.nfs_version),
        path: filled(&connection.path),
        r#type: word(connection.kind.as_str()),
        vfs_type: filled(&connection.vfs_type),
        ..Default::default()
    };
    let href = hrefs.of("storageconnections", connection.id);
    decorate("StorageServerConnectionService", &href, connection.id, &mut shown);
    shown
}

async fn list(call: Call) -> Answer {
    let found = call.engine().storage_connections(&call.caller).await?;
    Ok(Reply::ok(found.iter().map(|one| to_wire(&call.hrefs, one)).collect::<List<_>>()))
}

async fn get(call: Call) -> Answer {
    let id: StorageConnectionId = call.id("storage_connection")?;
    let found = call.engine().storage_connection(&call.caller, id).await?;
    Ok(Reply::ok(to_wire(&call.hrefs, &found)))
}

async fn of_domain(call: &Call) -> Result<StorageConnection, Fault> {
    let id: StorageDomainId = call.id("storage_domain")?;
    Ok(call.engine().storage_domain(&call.caller, id).await?.domain.connection)
}

async fn list_of_domain(call: Call) -> Answer {
    let found = of_domain(&call).await?;
    Ok(Reply::ok(List::from(vec![to_wire(&call.hrefs, &found)])))
}

async fn get_of_domain(call: Call) -> Answer {
    let id: StorageConnectionId = call.id("connection")?;
    let found = of_domain(&call).await?;
    if found.id != id {
        return Err(Fault::no_such("StorageConnection", &id.to_string()));
    }
    Ok(Reply::ok(to_wire(&call.hrefs, &found)))
}
