//! An engine's public doors, as the simulator uses them: JSON both ways. Knows no address below them.

use std::time::{Duration, Instant};

use reqwest::{Client, Method};
use serde_json::Value;

use crate::join::{SimError, answer};

/// Between two looks at something that is awaited.
const LOOK: Duration = Duration::from_millis(200);
/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(300);

/// An engine's public doors.
#[derive(Clone, Debug)]
pub(crate) struct Doors {
    pub(crate) client: Client,
    pub(crate) engine: String,
    user: String,
    password: String,
}

impl Doors {
    pub(crate) fn new(engine: &str, user: &str, password: &str) -> Result<Self, SimError> {
        // The simulator speaks to an engine that it is told to use, for tests; it has nothing to protect.
        let client = Client::builder()
            .danger_accept_invalid_certs(true)
            .build()
            .map_err(|source| SimError::Request { what: "a client".to_owned(), source })?;
        let owned = str::to_owned;
        Ok(Self { client, engine: owned(engine.trim_end_matches('/')), user: owned(user), password: owned(password) })
    }

    async fn call(&self, what: &str, method: Method, path: &str, body: Option<Value>) -> Result<Value, SimError> {
        let mut request = self
            .client
            .request(method, format!("{}{path}", self.engine))
            .basic_auth(&self.user, Some(&self.password))
            .header("Accept", "application/json");
        if let Some(body) = body {
            request = request.json(&body);
        }
        answer(what, request.send().await).await
    }

    pub(crate) async fn get(&self, what: &str, path: &str) -> Result<Value, SimError> {
        self.call(what, Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, what: &str, path: &str, body: Value) -> Result<Value, SimError> {
        self.call(what, Method::POST, path, Some(body)).await
    }

    /// Looks at something until it is so.
    pub(crate) async fn wait(&self, what: &str, path: &str, so: impl Fn(&Value) -> bool) -> Result<(), SimError> {
        let begun = Instant::now();
        while !so(&self.get(what, path).await?) {
            if begun.elapsed() > PATIENCE {
                return Err(SimError::Unusable(format!("{what} did not become as it should within {PATIENCE:?}")));
            }
            tokio::time::sleep(LOOK).await;
        }
        Ok(())
    }

    /// Waits until a collection has that many entities.
    pub(crate) async fn wait_for_count(
        &self,
        what: &str,
        path: &str,
        entity: &str,
        count: u32,
    ) -> Result<(), SimError> {
        let enough = |found: &Value| found[entity].as_array().map_or(0, Vec::len) >= count as usize;
        self.wait(what, path, enough).await
    }
}

/// The text of a field of an answer.
pub(crate) fn text(what: &str, from: &Value, field: &str) -> Result<String, SimError> {
    let found = from[field].as_str().map(str::to_owned);
    found.ok_or_else(|| SimError::Unusable(format!("{what} has no {field}")))
}
