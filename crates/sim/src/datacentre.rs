//! A simulated data centre: hosts that join an engine and are adopted, and VMs that are made and started on them, all
//! through the public doors.

use std::sync::Arc;
use std::time::Duration;

use futures::stream::{self, StreamExt, TryStreamExt};
use serde_json::{Value, json};
use tonic::transport::{Certificate, Identity as TlsIdentity, Server, ServerTlsConfig};

use crate::host::{Door, Peers};
use crate::join::{Identity, SimError, answer, join};
use crate::world::World;
use ferrovirt_hostapi::host_server::HostServer;

/// Requests under way at once.
const PARALLEL: usize = 8;

/// What is to be simulated.
#[derive(Clone, Debug)]
pub struct Order {
    /// Address of the engine, `https://…/ovirt-engine`.
    pub engine: String,
    /// Who asks.
    pub user: String,
    /// Their password.
    pub password: String,
    /// Cluster of the hosts and VMs.
    pub cluster: String,
    /// Hosts.
    pub hosts: u32,
    /// VMs in all.
    pub vms: u32,
    /// First TCP port; each host takes the next.
    pub first_port: u16,
}

/// An engine's public doors.
#[derive(Clone, Debug)]
struct Doors {
    client: reqwest::Client,
    order: Order,
}

/// Brings hosts and VMs up. The hosts live as long as this process.
///
/// # Errors
/// [`SimError`], naming what the engine refused.
pub async fn build(order: Order) -> Result<(), SimError> {
    // The simulator speaks to an engine on this machine that it is told to use, for tests; it has nothing to protect.
    let client = reqwest::Client::builder()
        .danger_accept_invalid_certs(true)
        .build()
        .map_err(|source| SimError::Request { what: "a client".to_owned(), source })?;
    let doors = Doors { client, order };
    let peers = Arc::new(Peers::default());
    for number in 1..=doors.order.hosts {
        doors.host(number, &peers).await?;
    }
    doors.wait_for_hosts().await?;
    let names = (1..=doors.order.vms).map(|number| format!("vm-{number:05}"));
    stream::iter(names).map(Ok).try_for_each_concurrent(PARALLEL, |name| doors.vm(name)).await
}

impl Doors {
    async fn call(
        &self,
        what: &str,
        method: reqwest::Method,
        path: &str,
        body: Option<Value>,
    ) -> Result<Value, SimError> {
        let mut request = self
            .client
            .request(method, format!("{}{path}", self.order.engine))
            .basic_auth(&self.order.user, Some(&self.order.password))
            .header("Accept", "application/json");
        if let Some(body) = body {
            request = request.json(&body);
        }
        answer(what, request.send().await).await
    }

    async fn post(&self, what: &str, path: &str, body: Value) -> Result<Value, SimError> {
        self.call(what, reqwest::Method::POST, path, Some(body)).await
    }

    async fn host(&self, number: u32, peers: &Arc<Peers>) -> Result<(), SimError> {
        let name = format!("sim-{number:04}");
        let port = u16::try_from(u32::from(self.order.first_port) + number)
            .map_err(|_| SimError::Unusable("there are not that many ports".to_owned()))?;
        let ask = json!({"cluster": self.order.cluster, "lifetime_seconds": 600});
        let token = self.post("a join token", "/services/host-join-tokens", ask).await?;
        let token =
            token["token"].as_str().ok_or_else(|| SimError::Unusable("a join token without a token".to_owned()))?;
        let identity = join(&self.client, &self.order.engine, token, &name, port).await?;
        let world = Arc::new(World::new(number, name.clone(), identity.host_id.clone()));
        peers.add(Arc::clone(&world));
        serve(Arc::clone(&world), Arc::clone(peers), &identity, port)?;
        tokio::spawn(measure(world));
        let host = json!({"name": name, "address": "127.0.0.1", "port": port.to_string(), "cluster": {"name": self.order.cluster}});
        self.post(&format!("host {name}"), "/api/hosts", host).await?;
        Ok(())
    }

    async fn wait_for_hosts(&self) -> Result<(), SimError> {
        for _ in 0..300 {
            let hosts = self.call("the hosts", reqwest::Method::GET, "/api/hosts?search=status%3Dup", None).await?;
            let up = hosts["host"].as_array().map_or(0, Vec::len);
            if up >= usize::try_from(self.order.hosts).unwrap_or(usize::MAX) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        Err(SimError::Unusable("the simulated hosts did not come up".to_owned()))
    }

    async fn vm(&self, name: String) -> Result<(), SimError> {
        let body = json!({
            "name": name, "cluster": {"name": self.order.cluster}, "template": {"name": "Blank"},
            "memory": (1_u64 << 30).to_string(),
        });
        let vm = self.post(&format!("VM {name}"), "/api/vms", body).await?;
        let id = vm["id"].as_str().ok_or_else(|| SimError::Unusable(format!("VM {name} has no id")))?;
        self.post(&format!("the start of VM {name}"), &format!("/api/vms/{id}/start"), json!({})).await?;
        Ok(())
    }
}

fn serve(world: Arc<World>, peers: Arc<Peers>, identity: &Identity, port: u16) -> Result<(), SimError> {
    let tls = ServerTlsConfig::new()
        .identity(TlsIdentity::from_pem(&identity.certificate, &identity.key))
        .client_ca_root(Certificate::from_pem(&identity.ca));
    let mut server = Server::builder().tls_config(tls).map_err(|error| SimError::Unusable(error.to_string()))?;
    let address = std::net::SocketAddr::from(([127, 0, 0, 1], port));
    let routes = server.add_service(HostServer::new(Door::new(world, peers)));
    tokio::spawn(async move {
        if let Err(error) = routes.serve(address).await {
            tracing::error!(%address, error = &error as &dyn std::error::Error, "a simulated host's door closed");
        }
    });
    Ok(())
}

async fn measure(world: Arc<World>) {
    let mut tick = 0;
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        tick += 1;
        if tick % 15 == 0 {
            world.tell(ferrovirt_hostapi::report::Body::Heartbeat(ferrovirt_hostapi::Heartbeat {}));
        }
        if tick % 5 == u64::from(world.number) % 5 {
            world.measure(tick / 5);
        }
    }
}
