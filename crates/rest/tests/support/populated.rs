//! A data centre with two of everything that lists show: hosts with what they report, storage with disks and images of
//! CDs, a VM that runs with a guest that talks, and all that hangs on them. Rows that hosts and jobs write are written as
//! they write them; everything else is asked of the API.

use std::collections::BTreeMap;

use ferrovirt_engine::now;
use ferrovirt_model::host::{Host, HostFacts, HostIntent, HostLink, HostStatistics, NumaNode};
use ferrovirt_model::ids::*;
use ferrovirt_model::network::HostNic;
use ferrovirt_model::storage::*;
use ferrovirt_model::transfer::{Direction, ImageTransfer, Phase, TimeoutPolicy};
use ferrovirt_model::vm::*;
use ferrovirt_store::clusters::CpuProfile;
use ferrovirt_store::disks::TemplateAttachment;
use ferrovirt_store::storage::DiskProfile;
use ferrovirt_store::{Areas, Tx};
use uuid::Uuid;

use super::Stack;

/// What is asked of the API: path, body, and the name by which its id is kept.
const MADE: &[(&str, &str, &str)] = &[
    ("/networks", "<network><name>blue</name><data_center id=\"{data_center}\"/></network>", "blue"),
    ("/clusters/{cluster}/networks", "<network id=\"{blue}\"><required>true</required></network>", ""),
    ("/vnicprofiles", "<vnic_profile><name>second</name><network id=\"{network}\"/></vnic_profile>", "second_profile"),
    (
        "/clusters",
        "<cluster><name>c2</name><data_center id=\"{data_center}\"/><cpu><architecture>x86_64</architecture></cpu></cluster>",
        "c2",
    ),
    ("/datacenters", "<data_center><name>dc2</name><local>false</local></data_center>", "dc2"),
    (
        "/macpools",
        "<mac_pool><name>m2</name><ranges><range><from>02:00:00:00:00:00</from><to>02:00:00:00:00:ff</to></range></ranges></mac_pool>",
        "m2",
    ),
    ("/vms", "<vm><name>web</name><cluster id=\"{cluster}\"/><template id=\"{nil}\"/></vm>", "vm"),
    ("/vms", "<vm><name>db</name><cluster id=\"{cluster}\"/><template id=\"{nil}\"/></vm>", "db"),
    ("/vms/{vm}/nics", "<nic><name>nic1</name><vnic_profile id=\"{vnic_profile}\"/></nic>", "nic"),
    ("/vms/{vm}/nics", "<nic><name>nic2</name><vnic_profile id=\"{vnic_profile}\"/></nic>", "nic2"),
    ("/vms/{vm}/graphicsconsoles", "<graphics_console><protocol>spice</protocol></graphics_console>", ""),
    ("/templates", "<template><name>golden</name><vm id=\"{vm}\"/></template>", "template"),
    ("/tags", "<tag><name>red</name></tag>", "tag"),
    ("/tags", "<tag><name>dark_red</name><parent id=\"{tag}\"/></tag>", "tag2"),
    ("/groups", "<group><name>crew</name></group>", "group"),
    ("/groups", "<group><name>watch</name></group>", "group2"),
    ("/jobs", "<job><description>Backup</description></job>", "job"),
    ("/jobs", "<job><description>Restore</description></job>", "job2"),
    ("/jobs/{job}/steps", "<step><description>Read</description><type>executing</type></step>", "step"),
    (
        "/jobs/{job}/steps",
        "<step><description>Write</description><type>executing</type><parent_step id=\"{step}\"/></step>",
        "step2",
    ),
];

/// What tags hang on, and grants, two of each.
const HUNG: &[&str] = &[
    "/vms/{vm}",
    "/templates/{template}",
    "/hosts/{host}",
    "/users/{nobody}",
    "/groups/{group}",
    "/datacenters/{data_center}",
    "/clusters/{cluster}",
    "/storagedomains/{domain}",
    "/disks/{disk}",
    "/networks/{network}",
    "/vnicprofiles/{vnic_profile}",
    "/macpools/{mac_pool}",
    "/cpuprofiles/{cpu_profile}",
    "/diskprofiles/{disk_profile}",
];

