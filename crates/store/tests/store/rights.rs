//! Who sees what: single objects and lists say the same.

use ferrovirt_model::data_center::{DataCenter, DataCenterStatus, QuotaMode};
use ferrovirt_model::ids::{DataCenterId, GroupId, MacPoolId, NetworkId, ObjectRef, PermissionId, RoleId, UserId};
use ferrovirt_model::network::{MacPool, Network};
use ferrovirt_model::permission::{Group, Permission, Principal, Role, User};
use ferrovirt_store::permissions::EVERYONE;
use ferrovirt_store::visibility::Seen;
use ferrovirt_store::{Areas, Store, Tx};
use ferrovirt_testdb::TestDb;
use uuid::Uuid;

async fn user(tx: &mut Tx, name: &str) -> UserId {
    let text = || name.to_owned();
    let user = User {
        id: UserId(Uuid::new_v4()),
        name: text(),
        domain: text(),
        domain_entry_id: text(),
        first_name: text(),
        last_name: text(),
        email: text(),
        department: text(),
        namespace: text(),
        principal: text(),
    };
    tx.users().put(&user).await.unwrap();
    user.id
}

async fn group(tx: &mut Tx, id: GroupId) -> GroupId {
    tx.users().put_group(&Group { id, name: id.to_string(), domain: String::new() }).await.unwrap();
    id
}

async fn network(tx: &mut Tx) -> (DataCenterId, NetworkId) {
    let mac_pool = MacPoolId(Uuid::new_v4());
    let (name, description, comment) = ("one".to_owned(), String::new(), String::new());
    let (allow_duplicates, default, ranges) = (false, false, Vec::new());
    let pool =
        MacPool { id: mac_pool, name: name.clone(), description: String::new(), allow_duplicates, default, ranges };
    tx.networks().put_mac_pool(&pool).await.unwrap();
    let data_center = DataCenterId(Uuid::new_v4());
    tx.data_centers()
        .put(&DataCenter {
            id: data_center,
            name: name.clone(),
            description: description.clone(),
            comment: comment.clone(),
            local: false,
            version: (4, 8),
            quota_mode: QuotaMode::Disabled,
            mac_pool,
            status: DataCenterStatus::Up,
        })
        .await
        .unwrap();
    let id = NetworkId(Uuid::new_v4());
    let network = Network {
        id,
        name,
        data_center,
        description,
        comment,
        vlan: None,
        mtu: 0,
        vm_network: true,
        stp: false,
        port_isolation: false,
        device_name: String::new(),
    };
    tx.networks().put(&network).await.unwrap();
    (data_center, id)
}

async fn grant(tx: &mut Tx, principal: Principal, object: ObjectRef) {
    let role = RoleId(Uuid::new_v4());
    let (description, permits) = (String::new(), vec![1]);
    let row = Role { id: role, name: role.to_string(), description, administrative: true, mutable: true, permits };
    tx.permissions().put_role(&row).await.unwrap();
    let grant = Permission { id: PermissionId(Uuid::new_v4()), principal, role, object };
    tx.permissions().grant(&grant).await.unwrap();
}

#[tokio::test]
async fn what_a_group_holds_above_an_object_shows_it_to_members_alone() {
    let db = TestDb::new().await;
    let store = Store::open(db.options(), 2).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    let (member, stranger) = (user(&mut tx, "member").await, user(&mut tx, "stranger").await);
    let crew = group(&mut tx, GroupId(Uuid::new_v4())).await;
    let everyone = group(&mut tx, EVERYONE).await;
    tx.users().add_member(crew, member).await.unwrap();
    let (data_center, network) = network(&mut tx).await;
    grant(&mut tx, Principal::Group(crew), data_center.into()).await;
    grant(&mut tx, Principal::Group(everyone), data_center.into()).await;
    for (user, below) in [(member, true), (stranger, false)] {
        assert!(tx.permissions().sees(user, data_center.into()).await.unwrap());
        assert_eq!(tx.permissions().sees(user, network.into()).await.unwrap(), below);
        let listed = Seen::Network.among(&[network.0], user, tx.connection()).await.unwrap();
        assert_eq!(!listed.is_empty(), below, "lists say the same");
    }
    assert!(tx.permissions().holds(member, network.into(), 1).await.unwrap());
    assert!(tx.permissions().is_administrator(member).await.unwrap());
    assert!(tx.users().remove_member(crew, member).await.unwrap());
    assert!(!tx.users().remove_member(crew, member).await.unwrap(), "once is enough");
    assert!(!tx.permissions().sees(member, network.into()).await.unwrap());
    assert!(!tx.permissions().is_administrator(member).await.unwrap());
}
