//! `run`: the daemon. Starts what the engine stands on, serves until it is told to stop, and stops in the other order.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ferrovirt_engine::loops::certificates;
use ferrovirt_engine::pki::Pki;
use ferrovirt_engine::{Engine, EngineConfig, changes, leader, now, seed};
use ferrovirt_model::secret::Secret;
use ferrovirt_rest::door::EngineDoor;
use ferrovirt_rest::{Entrance, Server, WebConfig};
use ferrovirt_store::{Address, Store};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::data_folder::{DataFolder, write_private};
use crate::error::{Result, ServerError, at};
use crate::postgres::{Keeper, Postgres};
use crate::setup::pki_config;

/// Connections to the database at a time.
const CONNECTIONS: u32 = 40;
/// How often a database that is away is asked again.
const AGAIN: Duration = Duration::from_secs(1);
/// How long a database may take to hear that the engine stops.
const BYE: Duration = Duration::from_secs(10);

/// The open database, and who keeps its server.
pub(crate) struct Database {
    pub(crate) store: Store,
    pub(crate) keeper: Option<Keeper>,
}

impl Database {
    /// Ends all connections, and the server where it is this process's.
    pub(crate) async fn close(self) {
        if tokio::time::timeout(BYE, self.store.close()).await.is_err() {
            tracing::warn!("the database does not answer; its connections are cut");
        }
        if let Some(keeper) = self.keeper {
            keeper.stop().await;
        }
    }
}

/// Runs an engine until it is told to stop. It listens before it has its database, and waits for that as long as it takes.
///
/// # Errors
/// What keeps it from starting.
pub async fn run(folder: &DataFolder) -> Result<()> {
    let begun = Instant::now();
    let Some(config) = Config::read(&folder.config())? else {
        let what = "there is no such file; run setup first".to_owned();
        return Err(ServerError::Configuration { path: folder.config(), what });
    };
    let _held = folder.hold()?;
    let stop = CancellationToken::new();
    stop_on_signals(&stop)?;
    let pki = Pki::open(pki_config(folder, &config), now())?;
    let server = Server::bind(Arc::new(pki.clone()), web_config(&config)).await?;
    let entrance = server.entrance();
    let listening = tokio::spawn(server.run(stop.clone()));
    let open = async || open_database(folder, &config, &stop).await;
    let Database { store, keeper } = match patiently(&stop, open).await {
        Err(ServerError::Stopped) => return Ok(()),
        opened => opened?,
    };
    let begin = async || begin(folder, &config, &store, &pki).await;
    let outcome = match patiently(&stop, begin).await {
        Ok(engine) => {
            tracing::info!(milliseconds = begun.elapsed().as_millis(), fqdn = config.fqdn, "the engine serves");
            serve(engine, &entrance, &stop, listening).await
        }
        Err(ServerError::Stopped) => Ok(()),
        Err(error) => Err(error),
    };
    Database { store, keeper }.close().await;
    tracing::info!("the engine is stopped");
    outcome
}

/// Tries again for as long as the database is away. A stop is heeded between two tries, each of which ends by itself: what
/// one has begun, it also ends.
async fn patiently<T>(stop: &CancellationToken, mut attempt: impl AsyncFnMut() -> Result<T>) -> Result<T> {
    loop {
        match attempt().await {
            Err(error) if error.database_away() => {
                tracing::warn!(error = &error as &dyn std::error::Error, "the database is away; trying again");
                stop.run_until_cancelled(tokio::time::sleep(AGAIN)).await.ok_or(ServerError::Stopped)?;
            }
            other => return other,
        }
    }
}

/// An engine over an open database, which says in the log that it starts.
async fn begin(folder: &DataFolder, config: &Config, store: &Store, pki: &Pki) -> Result<Arc<Engine>> {
    seed::first_objects(store, now()).await?;
    let engine = Engine::new(store.clone(), pki.clone(), engine_config(config)).await?;
    // We hold the folder: whoever held it before is dead.
    let before = std::fs::read_to_string(folder.process()).ok().and_then(|text| text.trim().parse().ok());
    engine.started(before).await?;
    write_private(&folder.process(), &engine.process().to_string())?;
    Ok(engine)
}

