//! The listeners: HTTPS, plain HTTP, the transfer proxy. Certificates are looked up for each connection, slow and greedy
//! clients are bounded, and a stop lets open requests end. Refuses to know what is answered.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use thiserror::Error;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use crate::config::WebConfig;

mod connections;
mod entrance;
mod gate;
mod plain;
mod tls;

use connections::Listener;
use entrance::Role;
use gate::Gate;

pub use entrance::Entrance;
pub use tls::Certificates;

/// Why the web door did not open.
#[derive(Debug, Error)]
pub enum ServeError {
    /// The address is taken or not ours.
    #[error("can't listen on {address}")]
    Bind {
        /// The address from the configuration.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// The certificate or key can't be used.
    #[error("the TLS settings are not usable")]
    Tls(#[from] tokio_rustls::rustls::Error),
    /// The client side of the transfer proxy can't be set up.
    #[error("the transfer proxy can't be set up")]
    Proxy(#[from] reqwest::Error),
}

/// The open listeners.
pub struct Server {
    listeners: Vec<Listener>,
    entrance: Arc<Entrance>,
}

impl Server {
    /// Opens all listeners of the configuration; port 0 takes a free one. Until the entrance is opened, they ask for
    /// patience.
    ///
    /// # Errors
    /// An address that can't be listened on, or TLS settings that can't be used.
    pub async fn bind(certificates: Arc<dyn Certificates>, config: WebConfig) -> Result<Self, ServeError> {
        let entrance = Arc::new(Entrance::new(config));
        let config = &entrance.config;
        // No HTTP/2: oVirt's SDK for Python waits on sockets while libcurl holds what has come over one in its own buffers,
        // a second at a time. oVirt's own door does not offer it either.
        let acceptor = || {
            let config = tls::server_config(Arc::clone(&certificates), &[b"http/1.1"]);
            config.map(|config| Some(TlsAcceptor::from(config)))
        };
        let mut listeners = vec![open(&entrance, config.https, acceptor()?, Role::Web).await?];
        if let Some(address) = config.http {
            listeners.push(open(&entrance, address, None, Role::Plain).await?);
        }
        if let Some(address) = config.transfer {
            listeners.push(open(&entrance, address, acceptor()?, Role::Transfer).await?);
        }
        Ok(Self { listeners, entrance })
    }

    /// Where the listeners stand: HTTPS, then HTTP and transfers as configured.
    #[must_use]
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.listeners.iter().map(|listener| listener.address).collect()
    }

    /// What stands behind them.
    #[must_use]
    pub fn entrance(&self) -> Arc<Entrance> {
        Arc::clone(&self.entrance)
    }

    /// Serves until `stop` fires and open requests have ended or their time has run out.
    pub async fn run(self, stop: CancellationToken) {
        let mut loops = JoinSet::new();
        for listener in self.listeners {
            loops.spawn(connections::serve(listener, stop.clone()));
        }
        stop.cancelled().await;
        self.entrance.stop();
        while let Some(ended) = loops.join_next().await {
            if let Err(error) = ended {
                tracing::error!(%error, "a listener ended badly");
            }
        }
    }
}

async fn open(
    entrance: &Arc<Entrance>,
    address: SocketAddr,
    tls: Option<TlsAcceptor>,
    role: Role,
) -> Result<Listener, ServeError> {
    let bind = |source| ServeError::Bind { address, source };
    let socket = TcpListener::bind(address).await.map_err(bind)?;
    let address = socket.local_addr().map_err(bind)?;
    tracing::info!(%address, "listening");
    let limits = entrance.config.limits;
    Ok(Listener {
        socket,
        address,
        tls,
        role,
        entrance: Arc::clone(entrance),
        limits,
        gate: Gate::new(limits.connections, limits.connections_of_peer),
    })
}

#[cfg(test)]
mod tests;
