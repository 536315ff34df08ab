//! Laws of joining: a token brings one host, once, and a known key renews its own host alone.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ferrovirt_engine::joining::{Enroll, Reenroll};
use ferrovirt_engine::{Session, now};
use ferrovirt_model::host::{Host, HostIntent};
use ferrovirt_model::ids::HostId;
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::secret::Secret;
use ferrovirt_store::Areas;
use rcgen::{CertificateParams, KeyPair, SigningKey};
use uuid::Uuid;

use crate::world::{PASSWORD, World, refusal};

const HOUR: Duration = Duration::from_secs(3600);

fn csr(key: &KeyPair) -> String {
    CertificateParams::default().serialize_request(key).unwrap().pem().unwrap()
}

fn ask(secret: &Secret, key: &KeyPair, hostname: &str) -> Enroll {
    Enroll {
        secret: secret.clone(),
        csr_pem: csr(key),
        hardware_id: "4c4c4544".to_owned(),
        hostname: hostname.to_owned(),
        address: "192.0.2.10".to_owned(),
        port: 54321,
    }
}

impl World {
    async fn admin(&self) -> Session {
        self.engine.verify("admin", &Secret::new(PASSWORD), None).await.unwrap()
    }

    /// The secret inside a new token.
    async fn token(&self, host: Option<&str>) -> Secret {
        let admin = self.admin().await;
        let made = self.engine.create_join_token(&admin, None, host.map(str::to_owned), HOUR).await.unwrap();
        let text = URL_SAFE_NO_PAD.decode(made.token.expose()).unwrap();
        let token: serde_json::Value = serde_json::from_slice(&text).unwrap();
        assert_eq!(token["url"], "https://engine.test:8443/ovirt-engine");
        assert_eq!(token["ca_sha256"], self.engine.pki().ca_fingerprint());
        Secret::new(token["secret"].as_str().unwrap())
    }

    async fn host(&self, id: HostId) -> Host {
        self.engine.store().read().await.unwrap().hosts().get(id).await.unwrap().unwrap()
    }
}

#[tokio::test]
async fn a_host_that_nobody_named_waits_for_approval_under_a_name_of_its_own() {
    let world = World::new().await;
    let mut names = Vec::new();
    for _ in 0..3 {
        let secret = world.token(None).await;
        let enrolled = world.engine.enroll(ask(&secret, &KeyPair::generate().unwrap(), "node")).await.unwrap();
        let host = world.host(enrolled.host).await;
        assert_eq!(
            (host.intent, host.enrolled, host.address.as_str()),
            (HostIntent::PendingApproval, true, "192.0.2.10")
        );
        names.push(host.name);
    }
    assert_eq!(names, ["node", "node-2", "node-3"], "the same machine id takes over no host");
    assert_eq!(world.codes().await, [30, 509, 828, 509, 828, 509, 828]);
}

#[tokio::test]
async fn a_token_that_names_a_host_makes_it_active_once() {
    let world = World::new().await;
    let secret = world.token(Some("h1")).await;
    let key = KeyPair::generate().unwrap();
    let enrolled = world.engine.enroll(ask(&secret, &key, "other-name")).await.unwrap();
    let host = world.host(enrolled.host).await;
    assert_eq!((host.name.as_str(), host.intent), ("h1", HostIntent::Active));
    assert!(host.certificate_expires_at.unwrap() > now());
    let again = world.engine.enroll(ask(&secret, &key, "other-name")).await;
    assert_eq!(refusal(again), Refusal::StaleToken { what: "join token" });
}

#[tokio::test]
async fn an_awaited_address_is_met_by_a_token_that_names_none() {
    let world = World::new().await;
    world.token(Some("192.0.2.10")).await;
    let secret = world.token(None).await;
    let enrolled = world.engine.enroll(ask(&secret, &KeyPair::generate().unwrap(), "node")).await.unwrap();
    let host = world.host(enrolled.host).await;
    assert_eq!((host.name.as_str(), host.intent), ("192.0.2.10", HostIntent::Active));
}

