//! The loop that looks after certificates: what it can't renew it warns of, once a day; what is fresh it leaves alone.
//! On real rows and the real host door, with hosts that make new keys or refuse to, and engines that die in between.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that can't go on fails")]

mod support;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ferrovirt_engine::joining::{Enrolled, Reenroll};
use ferrovirt_engine::{Result, now};
use ferrovirt_model::ids::HostId;
use ferrovirt_store::Areas;
use rcgen::{KeyPair, PublicKeyData, SigningKey};
use support::World;
use support::host::Fault;
use support::identity::request;

/// The event of a new certificate.
const FINISHED: u32 = 881;

async fn certificate(world: &World, host: HostId, key: &[u8], issued: i64, expires: i64) {
    let mut tx = world.store().begin().await.unwrap();
    tx.hosts().record_certificate(host, &format!("{issued}-{expires}"), key, issued, expires).await.unwrap();
    tx.commit().await.unwrap();
}

/// Makes a host's certificate due: little of its life is left. Tells its key.
async fn nearly_over(world: &World, host: HostId) -> KeyPair {
    let key = held(world, host);
    certificate(world, host, &key.subject_public_key_info(), now() - 600_000, now() + 60_000).await;
    key
}

/// The keys that the rows know a host by.
async fn keys(world: &World, host: HostId) -> Vec<Vec<u8>> {
    world.store().read().await.unwrap().hosts().public_keys(host).await.unwrap()
}

/// The key that a host holds.
fn held(world: &World, host: HostId) -> KeyPair {
    world.shared.identity(host, |identity| identity.key())
}

/// A host asks for a new certificate by itself.
async fn reenroll(world: &World, host: HostId, key: &KeyPair, later: i64) -> Result<Enrolled> {
    let (csr_pem, timestamp) = (request(key), now() / 1000 + later);
    let signature = key.sign(format!("{host}\n{timestamp}\n{csr_pem}").as_bytes()).unwrap();
    world.engine.reenroll(Reenroll { host, csr_pem, timestamp, signature: STANDARD.encode(signature) }).await
}

/// An engine takes the lead until something is so: each looks at all certificates first.
async fn lead_until(world: &mut World, what: &str, so: impl AsyncFn(&World) -> bool) {
    for _ in 0..5 {
        world.replace_engine().await;
        for _ in 0..100 {
            if so(&*world).await {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }
    panic!("it never came that {what}; the log: {:?}", world.codes().await);
}

async fn count(world: &World, code: u32) -> usize {
    world.codes().await.into_iter().filter(|found| *found == code).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_ran_out_is_warned_of_once_a_day_and_what_is_fresh_is_not_touched() {
    let mut world = World::with_hosts(2).await;
    assert_eq!(count(&world, 877).await + count(&world, 845).await + count(&world, 880).await, 0);
    world.shared.fault("begin_rotation", &[Fault::Refuse; 100]);
    // The newest certificate counts, however long an older one still holds.
    certificate(&world, world.hosts[0], b"key", now() + 1, now() + 2).await;
    for _ in 0..2 {
        world.replace_engine().await;
        world.until("an end is warned of", || async { count(&world, 877).await > 0 }).await;
    }
    assert_eq!(count(&world, 877).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_is_renewed_with_a_new_key_before_it_ends() {
    let mut world = World::with_hosts(1).await;
    let host = world.hosts[0];
    let before = nearly_over(&world, host).await;
    lead_until(&mut world, "the host has a new certificate", async |world| count(world, FINISHED).await == 1).await;
    let after = held(&world, host);
    assert_ne!(before.serialize_pem(), after.serialize_pem(), "a new key each time");
    assert_eq!(keys(&world, host).await, [after.subject_public_key_info()]);
    let validity = world.store().read().await.unwrap().hosts().certificate_validity(host).await.unwrap().unwrap();
    assert!(validity.1 > now() + 80 * 24 * 3_600_000, "{validity:?}");
    // Fresh now: nobody asks again.
    let asked = world.shared.calls("begin_rotation");
    world.replace_engine().await;
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    assert_eq!(world.shared.calls("begin_rotation"), asked);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_engine_that_dies_after_the_swap_still_knows_the_host() {
    let mut world = World::with_hosts(1).await;
    let host = world.hosts[0];
    let before = nearly_over(&world, host).await;
    world.shared.fault("finish_rotation", &[Fault::Hang]);
    let swapped = async |world: &World| held(world, host).serialize_pem() != before.serialize_pem();
    lead_until(&mut world, "the host has swapped", swapped).await;
    world.lose_engine().await;
    let after = held(&world, host);
    assert_eq!(keys(&world, host).await, [before.subject_public_key_info(), after.subject_public_key_info()]);
    assert!(reenroll(&world, host, &KeyPair::generate().unwrap(), 0).await.is_err(), "a stranger");
    reenroll(&world, host, &after, 1).await.unwrap();
    assert_eq!(keys(&world, host).await, [after.subject_public_key_info()], "proven: the old key is over");
    assert!(reenroll(&world, host, &before, 2).await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_engine_that_dies_before_the_swap_still_knows_the_host() {
    let mut world = World::with_hosts(1).await;
    let host = world.hosts[0];
    let key = nearly_over(&world, host).await;
    world.shared.fault("finish_rotation", &[Fault::Away; 100]);
    let asked = async |world: &World| world.shared.calls("finish_rotation") > 0;
    lead_until(&mut world, "the host is to swap", asked).await;
    world.lose_engine().await;
    // With the same key: the answer to the rotation may still be on its way to the host.
    reenroll(&world, host, &key, 0).await.unwrap();
    let known = keys(&world, host).await;
    assert_eq!((known.len(), &known[0]), (2, &key.subject_public_key_info()));
    // A host that joins anew has no other key.
    certificate(&world, host, b"new", now(), now() + 1000).await;
    assert_eq!(keys(&world, host).await, [b"new"]);
}
