//! One object of every kind that the API serves, all named `seeded-…`, for tests that ask everything of everybody. Rows
//! that only a job or a host would write are written here. Knows no test.

use ferrovirt_model::host::{Host, HostIntent, HostLink};
use ferrovirt_model::ids::{
    DataCenterId, DiskId, DiskProfileId, HostId, HostNicId, JobId, NetworkId, StorageConnectionId, StorageDomainId,
    TemplateId, TransferId, VmId, VolumeId,
};
use ferrovirt_model::network::HostNic;
use ferrovirt_model::storage::{
    Disk, DiskContent, DiskFormat, DiskState, DomainAttachment, DomainClass, DomainIntent, StorageConnection,
    StorageDomain, StorageKind, Volume,
};
use ferrovirt_model::transfer::{Direction, ImageTransfer, Phase, TimeoutPolicy};
use ferrovirt_model::vm::{DiskAttachment, DiskInterface};
use ferrovirt_store::disks::TemplateAttachment;
use ferrovirt_store::storage::DiskProfile;
use ferrovirt_store::{Areas, Tx};
use uuid::Uuid;

use super::{ADMIN, Stack, id_at_the_end};

/// What stands in the names of all seeded objects.
pub(crate) const MARK: &str = "seeded-";
/// Who sees everything and holds nothing but the permit to sign in.
pub(crate) const SEER: &str = "seer@internal:third secret";

/// What the API makes at once: its name here, where, and of what.
const MADE: &[(&str, &str, &str)] = &[
    ("s_dc", "/datacenters", "<data_center><name>seeded-dc</name><local>false</local></data_center>"),
    (
        "s_cluster",
        "/clusters",
        "<cluster><name>seeded-cluster</name><data_center id=\"{s_dc}\"/>
         <cpu><architecture>x86_64</architecture></cpu></cluster>",
    ),
    ("s_network", "/networks", "<network><name>seeded-net</name><data_center id=\"{s_dc}\"/></network>"),
    ("", "/clusters/{s_cluster}/networks", "<network id=\"{s_network}\"/>"),
    ("s_profile", "/vnicprofiles", "<vnic_profile><name>seeded-vp</name><network id=\"{s_network}\"/></vnic_profile>"),
    (
        "s_pool",
        "/macpools",
        "<mac_pool><name>seeded-pool</name>
         <ranges><range><from>02:00:00:00:00:00</from><to>02:00:00:00:00:ff</to></range></ranges></mac_pool>",
    ),
    ("s_vm", "/vms", "<vm><name>seeded-vm</name><cluster id=\"{s_cluster}\"/><template id=\"{nil}\"/></vm>"),
    ("s_nic", "/vms/{s_vm}/nics", "<nic><name>seeded-nic</name><vnic_profile id=\"{s_profile}\"/></nic>"),
    ("s_template", "/templates", "<template><name>seeded-template</name><vm id=\"{s_vm}\"/></template>"),
    ("s_tag", "/tags", "<tag><name>seeded-tag</name></tag>"),
    ("s_jo", "/users", "<user><user_name>seeded-jo@internal-authz</user_name></user>"),
    ("s_crew", "/groups", "<group><name>seeded-crew</name></group>"),
    (
        "s_role",
        "/roles",
        "<role><name>seeded-role</name><permits><permit><name>run_vm</name></permit></permits></role>",
    ),
    ("s_job", "/jobs", "<job><description>seeded-job</description></job>"),
    ("s_step", "/jobs/{s_job}/steps", "<step><description>seeded-step</description><type>executing</type></step>"),
];

/// Whose permissions and tags are asked for: the collection, the object, and whether tags hang on it.
const OWNERS: &[(&str, &str, bool)] = &[
    ("datacenters", "s_dc", false),
    ("clusters", "s_cluster", false),
    ("networks", "s_network", false),
    ("vnicprofiles", "s_profile", false),
    ("macpools", "s_pool", false),
    ("vms", "s_vm", true),
    ("templates", "s_template", true),
    ("hosts", "s_host", true),
    ("storagedomains", "s_domain", false),
    ("disks", "s_disk", false),
    ("cpuprofiles", "s_cpu_profile", false),
    ("diskprofiles", "s_disk_profile", false),
];

