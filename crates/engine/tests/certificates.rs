//! The loop that looks after certificates: what it can't renew it warns of, once a day; what is fresh it leaves alone.
//! On real rows and the real host door, with a host that refuses to make a new key.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that can't go on fails")]

mod support;

use ferrovirt_engine::now;
use ferrovirt_model::ids::HostId;
use ferrovirt_store::Areas;
use support::World;
use support::host::Fault;

async fn certificate(world: &World, host: HostId, issued: i64, expires: i64) {
    let mut tx = world.store().begin().await.unwrap();
    tx.hosts().record_certificate(host, &format!("{issued}-{expires}"), b"key", issued, expires).await.unwrap();
    tx.commit().await.unwrap();
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
    certificate(&world, world.hosts[0], now() + 1, now() + 2).await;
    for _ in 0..2 {
        world.replace_engine().await;
        world.until("an end is warned of", || async { count(&world, 877).await > 0 }).await;
    }
    assert_eq!(count(&world, 877).await, 1);
}
