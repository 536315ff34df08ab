//! A simulated data centre: hosts that join an engine and are adopted, storage, and VMs that are made and started on
//! them, all through the public doors.

use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::sync::Arc;
use std::time::Duration;

use ferrovirt_hostapi::host_server::HostServer;
use ferrovirt_hostapi::report::Body;
use futures::stream::{self, StreamExt, TryStreamExt};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Certificate, Identity as TlsIdentity, Server, ServerTlsConfig};

use crate::doors::{Doors, text};
use crate::host::Door;
use crate::join::{Identity, SimError, join};
use crate::world::{Peers, World};

/// Requests under way at once.
const PARALLEL: usize = 8;
/// Seconds between two measurements of a host and its VMs: what the host agent does by default.
const MEASURE: u64 = 5;
/// Seconds between two looks at storage domains, as the host agent does.
const WATCH: u64 = 10;
/// Seconds of silence that a heartbeat ends.
const HEARTBEAT: u64 = 15;
/// Name of the storage domain that all hosts share.
const STORAGE: &str = "sim-data";

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
    /// Hosts, at least one.
    pub hosts: u32,
    /// VMs in all.
    pub vms: u32,
    /// Address of the first host; each host takes the next one.
    pub first_address: Ipv4Addr,
    /// Port of every host.
    pub port: u16,
}

/// What VMs are made of.
struct Ground {
    profile: String,
    domain: String,
}

/// Brings hosts and VMs up. The hosts live as long as this process.
///
/// # Errors
/// [`SimError`], naming what the engine refused.
pub async fn build(order: Order) -> Result<(), SimError> {
    let doors = Doors::new(&order.engine, &order.user, &order.password)?;
    let site = Site { doors, order };
    let peers = Arc::new(Peers::default());
    for number in 1..=site.order.hosts {
        site.host(number, &peers).await?;
    }
    let hosts = "/api/hosts?search=status%3Dup";
    site.doors.wait_for_count("the simulated hosts", hosts, "host", site.order.hosts).await?;
    tracing::info!(hosts = site.order.hosts, "the simulated hosts are up");
    let ground = Ground { profile: site.profile().await?, domain: site.storage().await? };
    let names = (1..=site.order.vms).map(|number| format!("vm-{number:05}"));
    stream::iter(names).map(Ok).try_for_each_concurrent(PARALLEL, |name| site.vm(name, &ground)).await?;
    let running = "/api/vms?search=status%3Dup";
    site.doors.wait_for_count("the simulated VMs", running, "vm", site.order.vms).await
}

/// Where it is built.
struct Site {
    doors: Doors,
    order: Order,
}

impl Site {
    async fn host(&self, number: u32, peers: &Arc<Peers>) -> Result<(), SimError> {
        let name = format!("sim-{number:04}");
        let ip = u32::from(self.order.first_address).checked_add(number - 1).map(Ipv4Addr::from);
        let ip = ip.ok_or_else(|| SimError::Unusable("there are not that many addresses".to_owned()))?;
        let address = SocketAddrV4::new(ip, self.order.port);
        let cluster = &self.order.cluster;
        let ask = json!({"cluster": cluster, "lifetime_seconds": 600});
        let token = self.doors.post("a join token", "/services/host-join-tokens", ask).await?;
        let token = text("a join token", &token, "token")?;
        let identity = join(&self.doors.client, &self.doors.engine, &token, &name, address).await?;
        let world = peers.add(number, name.clone(), identity.host_id.clone(), ip);
        serve(Arc::clone(&world), Arc::clone(peers), &identity, address).await?;
        tokio::spawn(live(world));
        let host = json!({"name": name, "address": ip.to_string(), "cluster": {"name": cluster}});
        self.doors.post(&format!("host {name}"), "/api/hosts", host).await?;
        Ok(())
    }

    /// The vNIC profile that came with the engine.
    async fn profile(&self) -> Result<String, SimError> {
        let what = "a vNIC profile";
        let found = self.doors.get(what, "/api/vnicprofiles").await?;
        text(what, &found["vnic_profile"][0], "id")
    }