/// The seeded object of a collection, wherever the collection stands, unless its items are looked up there.
pub(crate) fn of_collection(segment: &str) -> Option<&'static str> {
    let owner = OWNERS.iter().find(|(collection, ..)| *collection == segment).map(|(_, name, _)| *name);
    owner.or(match segment {
        "users" => Some("s_jo"),
        "groups" => Some("s_crew"),
        "roles" => Some("s_role"),
        "permits" => Some("s_permit"),
        "tags" => Some("s_tag"),
        "jobs" => Some("s_job"),
        "steps" => Some("s_step"),
        "imagetransfers" => Some("s_transfer"),
        "events" => Some("s_event"),
        _ => None,
    })
}

impl Stack {
    /// Makes one of everything, and the user who sees it all.
    pub(crate) async fn seed(&mut self) {
        for (name, path, body) in MADE {
            let made = self.send(ADMIN, "POST", &self.fill(path), &self.fill(body)).await;
            assert!(made.status.is_success(), "{path}: {} {}", made.status, made.text);
            if !name.is_empty() {
                self.known.insert((*name).to_owned(), id_at_the_end(made.location.as_deref()).unwrap());
            }
        }
        self.seed_rows().await;
        let profile = self.first_id("/clusters/{s_cluster}/cpuprofiles").await;
        self.known.insert("s_cpu_profile".to_owned(), profile);
        // A new cluster's profile is everybody's; this one is to be as foreign as all else.
        let grant = self.first_id("/cpuprofiles/{s_cpu_profile}/permissions").await;
        let taken = self.send(ADMIN, "DELETE", &format!("/permissions/{grant}"), "").await;
        assert!(taken.status.is_success(), "{}", taken.text);
        self.known.insert("s_permit".to_owned(), "22".to_owned());
        let grant = "<permission><user id=\"{s_jo}\"/><role id=\"{s_role}\"/></permission>";
        for (collection, name, tagged) in OWNERS {
            let owner = format!("/{collection}/{{{name}}}");
            self.make(&format!("grant/{collection}"), &format!("{owner}/permissions"), grant).await;
            if *tagged {
                self.make("", &format!("{owner}/tags"), "<tag id=\"{s_tag}\"/>").await;
            }
        }
        let of_group = "<permission><group id=\"{s_crew}\"/><role id=\"{s_role}\"/></permission>";
        self.make("grant/groups", "/clusters/{s_cluster}/permissions", of_group).await;
        self.make("grant/users", "/users/{s_jo}/permissions", "<permission><role id=\"{s_role}\"/></permission>").await;
        self.known.insert("grant/".to_owned(), self.known["grant/users"].clone());
        self.make("", "/users/{s_jo}/tags", "<tag id=\"{s_tag}\"/>").await;
        self.make("", "/groups/{s_crew}/tags", "<tag id=\"{s_tag}\"/>").await;
        let seer = "<user><user_name>seer@internal-authz</user_name><password>third secret</password></user>";
        self.make("seer", "/users", seer).await;
        let sees = "<permission><user id=\"{seer}\"/><role id=\"{sign_on}\"/></permission>";
        self.make("", "/permissions", sees).await;
        let newest = self.newest_event().await;
        self.known.insert("s_event".to_owned(), newest.to_string());
    }

