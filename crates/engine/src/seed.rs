//! What an installation has before anyone has done anything: predefined roles, the group of everyone, the Default data
//! centre with its cluster and network, the Blank template, and the first administrator.
//!
//! Roles follow the catalogue at each start. Objects are made once: an administrator who removes one does not get it
//! back. Refuses to know files and passwords' hashes.

use ferrovirt_model::catalogue::migration_policies::MINIMAL_DOWNTIME;
use ferrovirt_model::catalogue::policies;
use ferrovirt_model::cluster::{Cluster, ClusterNetwork, ClusterSettings};
use ferrovirt_model::data_center::{DataCenter, DataCenterStatus, QuotaMode};
use ferrovirt_model::default_objects as fixed;
use ferrovirt_model::ids::{
    ClusterId, CpuProfileId, DataCenterId, GroupId, MacPoolId, NetworkId, ObjectRef, PermissionId, RoleId,
    SchedulingPolicyId, TagId, TemplateId, UserId, VnicProfileId,
};
use ferrovirt_model::network::{MacPool, Network, VnicProfile};
use ferrovirt_model::permission::{Group, Permission, Principal, Role, User};
use ferrovirt_model::permits::RoleKind;
use ferrovirt_model::roles::{PREDEFINED_PERMISSIONS, PREDEFINED_ROLES, SUPER_USER};
use ferrovirt_model::secret::Secret;
use ferrovirt_model::tag::Tag;
use ferrovirt_model::template::Template;
use ferrovirt_model::vm::{Definition, MigrationOptions};
use ferrovirt_model::{Millis, tag, template};
use ferrovirt_store::Store;
use ferrovirt_store::clusters::CpuProfile;
use ferrovirt_store::tx::{Areas, Tx};
use uuid::Uuid;

use crate::failure::Result;
use crate::sign_on::{INTERNAL_DOMAIN, INTERNAL_PROFILE};

/// The option that says that the first objects were made.
const MADE: &str = "FirstObjectsMade";
/// Options without a compatibility level stand under this version.
const GENERAL: &str = "general";
/// The first administrator's name.
pub const ADMINISTRATOR: &str = "admin";
/// The level of the first data centre.
const LEVEL: (u32, u32) = (4, 8);
/// The packet filter of new profiles, as libvirt knows it.
const FILTER: &str = "vdsm-no-mac-spoofing";

/// Brings roles up to the catalogue and, in an empty installation, makes the first objects. Says whether it made them.
///
/// # Errors
/// Trouble with the store; nothing has changed then.
pub async fn first_objects(store: &Store, now: Millis) -> Result<bool> {
    let mut tx = store.begin().await?;
    let (installation, _) = tx.lease().installation(Uuid::new_v4(), now).await?;
    roles(&mut tx).await?;
    tx.users()
        .put_group(&Group { id: GroupId(fixed::EVERYONE), name: "Everyone".to_owned(), domain: String::new() })
        .await?;
    let fresh = tx.options().of(MADE).await?.is_empty();
    if fresh {
        objects(&mut tx, installation, now).await?;
        grants(&mut tx).await?;
        tx.options().set(MADE, GENERAL, "true").await?;
    }
    tx.commit().await?;
    Ok(fresh)
}

/// Makes the first administrator where there is none, and writes the hash of their password.
///
/// # Errors
/// Trouble with the store.
pub async fn administrator(store: &Store, password_hash: &Secret) -> Result<UserId> {
    let mut tx = store.begin().await?;
    let id = match tx.users().by_name(INTERNAL_DOMAIN, ADMINISTRATOR).await? {
        Some((user, _)) => user.id,
        None => {
            let user = first_administrator();
            tx.users().put(&user).await?;
            user.id
        }
    };
    tx.permissions()
        .grant(&Permission {
            id: PermissionId(Uuid::new_v4()),
            principal: Principal::User(id),
            role: RoleId(SUPER_USER),
            object: ObjectRef::SYSTEM,
        })
        .await?;
    tx.users().set_password(id, password_hash).await?;
    tx.commit().await?;
    Ok(id)
}

fn first_administrator() -> User {
    User {
        id: UserId(Uuid::new_v4()),
        name: ADMINISTRATOR.to_owned(),
        domain: INTERNAL_DOMAIN.to_owned(),
        domain_entry_id: Uuid::new_v4().to_string(),
        first_name: ADMINISTRATOR.to_owned(),
        last_name: String::new(),
        email: String::new(),
        department: String::new(),
        namespace: "*".to_owned(),
        principal: format!("{ADMINISTRATOR}@{INTERNAL_PROFILE}"),
    }
}

async fn roles(tx: &mut Tx) -> Result<()> {
    for role in PREDEFINED_ROLES {
        let permits = role.permits.iter().map(|permit| permit.id()).collect();
        tx.permissions()
            .put_role(&Role {
                id: RoleId(role.id),
                name: role.name.to_owned(),
                description: role.description.to_owned(),
                administrative: role.kind == RoleKind::Admin,
                mutable: false,
                permits,
            })
            .await?;
    }
    Ok(())
}