impl Stack {
    /// A stack with two of everything.
    pub(crate) async fn populated() -> Self {
        let mut stack = Self::new().await;
        for (path, body, name) in MADE {
            stack.make(name, path, body).await;
        }
        stack.write_rows().await;
        for owner in HUNG {
            let tagged = ["/vms", "/templates", "/hosts", "/users", "/groups"];
            if tagged.iter().any(|kind| owner.starts_with(kind)) {
                for tag in ["{tag}", "{tag2}"] {
                    stack.make("", &format!("{owner}/tags"), &format!("<tag id=\"{tag}\"/>")).await;
                }
            }
            if owner.starts_with("/users") || owner.starts_with("/groups") {
                for cluster in ["{cluster}", "{c2}"] {
                    let grant = format!(
                        "<permission><cluster id=\"{cluster}\"/><role><name>UserRole</name></role></permission>"
                    );
                    stack.make("", &format!("{owner}/permissions"), &grant).await;
                }
                let grant = "<permission><role><name>PowerUserRole</name></role></permission>";
                stack.make("", &format!("{owner}/permissions"), grant).await;
                continue;
            }
            for who in ["<user id=\"{nobody}\"/>", "<group id=\"{group}\"/>"] {
                let grant = format!("<permission>{who}<role><name>UserRole</name></role></permission>");
                stack.make("", &format!("{owner}/permissions"), &grant).await;
            }
        }
        stack
    }

    /// A known id.
    pub(crate) fn uuid(&self, name: &str) -> Uuid {
        self.known.get(name).unwrap_or_else(|| panic!("no {name}")).parse().unwrap()
    }

    fn keep(&mut self, name: &str, id: impl Into<Uuid>) {
        self.known.insert(name.to_owned(), id.into().to_string());
    }

    async fn write_rows(&mut self) {
        let mut tx = self.store.begin().await.unwrap();
        for (index, name) in ["host", "host2"].into_iter().enumerate() {
            let id = self.write_host(&mut tx, index).await;
            self.keep(name, id);
        }
        let profile = CpuProfile {
            id: CpuProfileId(Uuid::new_v4()),
            name: "slow".to_owned(),
            description: String::new(),
            cluster: ClusterId(self.uuid("cluster")),
        };
        tx.clusters().insert_cpu_profile(&profile).await.unwrap();
        self.keep("cpu_profile", profile.id);
        for name in ["domain2", "domain"] {
            self.write_domain(&mut tx, name).await;
        }
        self.write_run(&mut tx).await;
        self.write_transfers(&mut tx).await;
        tx.commit().await.unwrap();
    }

