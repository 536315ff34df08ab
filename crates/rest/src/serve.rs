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
use crate::door::{Door, Engine, EngineDoor};
use crate::transfer_proxy::TransferProxy;
use crate::web::Web;

mod connections;
mod gate;
mod plain;
mod tls;

use connections::{Answerer, Listener};
use gate::Gate;

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
    web: Arc<Web>,
}

impl Server {
    /// Opens all listeners of the configuration; port 0 takes a free one.
    pub async fn bind(door: Arc<dyn Door>, config: WebConfig) -> Result<Self, ServeError> {
        let web = Web::new(Arc::clone(&door), config);
        let config = &web.config;
        let acceptor = TlsAcceptor::from(tls::server_config(Arc::new(Arc::clone(&door)), &[b"h2", b"http/1.1"])?);
        let mut listeners = vec![open(&web, config.https, Some(acceptor), Answerer::Web(Arc::clone(&web))).await?];
        if let Some(address) = config.http {
            listeners.push(open(&web, address, None, Answerer::Plain(Arc::clone(&web))).await?);
        }
        if let Some(address) = config.transfer {
            let acceptor = TlsAcceptor::from(tls::server_config(Arc::new(Arc::clone(&door)), &[b"http/1.1"])?);
            let proxy = Arc::new(TransferProxy::new(door)?);
            listeners.push(open(&web, address, Some(acceptor), Answerer::Transfer(proxy)).await?);
        }
        Ok(Self { listeners, web })
    }

    /// Where the listeners stand: HTTPS, then HTTP and transfers as configured.
    #[must_use]
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.listeners.iter().map(|listener| listener.address).collect()
    }

    /// Serves until `stop` fires and open requests have ended or their time has run out.
    pub async fn run(self, stop: CancellationToken) {
        let mut loops = JoinSet::new();
        for listener in self.listeners {
            loops.spawn(connections::serve(listener, stop.clone()));
        }
        stop.cancelled().await;
        self.web.stopping.cancel();
        while let Some(ended) = loops.join_next().await {
            if let Err(error) = ended {
                tracing::error!(%error, "a listener ended badly");
            }
        }
    }
}

/// Opens the web door of an engine and serves it until `stop` fires.
///
/// # Errors
/// A listener that can't be opened.
pub async fn serve(engine: Arc<Engine>, config: WebConfig, stop: CancellationToken) -> Result<(), ServeError> {
    let door = Arc::new(EngineDoor::new(engine));
    Server::bind(door, config).await?.run(stop).await;
    Ok(())
}

async fn open(
    web: &Web,
    address: SocketAddr,
    tls: Option<TlsAcceptor>,
    answerer: Answerer,
) -> Result<Listener, ServeError> {
    let bind = |source| ServeError::Bind { address, source };
    let socket = TcpListener::bind(address).await.map_err(bind)?;
    let address = socket.local_addr().map_err(bind)?;
    tracing::info!(%address, "listening");
    let limits = web.config.limits;
    Ok(Listener {
        socket,
        address,
        tls,
        answerer,
        limits,
        gate: Gate::new(limits.connections, limits.connections_of_peer),
    })
}

#[cfg(test)]
mod tests;
