//! The contract suite: what every hypervisor behind the door must do. One suite, three worlds.

use std::time::Duration;

use tokio::sync::broadcast;

use super::*;

/// A world to try.
pub struct World<'a> {
    /// The hypervisor.
    pub hypervisor: &'a dyn Hypervisor,
    /// A description of a small domain with this id and name.
    pub domain_xml: fn(&str, &str) -> String,
    /// A guest that is asked to power off does so, because it is no real guest.
    pub obedient: bool,
    /// A domain can be made with its processors standing.
    pub starts_paused: bool,
}

async fn wait_for(events: &mut broadcast::Receiver<Event>, id: &str, wanted: impl Fn(&Happening) -> bool) -> Happening {
    let found = tokio::time::timeout(Duration::from_secs(20), async {
        loop {
            match events.recv().await.expect("the events go on") {
                Event::Domain { id: of, what } if of == id && wanted(&what) => return what,
                _ => {}
            }
        }
    });
    found.await.expect("the event comes")
}

/// Runs the whole suite.
pub async fn run(world: &World<'_>) {
    life(world).await;
    ends(world).await;
    absence(world).await;
    refusals(world).await;
}

fn fresh() -> (String, String) {
    let id = uuid::Uuid::new_v4().to_string();
    let name = format!("contract-{}", &id[..8]);
    (id, name)
}

async fn life(world: &World<'_>) {
    let hypervisor = world.hypervisor;
    let (id, name) = fresh();
    let mut events = hypervisor.events();
    hypervisor.start(&(world.domain_xml)(&id, &name), false).await.expect("a domain starts");
    wait_for(&mut events, &id, |what| *what == Happening::Changed).await;
    let domain = hypervisor.domain(&id).await.unwrap().expect("it is there");
    assert_eq!((domain.id.as_str(), domain.name.as_str()), (id.as_str(), name.as_str()));
    assert_eq!(domain.generation, Some(7), "our metadata is kept");
    assert_eq!(domain.activity, Activity::Running);
    assert!(hypervisor.domains().await.unwrap().iter().any(|domain| domain.id == id));
    assert!(hypervisor.live_xml(&id).await.unwrap().contains(&id));
    assert!(hypervisor.start(&(world.domain_xml)(&id, &name), false).await.is_err(), "it never runs twice");

    hypervisor.pause(&id).await.unwrap();
    assert_eq!(hypervisor.domain(&id).await.unwrap().unwrap().activity, Activity::Paused(Pause::User));
    hypervisor.resume(&id).await.unwrap();
    assert_eq!(hypervisor.domain(&id).await.unwrap().unwrap().activity, Activity::Running);
    let counters = hypervisor.counters().await.unwrap();
    assert!(counters.iter().any(|counters| counters.id == id));

    hypervisor.power_off(&id).await.unwrap();
    let ended = wait_for(&mut events, &id, |what| matches!(what, Happening::Ended(_))).await;
    assert_eq!(ended, Happening::Ended(Ending::Destroyed));
    assert_eq!(hypervisor.domain(&id).await.unwrap(), None, "nothing is left of it");
}

async fn ends(world: &World<'_>) {
    let hypervisor = world.hypervisor;
    let (id, name) = fresh();
    let mut events = hypervisor.events();
    hypervisor.start(&(world.domain_xml)(&id, &name), world.starts_paused).await.expect("a domain starts");
    if world.starts_paused {
        let domain = hypervisor.domain(&id).await.unwrap().unwrap();
        assert!(matches!(domain.activity, Activity::Paused(_)), "{:?}", domain.activity);
        hypervisor.resume(&id).await.unwrap();
    }
    hypervisor.ask_shutdown(&id, Way::Acpi).await.unwrap();
    if world.obedient {
        let ended = wait_for(&mut events, &id, |what| matches!(what, Happening::Ended(_))).await;
        assert_eq!(ended, Happening::Ended(Ending::Shutdown));
    } else {
        hypervisor.power_off(&id).await.unwrap();
    }
    assert_eq!(hypervisor.domain(&id).await.unwrap(), None);
}

async fn absence(world: &World<'_>) {
    let hypervisor = world.hypervisor;
    let (id, _) = fresh();
    assert_eq!(hypervisor.domain(&id).await.unwrap(), None);
    for result in [
        hypervisor.power_off(&id).await,
        hypervisor.pause(&id).await,
        hypervisor.resume(&id).await,
        hypervisor.ask_shutdown(&id, Way::Acpi).await,
        hypervisor.reset(&id).await,
        hypervisor.abort_job(&id).await,
        hypervisor.live_xml(&id).await.map(drop),
    ] {
        assert_eq!(result, Err(HypervisorError::Missing));
    }
    assert_eq!(hypervisor.resize_disk(&id, std::path::Path::new("/x"), 1).await, Ok(false));
}

async fn refusals(world: &World<'_>) {
    let hypervisor = world.hypervisor;
    assert!(hypervisor.start("<domain", false).await.is_err());
    assert!(hypervisor.start("\0", false).await.is_err());
    let facts = hypervisor.facts(crate::domxml::Accelerator::Tcg).await.unwrap();
    assert!(!facts.libvirt_version.is_empty());
}

/// A small domain of any type.
pub fn small_domain(kind: &str, id: &str, name: &str) -> String {
    let metadata = crate::domxml::metadata(id, 7).to_xml();
    format!(
        "<domain type='{kind}'><name>{name}</name><uuid>{id}</uuid>{metadata}<memory unit='MiB'>32</memory><vcpu>1</vcpu>\
         <os><type arch='x86_64'>hvm</type></os><devices/></domain>"
    )
}

#[tokio::test]
async fn the_fake_keeps_the_contract() {
    let fake = fake::Fake::new(&fake::FakeNetwork::default(), "fake://a");
    let domain_xml = |id: &str, name: &str| small_domain("qemu", id, name);
    run(&World { hypervisor: &fake, domain_xml, obedient: true, starts_paused: true }).await;
}

#[tokio::test]
async fn the_test_driver_keeps_the_contract() {
    let libvirt = libvirt::Libvirt::new("test:///default").unwrap();
    assert!(libvirt.connected(Duration::from_secs(5)).await);
    let domain_xml = |id: &str, name: &str| small_domain("test", id, name);
    run(&World { hypervisor: &libvirt, domain_xml, obedient: true, starts_paused: false }).await;
}
