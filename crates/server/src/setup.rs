//! `setup`: makes everything that an engine needs before it can run. Run again, it changes what it is told to change and
//! leaves the rest.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use ferrovirt_engine::pki::{Pki, PkiConfig};
use ferrovirt_engine::{now, seed, sign_on};
use ferrovirt_model::secret::Secret;
use ferrovirt_store::Store;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::data_folder::{DataFolder, write_private};
use crate::error::{Result, ServerError, at};
use crate::run::open_database;

/// What setup is told.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The name by which clients and hosts reach the engine.
    pub fqdn: String,
    /// A file with the first administrator's password.
    pub admin_password_file: PathBuf,
    /// Listen on this address alone.
    pub listen_address: Option<IpAddr>,
    /// In place of 443.
    pub https_port: Option<u16>,
    /// In place of 80.
    pub http_port: Option<u16>,
    /// In place of 54323.
    pub transfer_port: Option<u16>,
}

/// What setup did, for people.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Where the engine will be.
    pub address: String,
    /// The first objects were made; there was nothing before.
    pub fresh: bool,
}

/// Makes the data folder, the authority, the database and the first objects.
///
/// # Errors
/// Whatever is missing or refused, named.
pub async fn setup(folder: &DataFolder, ask: Setup) -> Result<Outcome> {
    let password = password(&ask.admin_password_file)?;
    folder.make()?;
    let _held = folder.hold()?;
    let config = configuration(folder, &ask)?;
    write_private(&folder.config(), &config.text()?)?;
    Pki::open(pki_config(folder, &config), now())?;
    let database = open_database(folder, &config, &CancellationToken::new()).await?;
    let done = fill(&database.store, &password).await;
    database.close().await;
    let port = match config.listen_https.port() {
        443 => String::new(),
        port => format!(":{port}"),
    };
    Ok(Outcome { address: format!("https://{}{port}/ovirt-engine/", config.fqdn), fresh: done? })
}

async fn fill(store: &Store, password: &Secret) -> Result<bool> {
    let fresh = seed::first_objects(store, now()).await?;
    let hash = sign_on::hash_password(password)?;
    seed::administrator(store, &hash).await?;
    Ok(fresh)
}

/// How the process makes certificates.
pub(crate) fn pki_config(folder: &DataFolder, config: &Config) -> PkiConfig {
    PkiConfig {
        addresses: config.addresses(),
        engine_lifetime: config.certificate_lifetime(),
        host_lifetime: config.certificate_lifetime(),
        ..PkiConfig::new(folder.pki(), config.fqdn.clone())
    }
}

fn configuration(folder: &DataFolder, ask: &Setup) -> Result<Config> {
    let mut config = Config::read(&folder.config())?.unwrap_or_else(|| Config::new(ask.fqdn.clone()));
    config.fqdn.clone_from(&ask.fqdn);
    let listen = |address: &mut SocketAddr, port: Option<u16>| {
        if let Some(ip) = ask.listen_address {
            address.set_ip(ip);
        }
        if let Some(port) = port {
            address.set_port(port);
        }
    };
    listen(&mut config.listen_https, ask.https_port);
    listen(&mut config.listen_http, ask.http_port);
    listen(&mut config.listen_transfer, ask.transfer_port);
    Ok(config)
}

fn password(path: &Path) -> Result<Secret> {
    let text = std::fs::read_to_string(path).map_err(at(path))?;
    let text = text.trim_end_matches(['\n', '\r']);
    let password = Secret::new(text);
    sign_on::check_new_password(&password)
        .map_err(|refusal| ServerError::Configuration { path: path.to_owned(), what: refusal.to_string() })?;
    Ok(password)
}