async fn grants(tx: &mut Tx) -> Result<()> {
    for grant in PREDEFINED_PERMISSIONS {
        tx.permissions()
            .grant(&Permission {
                id: PermissionId(grant.id),
                principal: Principal::Group(GroupId(grant.group)),
                role: RoleId(grant.role),
                object: grant.object,
            })
            .await?;
    }
    Ok(())
}

async fn objects(tx: &mut Tx, installation: Uuid, now: Millis) -> Result<()> {
    tx.networks().put_mac_pool(&mac_pool(installation)).await?;
    let data_center = data_center();
    tx.data_centers().put(&data_center).await?;
    let network = management_network(data_center.id);
    tx.networks().put(&network).await?;
    tx.networks().put_profile(&management_profile(network.id)).await?;
    let cluster = cluster(data_center.id);
    tx.clusters().put(&cluster).await?;
    tx.clusters().put_network(&management_use(cluster.id, network.id)).await?;
    tx.clusters()
        .insert_cpu_profile(&CpuProfile {
            id: CpuProfileId(fixed::DEFAULT_CPU_PROFILE),
            name: fixed::DEFAULT_NAME.to_owned(),
            description: String::new(),
            cluster: cluster.id,
        })
        .await?;
    tx.templates().put(&blank(now)).await?;
    tx.tags()
        .put(&Tag {
            id: tag::ROOT,
            name: "root".to_owned(),
            description: "The root of all tags.".to_owned(),
            parent: None::<TagId>,
        })
        .await?;
    Ok(())
}

/// A pool of 65,536 addresses under 56:6f, whose middle follows from the installation's id, so that two installations on
/// one network seldom meet.
fn mac_pool(installation: Uuid) -> MacPool {
    let [third, fourth, ..] = installation.into_bytes();
    let prefix = format!("56:6f:{third:02x}:{fourth:02x}");
    MacPool {
        id: MacPoolId(fixed::DEFAULT_MAC_POOL),
        name: fixed::DEFAULT_NAME.to_owned(),
        description: "Default MAC address pool.".to_owned(),
        allow_duplicates: false,
        default: true,
        ranges: vec![(format!("{prefix}:00:00"), format!("{prefix}:ff:ff"))],
    }
}

fn data_center() -> DataCenter {
    DataCenter {
        id: DataCenterId(Uuid::new_v4()),
        name: fixed::DEFAULT_NAME.to_owned(),
        description: "The default data center.".to_owned(),
        comment: String::new(),
        local: false,
        version: LEVEL,
        quota_mode: QuotaMode::Disabled,
        mac_pool: MacPoolId(fixed::DEFAULT_MAC_POOL),
        status: DataCenterStatus::Uninitialized,
    }
}

fn cluster(data_center: DataCenterId) -> Cluster {
    Cluster {
        id: ClusterId(Uuid::new_v4()),
        name: fixed::DEFAULT_NAME.to_owned(),
        data_center,
        settings: ClusterSettings {
            description: "The default cluster.".to_owned(),
            version: LEVEL,
            scheduling_policy: Some(SchedulingPolicyId(policies::NONE)),
            mac_pool: Some(MacPoolId(fixed::DEFAULT_MAC_POOL)),
            migration: MigrationOptions { policy: Some(MINIMAL_DOWNTIME), ..MigrationOptions::default() },
            ..ClusterSettings::default()
        },
    }
}

fn management_network(data_center: DataCenterId) -> Network {
    Network {
        id: NetworkId(fixed::MANAGEMENT_NETWORK),
        name: fixed::MANAGEMENT_NETWORK_NAME.to_owned(),
        data_center,
        description: "Management network".to_owned(),
        comment: String::new(),
        vlan: None,
        mtu: 0,
        vm_network: true,
        stp: false,
        port_isolation: false,
        device_name: fixed::MANAGEMENT_NETWORK_NAME.to_owned(),
    }
}

fn management_profile(network: NetworkId) -> VnicProfile {
    VnicProfile {
        id: VnicProfileId(fixed::MANAGEMENT_VNIC_PROFILE),
        name: fixed::MANAGEMENT_NETWORK_NAME.to_owned(),
        network,
        description: String::new(),
        comment: String::new(),
        filter: Some(FILTER.to_owned()),
        port_mirroring: false,
        pass_through: false,
        migratable: true,
    }
}

fn management_use(cluster: ClusterId, network: NetworkId) -> ClusterNetwork {
    ClusterNetwork {
        cluster,
        network,
        required: true,
        display: true,
        migration: true,
        management: true,
        default_route: true,
        gluster: false,
    }
}

fn blank(now: Millis) -> Template {
    Template {
        id: template::BLANK,
        name: "Blank".to_owned(),
        cluster: None,
        definition: Definition { description: "Blank template".to_owned(), ..Definition::default() },
        version_name: "base version".to_owned(),
        version_number: 1,
        base: TemplateId(fixed::BLANK_TEMPLATE),
        created_by: None,
        created_at: now,
        lock: None,
        illegal: false,
        sealed: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mac_range_is_of_this_installation() {
        let pool = mac_pool(Uuid::from_u128(0x0a0b << 112));
        assert_eq!(pool.ranges, [("56:6f:0a:0b:00:00".to_owned(), "56:6f:0a:0b:ff:ff".to_owned())]);
    }
}
