//! A real engine over a real database behind its web door, without hosts, for tests that speak HTTP. Knows no test.
#![allow(dead_code, reason = "each test program uses its part")]

pub(crate) mod seeded;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use base64::Engine as _;
use ferrovirt_engine::pki::{Pki, PkiConfig};
use ferrovirt_engine::sign_on::hash_password;
use ferrovirt_engine::{Engine, EngineConfig, now, seed};
use ferrovirt_model::secret::Secret;
use ferrovirt_rest::WebConfig;
use ferrovirt_rest::door::EngineDoor;
use ferrovirt_rest::web::Web;
use ferrovirt_store::Store;
use ferrovirt_testdb::TestDb;
use http::{Request, StatusCode, header};
use http_body_util::BodyExt;
use tokio::sync::OnceCell;

mod populated;

const API: &str = "/ovirt-engine/api";
/// The first administrator, as Basic has it.
pub(crate) const ADMIN: &str = "admin@internal:first secret";
/// A user without a role on anything but a MAC pool.
pub(crate) const NOBODY: &str = "nobody@internal:second secret";
/// The id of Blank, and of the root of tags.
pub(crate) const NIL: &str = "00000000-0000-0000-0000-000000000000";

/// An engine behind its web door, and the ids that requests may name.
pub(crate) struct Stack {
    _db: TestDb,
    _folder: tempfile::TempDir,
    web: Arc<Web>,
    pub(crate) store: Store,
    /// The administrator's session: many readings need not pay for as many checks of a password.
    cookie: OnceCell<String>,
    pub(crate) known: BTreeMap<String, String>,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) location: Option<String>,
    pub(crate) text: String,
}

impl Stack {
    pub(crate) async fn new() -> Self {
        let db = TestDb::new().await;
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(db.options(), 10).await.unwrap();
        seed::first_objects(&store, now()).await.unwrap();
        let hash = hash_password(&Secret::new("first secret".to_owned())).unwrap();
        seed::administrator(&store, &hash).await.unwrap();
        let pki = Pki::open(PkiConfig::new(folder.path(), "engine.test"), now()).unwrap();
        let config = EngineConfig {
            fqdn: "engine.test".to_owned(),
            https_port: 443,
            transfer_port: 54323,
            host_grace: Duration::from_secs(2),
            session_idle: Duration::from_secs(3600),
        };
        let engine = Engine::new(store.clone(), pki, config).await.unwrap();
        let door = Arc::new(EngineDoor::new(engine));
        let web = Web::new(door, WebConfig::new("engine.test", "127.0.0.1:443".parse().unwrap()));
        let mut stack = Self { _db: db, _folder: folder, web, store, cookie: OnceCell::new(), known: BTreeMap::new() };
        let nobody = "<user><user_name>nobody@internal-authz</user_name><password>second secret</password></user>";
        let made = stack.send(ADMIN, "POST", "/users", nobody).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
        stack.known.insert("nobody".to_owned(), id_at_the_end(made.location.as_deref()).unwrap());
        for (name, list) in [
            ("data_center", "/datacenters"),
            ("cluster", "/clusters"),
            ("network", "/networks"),
            ("vnic_profile", "/vnicprofiles"),
            ("mac_pool", "/macpools"),
        ] {
            stack.learn(name, list).await;
        }
        let no_role = stack.send(NOBODY, "GET", "", "").await;
        assert!(no_role.status.is_client_error(), "who holds nothing can't sign on: {}", no_role.text);
        // A role that permits to sign on, on something that lies beside everything else.
        let role = "<role><name>SignOn</name><permits><permit><name>login</name></permit></permits></role>";
        let made = stack.send(ADMIN, "POST", "/roles", role).await;
        stack.known.insert("sign_on".to_owned(), id_at_the_end(made.location.as_deref()).unwrap());
        let grant = stack.fill("<permission><user id=\"{nobody}\"/><role id=\"{sign_on}\"/></permission>");
        let given = stack.send(ADMIN, "POST", &stack.fill("/macpools/{mac_pool}/permissions"), &grant).await;
        assert_eq!(given.status, StatusCode::CREATED, "{}", given.text);
        stack.known.insert("nil".to_owned(), NIL.to_owned());
        stack.known.insert("user_role".to_owned(), ferrovirt_model::roles::USER_ROLE.to_string());
        stack
    }

