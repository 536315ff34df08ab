//! The first objects are those that clients expect, are made once, and are not made again.

use ferrovirt_engine::{now, seed};
use ferrovirt_model::default_objects as fixed;
use ferrovirt_model::ids::{MacPoolId, ObjectRef, TemplateId, VnicProfileId};
use ferrovirt_model::permits::Permit;
use ferrovirt_store::Areas;

use crate::world::{PASSWORD, World};

#[tokio::test]
async fn an_empty_installation_gets_what_clients_expect() {
    let world = World::new().await;
    let mut reader = world.engine.store().read().await.unwrap();
    assert_eq!(reader.permissions().roles().await.unwrap().len(), 37);
    let data_center = reader.data_centers().by_name("Default").await.unwrap().unwrap();
    let cluster = reader.clusters().by_name("Default").await.unwrap().unwrap();
    assert_eq!((cluster.data_center, data_center.mac_pool), (data_center.id, MacPoolId(fixed::DEFAULT_MAC_POOL)));
    let usage = reader.clusters().networks(&[cluster.id]).await.unwrap();
    assert!(
        usage.len() == 1 && usage[0].management && usage[0].required && usage[0].network.0 == fixed::MANAGEMENT_NETWORK
    );
    let profile = reader.networks().profiles(&[VnicProfileId(fixed::MANAGEMENT_VNIC_PROFILE)]).await.unwrap();
    assert_eq!(profile[0].filter.as_deref(), Some("vdsm-no-mac-spoofing"));
    let blank = reader.templates().get(&[TemplateId(fixed::BLANK_TEMPLATE)]).await.unwrap();
    assert!(blank[0].cluster.is_none() && blank[0].definition.memory == 1 << 30);
    assert_eq!(reader.tags().all().await.unwrap().len(), 1);
    let pool = reader.networks().mac_pools().await.unwrap();
    assert!(pool[0].ranges[0].0.starts_with("56:6f:"));
    let (admin, hash) = reader.users().by_name("internal-authz", "admin").await.unwrap().unwrap();
    assert!(!hash.unwrap().expose().contains(PASSWORD));
    let may = reader.permissions().holds(admin.id, ObjectRef::SYSTEM, Permit::ConfigureEngine.id()).await.unwrap();
    assert!(may && reader.permissions().is_administrator(admin.id).await.unwrap());
}

#[tokio::test]
async fn a_second_start_makes_nothing_again_and_mends_roles() {
    let world = World::new().await;
    let store = world.engine.store();
    let mut tx = store.begin().await.unwrap();
    let cluster = tx.clusters().by_name("Default").await.unwrap().unwrap();
    tx.clusters().remove(cluster.id).await.unwrap();
    let mut role = tx.permissions().roles().await.unwrap().into_iter().find(|role| role.name == "UserRole").unwrap();
    let permits = std::mem::take(&mut role.permits);
    tx.permissions().put_role(&role).await.unwrap();
    tx.commit().await.unwrap();
    assert!(!seed::first_objects(store, now()).await.unwrap());
    let mut reader = store.read().await.unwrap();
    assert!(reader.clusters().by_name("Default").await.unwrap().is_none(), "what was removed stays away");
    let roles = reader.permissions().roles().await.unwrap();
    assert_eq!(roles.iter().find(|role| role.name == "UserRole").unwrap().permits, permits);
    assert_eq!(roles.len(), 37);
}