#[tokio::test]
async fn what_fails_spends_no_token_and_what_is_foreign_gets_nothing() {
    let world = World::new().await;
    let secret = world.token(None).await;
    let key = KeyPair::generate().unwrap();
    let broken = Enroll { csr_pem: "no request".to_owned(), ..ask(&secret, &key, "node") };
    assert!(matches!(refusal(world.engine.enroll(broken).await), Refusal::BadValue { field: "csr_pem", .. }));
    for address in ["", "a b", "x\ny", "$(reboot)"] {
        let odd = Enroll { address: address.to_owned(), ..ask(&secret, &key, "node") };
        assert!(matches!(refusal(world.engine.enroll(odd).await), Refusal::BadValue { field: "address", .. }));
    }
    let stranger = ask(&Secret::new("guess"), &key, "node");
    assert_eq!(refusal(world.engine.enroll(stranger).await), Refusal::StaleToken { what: "join token" });
    world.engine.enroll(ask(&secret, &key, "node")).await.unwrap();
    let hosts = world.engine.store().read().await.unwrap().hosts().all().await.unwrap();
    assert_eq!(hosts.len(), 1);
}

#[tokio::test]
async fn a_token_takes_the_permit_to_add_hosts() {
    let world = World::new().await;
    let nobody =
        Session { user: ferrovirt_model::ids::UserId(Uuid::new_v4()), administrator: false, ..world.admin().await };
    let refused = refusal(world.engine.create_join_token(&nobody, None, None, HOUR).await);
    assert_eq!(refused, Refusal::NotAuthorized { permit: "create_host" });
    let missing = world.engine.create_join_token(&world.admin().await, Some("Nowhere".to_owned()), None, HOUR).await;
    assert!(matches!(refusal(missing), Refusal::NoSuchObject { kind: "Cluster", .. }));
}

fn signed(host: HostId, key: &KeyPair, timestamp: i64) -> Reenroll {
    let csr_pem = csr(key);
    let signature = key.sign(format!("{host}\n{timestamp}\n{csr_pem}").as_bytes()).unwrap();
    Reenroll { host, csr_pem, timestamp, signature: STANDARD.encode(signature) }
}

#[tokio::test]
async fn a_known_key_renews_its_own_host_and_each_request_counts_once() {
    let world = World::new().await;
    let engine = &world.engine;
    let (key, other) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
    let host = engine.enroll(ask(&world.token(None).await, &key, "one")).await.unwrap().host;
    let victim = engine.enroll(ask(&world.token(None).await, &other, "two")).await.unwrap().host;
    let seconds = now() / 1000;
    let request = signed(host, &key, seconds);
    let renewed = engine.reenroll(request.clone()).await.unwrap();
    assert!(renewed.certificate_pem.contains("BEGIN CERTIFICATE") && renewed.host == host);
    let stale = Refusal::StaleToken { what: "request for a new certificate" };
    assert_eq!(refusal(engine.reenroll(request.clone()).await), stale, "a replay");
    assert_eq!(refusal(engine.reenroll(signed(host, &key, seconds - 1)).await), stale, "older than the last");
    assert_eq!(refusal(engine.reenroll(signed(host, &key, seconds + 3600)).await), stale, "from the future");
    assert_eq!(refusal(engine.reenroll(signed(victim, &key, seconds + 1)).await), stale, "another host's name");
    let tampered = Reenroll { csr_pem: csr(&other), ..signed(host, &key, seconds + 1) };
    assert_eq!(refusal(engine.reenroll(tampered).await), stale, "another request under the signature");
    engine.reenroll(signed(host, &key, seconds + 2)).await.unwrap();
    let mut tx = engine.store().begin().await.unwrap();
    tx.hosts().remove(host).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(refusal(engine.reenroll(signed(host, &key, seconds + 3)).await), stale, "a host that was removed");
}