    /// The id of a list's first item.
    async fn first_id(&self, path: &str) -> String {
        let text = self.send(ADMIN, "GET", &self.fill(path), "").await.text;
        text.split(" id=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned()
    }

    async fn seed_rows(&mut self) {
        let mut tx = self.store.begin().await.unwrap();
        let host = host(&mut tx, self.seeded_id("s_cluster"), self.seeded_id("s_network")).await;
        let (domain, profile) = domain(&mut tx, self.seeded_id("s_dc")).await;
        let (of_vm, of_template) = (disk(&mut tx, domain).await, disk(&mut tx, domain).await);
        tx.vms()
            .put_attachment(&DiskAttachment {
                vm: VmId(self.seeded_id("s_vm")),
                disk: of_vm,
                interface: DiskInterface::VirtioScsi,
                bootable: true,
                active: true,
                read_only: false,
                pass_discard: false,
            })
            .await
            .unwrap();
        let template = TemplateId(self.seeded_id("s_template"));
        let interface = DiskInterface::VirtioScsi;
        let attachment = TemplateAttachment { template, disk: of_template, interface, bootable: true };
        tx.disks().put_template_attachment(&attachment).await.unwrap();
        let transfer = transfer(&mut tx, of_vm, host).await;
        tx.commit().await.unwrap();
        for (name, id) in [
            ("s_host", host.0),
            ("s_domain", domain.0),
            ("s_disk_profile", profile.0),
            ("s_disk", of_vm.0),
            ("s_template_disk", of_template.0),
            ("s_transfer", transfer.0),
        ] {
            self.known.insert(name.to_owned(), id.to_string());
        }
    }

    fn seeded_id(&self, name: &str) -> Uuid {
        self.known[name].parse().unwrap()
    }
}

async fn host(tx: &mut Tx, cluster: Uuid, network: Uuid) -> HostId {
    let id = HostId(Uuid::new_v4());
    let host = Host {
        id,
        name: format!("{MARK}host"),
        cluster: cluster.into(),
        address: "192.0.2.7".to_owned(),
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
        seen_at: Some(ferrovirt_engine::now()),
        boot_id: String::new(),
        created_at: ferrovirt_engine::now(),
        spm_priority: 5,
    };
    tx.hosts().put(&host).await.unwrap();
    let nic = HostNic {
        id: HostNicId(Uuid::new_v4()),
        host: id,
        name: format!("{MARK}eth0"),
        mac_address: "02:00:00:00:01:00".to_owned(),
        mtu: 1500,
        up: true,
        speed: 0,
        ipv4: Vec::new(),
        ipv6: Vec::new(),
        kind: "physical".to_owned(),
        master: String::new(),
        base_nic: String::new(),
        vlan: 0,
        gateway: String::new(),
        ipv4_method: "none".to_owned(),
        network: Some(NetworkId(network)),
    };
    tx.hosts().put_nics(id, &[nic]).await.unwrap();
    id
}

async fn domain(tx: &mut Tx, data_center: Uuid) -> (StorageDomainId, DiskProfileId) {
    let connection = StorageConnection {
        id: StorageConnectionId(Uuid::new_v4()),
        kind: StorageKind::Nfs,
        address: format!("{MARK}nfs"),
        path: "/export".to_owned(),
        vfs_type: String::new(),
        mount_options: String::new(),
        nfs_version: "auto".to_owned(),
        nfs_timeout: None,
        nfs_retransmissions: None,
    };
    tx.storage().insert_connection(&connection).await.unwrap();
    let id = StorageDomainId(Uuid::new_v4());
    let data_center = DataCenterId(data_center);
    let domain = StorageDomain {
        id,
        name: format!("{MARK}domain"),
        description: String::new(),
        comment: String::new(),
        class: DomainClass::Data,
        connection,
        format: "v5".to_owned(),
        wipe_after_delete: false,
        discard_after_delete: false,
        backup: false,
        warning_low_space_percent: 10,
        critical_space_gib: 5,
        attachment: Some(DomainAttachment { data_center, intent: DomainIntent::Active, ready: true, master: true }),
        lock: None,
        available: None,
        used: None,
        committed: 0,
    };
    tx.storage().insert(&domain).await.unwrap();
    let profile = DiskProfileId(Uuid::new_v4());
    let (name, description) = (format!("{MARK}dp"), String::new());
    tx.storage().insert_disk_profile(&DiskProfile { id: profile, name, description, domain: id }).await.unwrap();
    (id, profile)
}

async fn disk(tx: &mut Tx, domain: StorageDomainId) -> DiskId {
    let id = DiskId(Uuid::new_v4());
    let format = DiskFormat::Qcow2;
    let volume = Volume { id: VolumeId(Uuid::new_v4()), disk: id, domain, format, actual_size: 1 << 20, parent: None };
    let disk = Disk {
        id,
        alias: format!("{MARK}disk"),
        description: String::new(),
        provisioned_size: 1 << 30,
        format,
        sparse: true,
        content: DiskContent::Data,
        shareable: false,
        wipe_after_delete: false,
        propagate_errors: false,
        incremental_backup: false,
        state: DiskState::Ok,
        lock: None,
        volume: Some(volume),
        created_at: ferrovirt_engine::now(),
    };
    tx.disks().insert(&disk).await.unwrap();
    id
}

async fn transfer(tx: &mut Tx, disk: DiskId, host: HostId) -> TransferId {
    let (id, at) = (TransferId(Uuid::new_v4()), ferrovirt_engine::now());
    let transfer = ImageTransfer {
        id,
        disk,
        direction: Direction::Download,
        format: DiskFormat::Qcow2,
        phase: Phase::Transferring,
        host: Some(host),
        ticket: Uuid::new_v4(),
        transferred: 0,
        active: true,
        inactivity_timeout: 60,
        timeout_policy: TimeoutPolicy::Legacy,
        shallow: false,
        filename: String::new(),
        owner: None,
        job: JobId(Uuid::new_v4()),
        started_at: at,
        updated_at: at,
    };
    tx.transfers().put(&transfer).await.unwrap();
    id
}