    async fn learn(&mut self, name: &str, list: &str) {
        let text = self.send(ADMIN, "GET", list, "").await.text;
        let id =
            text.split(" id=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_else(|| panic!("{text}"));
        self.known.insert(name.to_owned(), id.to_owned());
    }

    pub(crate) async fn send(&self, who: &str, verb: &str, path: &str, body: &str) -> Answer {
        let basic = base64::engine::general_purpose::STANDARD.encode(who);
        let request = Request::builder()
            .method(verb)
            .uri(format!("{API}{path}"))
            .header(header::HOST, "engine.test")
            .header(header::AUTHORIZATION, format!("Basic {basic}"))
            .header(header::CONTENT_TYPE, "application/xml")
            .body(Body::from(body.to_owned()))
            .unwrap();
        let (parts, body) = Arc::clone(&self.web).answer(request).await.into_parts();
        let location = parts.headers.get(header::LOCATION).map(|value| value.to_str().unwrap().to_owned());
        let bytes = body.collect().await.unwrap().to_bytes();
        Answer { status: parts.status, location, text: String::from_utf8(bytes.to_vec()).unwrap() }
    }

    /// What the administrator reads at an address, in JSON.
    pub(crate) async fn read(&self, path: &str) -> (StatusCode, serde_json::Value) {
        let cookie = self.cookie.get_or_init(|| self.sign_on()).await;
        let request = Request::builder().uri(format!("{API}{path}")).header(header::COOKIE, cookie);
        let request = request.header(header::HOST, "engine.test").header(header::ACCEPT, "application/json");
        let (parts, body) = Arc::clone(&self.web).answer(request.body(Body::empty()).unwrap()).await.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        (parts.status, serde_json::from_slice(&bytes).unwrap_or_default())
    }

    async fn sign_on(&self) -> String {
        let basic = base64::engine::general_purpose::STANDARD.encode(ADMIN);
        let request = Request::builder().uri(API).header(header::HOST, "engine.test");
        let request =
            request.header(header::AUTHORIZATION, format!("Basic {basic}")).header("prefer", "persistent-auth");
        let answer = Arc::clone(&self.web).answer(request.body(Body::empty()).unwrap()).await;
        let cookie = answer.headers().get(header::SET_COOKIE).unwrap().to_str().unwrap();
        cookie.split(';').next().unwrap().to_owned()
    }

    /// Puts known ids where a text names them.
    pub(crate) fn fill(&self, text: &str) -> String {
        self.known.iter().fold(text.to_owned(), |text, (name, id)| text.replace(&format!("{{{name}}}"), id))
    }

    /// Makes something as the administrator, and keeps its id by a name.
    pub(crate) async fn make(&mut self, name: &str, path: &str, body: &str) {
        let made = self.send(ADMIN, "POST", &self.fill(path), &self.fill(body)).await;
        assert!(made.status.is_success(), "{path}: {} {}", made.status, made.text);
        let id = id_at_the_end(made.location.as_deref()).unwrap_or_else(|| panic!("{path}: {}", made.text));
        self.known.insert(name.to_owned(), id);
    }

    /// The number of the newest event.
    pub(crate) async fn newest_event(&self) -> i64 {
        let text = self.send(ADMIN, "GET", "/events?max=1", "").await.text;
        let id = text.split("<event ").nth(1).and_then(|rest| rest.split("id=\"").nth(1));
        id.and_then(|rest| rest.split('"').next()).map_or(0, |id| id.parse().unwrap())
    }
}

/// The id at the end of a `Location`.
pub(crate) fn id_at_the_end(location: Option<&str>) -> Option<String> {
    location?.rsplit('/').next().map(str::to_owned)
}
