//! `run`: the daemon. Starts what the engine stands on, serves until it is told to stop, and stops in the other order.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ferrovirt_engine::loops::certificates;
use ferrovirt_engine::pki::Pki;
use ferrovirt_engine::{Engine, EngineConfig, changes, leader, now, seed};
use ferrovirt_model::secret::Secret;
use ferrovirt_rest::WebConfig;
use ferrovirt_store::{Address, Store};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::data_folder::{DataFolder, write_private};
use crate::error::{Result, ServerError, at};
use crate::postgres::{Keeper, Postgres};
use crate::setup::pki_config;

/// Connections to the database at a time.
const CONNECTIONS: u32 = 40;
/// How often an outside database that is away is asked again.
const AGAIN: Duration = Duration::from_secs(1);

/// The open database, and who keeps its server.
pub(crate) struct Database {
    pub(crate) store: Store,
    pub(crate) keeper: Option<Keeper>,
}

/// Runs an engine until it is told to stop.
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
    let opened = tokio::select! {
        opened = open_database(folder, &config) => opened?,
        () = stop.cancelled() => return Ok(()),
    };
    let outcome = serve(folder, &config, &opened.store, pki, &stop, begun).await;
    opened.store.close().await;
    if let Some(keeper) = opened.keeper {
        keeper.stop().await;
    }
    tracing::info!("the engine is stopped");
    outcome
}

async fn serve(
    folder: &DataFolder,
    config: &Config,
    store: &Store,
    pki: Pki,
    stop: &CancellationToken,
    begun: Instant,
) -> Result<()> {
    seed::first_objects(store, now()).await?;
    let engine = Engine::new(store.clone(), pki, engine_config(config)).await?;
    // We hold the folder: whoever held it before is dead.
    let before = std::fs::read_to_string(folder.process()).ok().and_then(|text| text.trim().parse().ok());
    engine.started(before).await?;
    write_private(&folder.process(), &engine.process().to_string())?;
    let (leave, left) = watch::channel(false);
    let leading = tokio::spawn(leader::run(Arc::clone(&engine), left));
    let telling = tokio::spawn(changes::run(Arc::clone(&engine)));
    let renewing = tokio::spawn(certificates::keep_own(Arc::clone(&engine)));
    tracing::info!(milliseconds = begun.elapsed().as_millis(), fqdn = config.fqdn, "the engine serves");
    let served = ferrovirt_rest::serve(Arc::clone(&engine), web_config(config), stop.clone()).await;
    telling.abort();
    renewing.abort();
    if let Err(failure) = engine.stopping().await {
        tracing::warn!(error = &failure as &dyn std::error::Error, "the end could not be written to the event log");
    }
    // An error only says that the leader's task has ended already.
    let _ended = leave.send(true);
    if let Err(error) = leading.await {
        tracing::error!(%error, "the leader's task ended badly");
    }
    Ok(served?)
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

/// Opens the database: an outside one where one is named, else the engine's own, which is made at the first time.
pub(crate) async fn open_database(folder: &DataFolder, config: &Config) -> Result<Database> {
    if let Some(url) = outside(config) {
        let store = open_outside(&Address::Url(url)).await?;
        return Ok(Database { store, keeper: None });
    }
    let postgres = Postgres::of(folder.postgres())?;
    postgres.make().await?;
    let address = postgres.address();
    let keeper = postgres.keep().await?;
    let opened = async {
        address.ensure_database().await?;
        Store::open(address.options()?, CONNECTIONS).await
    };
    match opened.await {
        Ok(store) => Ok(Database { store, keeper: Some(keeper) }),
        Err(error) => {
            keeper.stop().await;
            Err(error.into())
        }
    }
}

fn outside(config: &Config) -> Option<Secret> {
    let named = std::env::var("DATABASE_URL").ok().filter(|url| !url.is_empty()).map(Secret::new);
    named.or_else(|| config.database_url.clone())
}

/// An outside database may be away for a while, and this engine waits for it.
async fn open_outside(address: &Address) -> Result<Store> {
    loop {
        match Store::open(address.options()?, CONNECTIONS).await {
            Err(error) if error.is_away() => {
                tracing::warn!(error = &error as &dyn std::error::Error, "the database is away; trying again");
                tokio::time::sleep(AGAIN).await;
            }
            opened => return Ok(opened?),
        }
    }
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