    /// A storage domain in the data centre of the cluster.
    async fn storage(&self) -> Result<String, SimError> {
        let what = "the simulated storage";
        let (doors, cluster) = (&self.doors, &self.order.cluster);
        let clusters = doors.get("the clusters", "/api/clusters").await?;
        let all = clusters["cluster"].as_array().map_or(&[][..], Vec::as_slice);
        let own = all.iter().find(|one| one["name"] == cluster.as_str()).unwrap_or(&Value::Null);
        let data_center = text("the cluster's data centre", &own["data_center"], "id")?;
        let domain = json!({
            "name": STORAGE, "type": "data", "host": {"name": "sim-0001"},
            "storage": {"type": "nfs", "address": "storage.sim.internal", "path": "/sim"},
        });
        let id = text(what, &doors.post(what, "/api/storagedomains", domain).await?, "id")?;
        let is = |status: &'static str| move |domain: &Value| domain["status"] == status;
        doors.wait(what, &format!("/api/storagedomains/{id}"), is("unattached")).await?;
        let attached = format!("/api/datacenters/{data_center}/storagedomains");
        doors.post(what, &attached, json!({"id": id})).await?;
        doors.wait(what, &format!("{attached}/{id}"), is("active")).await?;
        Ok(id)
    }

    async fn vm(&self, name: String, ground: &Ground) -> Result<(), SimError> {
        let doors = &self.doors;
        let what = format!("VM {name}");
        let vm = json!({
            "name": name, "cluster": {"name": self.order.cluster}, "template": {"name": "Blank"},
            "memory": (1_u64 << 30).to_string(),
        });
        let id = text(&what, &doors.post(&what, "/api/vms", vm).await?, "id")?;
        let vm = format!("/api/vms/{id}");
        let nic = json!({"name": "nic1", "vnic_profile": {"id": ground.profile}});
        doors.post(&format!("the NIC of {what}"), &format!("{vm}/nics"), nic).await?;
        let disk = json!({
            "bootable": "true", "active": "true", "interface": "virtio",
            "disk": {
                "name": format!("{name}-root"), "format": "cow", "provisioned_size": (10_u64 << 30).to_string(),
                "storage_domains": {"storage_domain": [{"id": ground.domain}]},
            },
        });
        let what_disk = format!("the disk of {what}");
        let disk = text(&what_disk, &doors.post(&what_disk, &format!("{vm}/diskattachments"), disk).await?, "id")?;
        doors.wait(&what_disk, &format!("/api/disks/{disk}"), |disk| disk["status"] == "ok").await?;
        doors.post(&format!("the start of {what}"), &format!("{vm}/start"), json!({})).await?;
        Ok(())
    }
}

/// Opens the host's door: mutual TLS, with the certificate that the engine gave.
///
/// # Errors
/// [`SimError::Unusable`] for a certificate that can't be used or an address that is taken.
pub async fn serve(
    world: Arc<World>,
    peers: Arc<Peers>,
    identity: &Identity,
    address: SocketAddrV4,
) -> Result<SocketAddr, SimError> {
    let unusable = |what: &dyn std::fmt::Display| SimError::Unusable(format!("{}: {what}", world.name));
    let tls = ServerTlsConfig::new()
        .identity(TlsIdentity::from_pem(&identity.certificate, &identity.key))
        .client_ca_root(Certificate::from_pem(&identity.ca));
    let mut server = Server::builder().tls_config(tls).map_err(|error| unusable(&error))?;
    let listener = TcpListener::bind(address).await.map_err(|error| unusable(&format!("{address}: {error}")))?;
    let address = listener.local_addr().map_err(|error| unusable(&error))?;
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
    let routes = server.add_service(HostServer::new(Door::new(Arc::clone(&world), peers)));
    tokio::spawn(async move {
        if let Err(error) = routes.serve_with_incoming(incoming).await {
            tracing::error!(%address, error = &error as &dyn std::error::Error, "a simulated host's door closed");
        }
    });
    Ok(address)
}

/// Measures, watches and beats, each in its time and no two hosts at once.
pub async fn live(world: Arc<World>) {
    let mut second = u64::from(world.number);
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        second += 1;
        if second.is_multiple_of(HEARTBEAT) {
            world.hold().tell(&Body::Heartbeat(ferrovirt_hostapi::Heartbeat {}));
        }
        if second.is_multiple_of(WATCH) {
            world.watch_domains();
        }
        if second.is_multiple_of(MEASURE) {
            world.measure(second);
        }
    }
}