    async fn write_host(&self, tx: &mut Tx, index: usize) -> HostId {
        let id = HostId(Uuid::new_v4());
        let host = Host {
            id,
            name: format!("node{index}"),
            cluster: ClusterId(self.uuid("cluster")),
            address: "192.0.2.1".to_owned(),
            port: 54321,
            description: String::new(),
            comment: String::new(),
            intent: HostIntent::Active,
            link: HostLink::Connected,
            problem: None,
            maintenance_reason: None,
            hardware_id: Uuid::new_v4().to_string(),
            enrolled: true,
            certificate_expires_at: None,
            seen_at: Some(now()),
            boot_id: "boot".to_owned(),
            created_at: now(),
            spm_priority: 5,
        };
        tx.hosts().put(&host).await.unwrap();
        let nodes = (0..2).map(|index| NumaNode { index, memory: 1 << 30, cpus: vec![index] });
        let facts = HostFacts { memory: 8 << 30, numa_nodes: nodes.collect(), ..HostFacts::default() };
        tx.hosts().set_facts(id, &facts, now()).await.unwrap();
        let busy = NicRates { sent_bytes_per_second: 62_500_000.0, ..NicRates::default() };
        let nics = BTreeMap::from([("eth0".to_owned(), busy), ("eth1".to_owned(), NicRates::default())]);
        let statistics = HostStatistics { memory_total: 8 << 30, nics, ..HostStatistics::default() };
        tx.hosts().set_statistics(id, &statistics, now()).await.unwrap();
        let nic = |name: &str, network: &str| HostNic {
            id: HostNicId(Uuid::new_v4()),
            host: id,
            name: name.to_owned(),
            mac_address: "52:54:00:00:00:01".to_owned(),
            mtu: 1500,
            up: true,
            speed: 1_000_000_000,
            ipv4: vec!["192.0.2.7/24".to_owned()],
            ipv6: Vec::new(),
            kind: "physical".to_owned(),
            master: String::new(),
            base_nic: String::new(),
            vlan: 0,
            gateway: String::new(),
            ipv4_method: "static".to_owned(),
            network: Some(NetworkId(self.uuid(network))),
        };
        tx.hosts().put_nics(id, &[nic("eth0", "network"), nic("eth1", "blue")]).await.unwrap();
        id
    }

    async fn write_domain(&mut self, tx: &mut Tx, name: &str) {
        let id = StorageDomainId(Uuid::new_v4());
        let connection = StorageConnection {
            id: StorageConnectionId(Uuid::new_v4()),
            kind: StorageKind::Nfs,
            address: "192.0.2.9".to_owned(),
            path: format!("/{name}"),
            vfs_type: String::new(),
            mount_options: String::new(),
            nfs_version: "auto".to_owned(),
            nfs_timeout: None,
            nfs_retransmissions: None,
        };
        let domain = StorageDomain {
            id,
            name: name.to_owned(),
            description: String::new(),
            comment: String::new(),
            class: DomainClass::Data,
            connection: connection.clone(),
            format: "v5".to_owned(),
            wipe_after_delete: false,
            discard_after_delete: false,
            backup: false,
            warning_low_space_percent: 10,
            critical_space_gib: 5,
            attachment: Some(DomainAttachment {
                data_center: DataCenterId(self.uuid("data_center")),
                intent: DomainIntent::Active,
                ready: true,
                master: name == "domain",
            }),
            lock: None,
            available: Some(100 << 30),
            used: Some(1 << 30),
            committed: 0,
        };
        tx.storage().insert_connection(&connection).await.unwrap();
        tx.storage().insert(&domain).await.unwrap();
        self.keep(name, id);
        for name in ["slow", "fast"] {
            let profile = DiskProfile {
                id: DiskProfileId(Uuid::new_v4()),
                name: name.to_owned(),
                description: String::new(),
                domain: id,
            };
            tx.storage().insert_disk_profile(&profile).await.unwrap();
            self.keep("disk_profile", profile.id);
        }
        for (name, content) in [
            ("iso2", DiskContent::Iso),
            ("iso", DiskContent::Iso),
            ("disk2", DiskContent::Data),
            ("disk", DiskContent::Data),
        ] {
            self.write_disk(tx, id, name, content).await;
        }
    }

    async fn write_disk(&mut self, tx: &mut Tx, domain: StorageDomainId, name: &str, content: DiskContent) {
        let id = DiskId(Uuid::new_v4());
        let format = DiskFormat::Raw;
        let disk = Disk {
            id,
            alias: name.to_owned(),
            description: String::new(),
            provisioned_size: 1 << 30,
            format,
            sparse: true,
            content,
            shareable: false,
            wipe_after_delete: false,
            propagate_errors: false,
            incremental_backup: false,
            state: DiskState::Ok,
            lock: None,
            volume: Some(Volume {
                id: VolumeId(Uuid::new_v4()),
                disk: id,
                domain,
                format,
                actual_size: 1 << 20,
                parent: None,
            }),
            created_at: now(),
        };
        tx.disks().insert(&disk).await.unwrap();
        tx.disks().set_profile(id, Some(DiskProfileId(self.uuid("disk_profile")))).await.unwrap();
        self.keep(name, id);
    }

