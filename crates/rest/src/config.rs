//! What the web door is told by the configuration: addresses, names and limits. Refuses to read files.

use std::net::SocketAddr;
use std::time::Duration;

/// Addresses, names and limits of the web door.
#[derive(Clone, Debug)]
pub struct WebConfig {
    /// The engine's name, as clients reach it.
    pub fqdn: String,
    /// Where HTTPS listens.
    pub https: SocketAddr,
    /// Where plain HTTP listens; it serves the health page and the certificates, and redirects the rest.
    pub http: Option<SocketAddr>,
    /// Where the transfer proxy listens.
    pub transfer: Option<SocketAddr>,
    /// Origins that may read the API from a browser; none by default.
    pub allowed_origins: Vec<String>,
    /// Bounds on what clients may take up.
    pub limits: Limits,
}

/// Bounds on what clients may take up.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections at a time on one listener.
    pub connections: usize,
    /// Connections at a time of one peer address.
    pub connections_of_peer: usize,
    /// Time for a TLS handshake.
    pub handshake: Duration,
    /// Time for the head of a request, idle time between requests of one connection included.
    pub head: Duration,
    /// Time for the body of an API request.
    pub body: Duration,
    /// Size of the body of an API request in bytes.
    pub body_bytes: usize,
    /// Size of a request head in bytes.
    pub head_bytes: usize,
    /// Time that open requests get when the engine stops.
    pub stop: Duration,
    /// Open event streams and consoles at a time.
    pub streams: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 8192,
            connections_of_peer: 2048,
            handshake: Duration::from_secs(10),
            head: Duration::from_secs(60),
            body: Duration::from_secs(60),
            body_bytes: 10 * 1024 * 1024,
            head_bytes: 64 * 1024,
            stop: Duration::from_secs(5),
            streams: 4096,
        }
    }
}

impl WebConfig {
    /// For one name and one HTTPS address, all else as usual.
    #[must_use]
    pub fn new(fqdn: impl Into<String>, https: SocketAddr) -> Self {
        Self {
            fqdn: fqdn.into(),
            https,
            http: None,
            transfer: None,
            allowed_origins: Vec::new(),
            limits: Limits::default(),
        }
    }

    /// `https://fqdn[:port]`, as clients write it.
    #[must_use]
    pub fn origin(&self) -> String {
        match self.https.port() {
            443 => format!("https://{}", self.fqdn),
            port => format!("https://{}:{port}", self.fqdn),
        }
    }
}