/// Serves and leads until the stop, and until the listeners have ended.
async fn serve(
    engine: Arc<Engine>,
    entrance: &Entrance,
    stop: &CancellationToken,
    listening: JoinHandle<()>,
) -> Result<()> {
    entrance.open(Arc::new(EngineDoor::new(Arc::clone(&engine))))?;
    let (leave, left) = watch::channel(false);
    let leading = tokio::spawn(leader::run(Arc::clone(&engine), left));
    let telling = tokio::spawn(changes::run(Arc::clone(&engine)));
    let renewing = tokio::spawn(certificates::keep_own(Arc::clone(&engine)));
    let store = engine.store().clone();
    let watching = tokio::spawn(async move { store.watch().await });
    stop.cancelled().await;
    if let Err(error) = listening.await {
        tracing::error!(%error, "the listeners ended badly");
    }
    telling.abort();
    renewing.abort();
    watching.abort();
    let bye = async {
        if let Err(failure) = engine.stopping().await {
            tracing::warn!(error = &failure as &dyn std::error::Error, "the end could not be written to the event log");
        }
        // An error only says that the leader's task has ended already.
        let _ended = leave.send(true);
        if let Err(error) = leading.await {
            tracing::error!(%error, "the leader's task ended badly");
        }
    };
    if tokio::time::timeout(BYE, bye).await.is_err() {
        tracing::warn!("the database does not answer; the engine stops without a word to it");
    }
    Ok(())
}

fn engine_config(config: &Config) -> EngineConfig {
    EngineConfig {
        fqdn: config.fqdn.clone(),
        https_port: config.listen_https.port(),
        transfer_port: config.listen_transfer.port(),
        host_grace: Duration::from_secs(config.host_grace_seconds),
        session_idle: Duration::from_secs(config.session_idle_minutes * 60),
    }
}

fn web_config(config: &Config) -> WebConfig {
    WebConfig {
        http: Some(config.listen_http),
        transfer: Some(config.listen_transfer),
        allowed_origins: config.allowed_origins.clone(),
        ..WebConfig::new(config.fqdn.clone(), config.listen_https)
    }
}

/// Opens the database: an outside one where one is named, else the engine's own, which is made at the first time and waited
/// for until the stop.
pub(crate) async fn open_database(folder: &DataFolder, config: &Config, stop: &CancellationToken) -> Result<Database> {
    if let Some(url) = outside(config) {
        let store = Store::open(Address::Url(url).options()?, CONNECTIONS).await?;
        return Ok(Database { store, keeper: None });
    }
    let postgres = Postgres::of(folder.postgres())?;
    postgres.make().await?;
    let address = postgres.address();
    let keeper = postgres.keep().await?;
    let open = async || {
        address.ensure_database().await?;
        Ok(Store::open(address.options()?, CONNECTIONS).await?)
    };
    match patiently(stop, open).await {
        Ok(store) => Ok(Database { store, keeper: Some(keeper) }),
        Err(error) => {
            keeper.stop().await;
            Err(error)
        }
    }
}

pub(crate) fn outside(config: &Config) -> Option<Secret> {
    let named = std::env::var("DATABASE_URL").ok().filter(|url| !url.is_empty()).map(Secret::new);
    named.or_else(|| config.database_url.clone())
}

fn stop_on_signals(stop: &CancellationToken) -> Result<()> {
    for kind in [SignalKind::terminate(), SignalKind::interrupt()] {
        let mut heard = signal(kind).map_err(at(std::path::Path::new("signals")))?;
        let stop = stop.clone();
        tokio::spawn(async move {
            heard.recv().await;
            tracing::info!("asked to stop");
            stop.cancel();
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_absence_of_the_database_is_waited_for_and_nothing_else_is() {
        let mut attempts = 0;
        let never = CancellationToken::new();
        let outcome = patiently(&never, async || {
            attempts += 1;
            match attempts {
                1 => Err(ServerError::PostgresDown("it does not start".to_owned())),
                _ => Err::<(), _>(ServerError::Postgres("its programs are not installed".to_owned())),
            }
        });
        assert!(matches!(outcome.await, Err(ServerError::Postgres(_))));
        assert_eq!(attempts, 2);
    }

    #[tokio::test]
    async fn a_stop_ends_the_waiting() {
        let stop = CancellationToken::new();
        stop.cancel();
        let away = async || Err::<(), _>(ServerError::PostgresDown("it does not start".to_owned()));
        let outcome = tokio::time::timeout(Duration::from_secs(20), patiently(&stop, away)).await;
        assert!(matches!(outcome, Ok(Err(ServerError::Stopped))));
    }
}