    /// A run of the VM with its disks, a guest that talks, and measurements.
    async fn write_run(&self, tx: &mut Tx) {
        let (vm, host) = (VmId(self.uuid("vm")), HostId(self.uuid("host")));
        for name in ["disk", "disk2"] {
            let attachment = DiskAttachment {
                vm,
                disk: DiskId(self.uuid(name)),
                interface: DiskInterface::VirtioScsi,
                bootable: name == "disk",
                active: true,
                read_only: false,
                pass_discard: false,
            };
            tx.vms().put_attachment(&attachment).await.unwrap();
        }
        for name in ["iso", "iso2"] {
            let attachment = TemplateAttachment {
                template: TemplateId(self.uuid("template")),
                disk: DiskId(self.uuid(name)),
                interface: DiskInterface::VirtioScsi,
                bootable: false,
            };
            tx.disks().put_template_attachment(&attachment).await.unwrap();
        }
        let generation = tx.vms().next_generation(vm).await.unwrap();
        let run = VmRun {
            vm,
            generation,
            host,
            phase: RunPhase::Running,
            owner: true,
            pause_reason: None,
            guest_agent: true,
            started_at: Some(now()),
            migration: None,
            graphics: vec![GraphicsAddress {
                kind: ConsoleKind::Vnc,
                address: "192.0.2.1".to_owned(),
                port: Some(5900),
                tls_port: None,
            }],
            reported_at: now(),
        };
        tx.vms().put_run(&run).await.unwrap();
        let nics = tx.vms().nics(&[vm.0]).await.unwrap();
        let guest_nic = |name: &str, address: &str| GuestNic {
            name: name.to_owned(),
            mac_address: nics[0].1.mac_address.clone(),
            addresses: vec![address.to_owned()],
        };
        let session = |user: &str| GuestSession { user: user.to_owned(), ..GuestSession::default() };
        let package = |name: &str| GuestPackage { name: name.to_owned(), version: "1".to_owned() };
        let guest = GuestFacts {
            nics: vec![guest_nic("eth0", "192.0.2.20/24"), guest_nic("eth0:1", "192.0.2.21/24")],
            sessions: vec![session("root"), session("jo")],
            packages: vec![package("bash"), package("vim")],
            ..GuestFacts::default()
        };
        tx.vms().set_guest(vm, Some(&guest), now()).await.unwrap();
        let disks = BTreeMap::from([(self.uuid("disk").to_string(), DiskRates::default())]);
        let busy = NicRates { received_bytes_per_second: 62_500_000.0, ..NicRates::default() };
        let nics = BTreeMap::from([(self.uuid("nic").to_string(), busy)]);
        let measured = VmStatistics { disks, nics, ..VmStatistics::default() };
        tx.vms().put_statistics(host, &BTreeMap::from([(vm, measured)]), now()).await.unwrap();
    }

    async fn write_transfers(&mut self, tx: &mut Tx) {
        for (name, disk) in [("transfer2", "iso2"), ("transfer", "iso")] {
            let transfer = ImageTransfer {
                id: TransferId(Uuid::new_v4()),
                disk: DiskId(self.uuid(disk)),
                direction: Direction::Download,
                format: DiskFormat::Raw,
                phase: Phase::FinishedSuccess,
                host: Some(HostId(self.uuid("host"))),
                ticket: Uuid::new_v4(),
                transferred: 0,
                active: false,
                inactivity_timeout: 60,
                timeout_policy: TimeoutPolicy::Legacy,
                shallow: false,
                filename: String::new(),
                owner: None,
                job: JobId(self.uuid("job")),
                started_at: now(),
                updated_at: now(),
            };
            tx.transfers().put(&transfer).await.unwrap();
            self.keep(name, transfer.id);
        }
    }
}
