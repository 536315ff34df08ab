//! The listeners over real sockets: TLS, redirects, consoles, the transfer proxy, and a stop with open requests.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use axum::body::Body;
use futures::{SinkExt, StreamExt};
use http::StatusCode;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{TlsAcceptor, TlsConnector};
use tokio_tungstenite::tungstenite::Message;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{Certificates, Entrance, Server};
use crate::config::WebConfig;
use crate::door::Door;
use crate::door::fake::{CONSOLE_TICKET, FakeDoor, HANGING, PASSWORD};

struct Running {
    door: Arc<FakeDoor>,
    entrance: Arc<Entrance>,
    addresses: Vec<SocketAddr>,
    stop: CancellationToken,
    task: tokio::task::JoinHandle<()>,
}

async fn start() -> Running {
    let running = start_closed().await;
    running.entrance.open(Arc::clone(&running.door) as Arc<dyn Door>).unwrap();
    running
}

/// Listens, and has no engine yet.
async fn start_closed() -> Running {
    let door = FakeDoor::new();
    let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
    let mut config = WebConfig::new("localhost", any);
    (config.http, config.transfer) = (Some(any), Some(any));
    config.limits.stop = Duration::from_millis(300);
    let server = Server::bind(Arc::clone(&door) as Arc<dyn Certificates>, config).await.unwrap();
    let (addresses, entrance, stop) = (server.addresses(), server.entrance(), CancellationToken::new());
    let task = tokio::spawn(server.run(stop.clone()));
    Running { door, entrance, addresses, stop, task }
}

fn client(door: &FakeDoor) -> reqwest::Client {
    let tls = tokio_rustls::rustls::ClientConfig::clone(&door.host_tls());
    let client = reqwest::Client::builder().tls_backend_preconfigured(tls).redirect(reqwest::redirect::Policy::none());
    client.no_proxy().build().unwrap()
}

#[tokio::test]
async fn health_is_byte_exact_on_both_ports_and_tells_of_a_lost_database() {
    let running = start().await;
    let client = client(&running.door);
    for (scheme, address) in [("https", running.addresses[0]), ("http", running.addresses[1])] {
        let url = format!("{scheme}://localhost:{}/ovirt-engine/services/health", address.port());
        let response = client.get(&url).send().await.unwrap();
        assert_eq!(response.text().await.unwrap(), "DB Up!Welcome to Health Status!");
        running.door.database.store(false, Ordering::Relaxed);
        assert_eq!(client.get(&url).send().await.unwrap().status(), StatusCode::SERVICE_UNAVAILABLE);
        running.door.database.store(true, Ordering::Relaxed);
    }
}

#[tokio::test]
async fn before_there_is_an_engine_everything_asks_for_patience_but_the_pages() {
    let running = start_closed().await;
    let client = client(&running.door);
    let ports: Vec<u16> = running.addresses.iter().map(SocketAddr::port).collect();
    let web = format!("https://localhost:{}/ovirt-engine", ports[0]);
    let asked = |url: String| client.get(url).header("accept", "application/json").send();
    let cases = [
        (format!("{web}/services/health"), "DB Down!"),
        (format!("http://localhost:{}/ovirt-engine/services/health", ports[1]), "DB Down!"),
        (format!("{web}/api/vms"), "\"detail\""),
        (format!("{web}/sso/oauth/token"), "\"error_code\""),
        (format!("https://localhost:{}/images/{}", ports[2], Uuid::new_v4()), "database"),
    ];
    for (url, part) in cases {
        let response = asked(url.clone()).await.unwrap();
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE, "{url}");
        assert!(response.headers().contains_key("retry-after"), "{url}");
        let text = response.text().await.unwrap();
        assert!(text.contains(part), "{url}: {text}");
    }
    let xml = client.get(format!("{web}/api/vms")).send().await.unwrap().text().await.unwrap();
    assert!(xml.contains("<fault>"), "{xml}");
    assert_eq!(asked(format!("{web}/")).await.unwrap().status(), StatusCode::OK);
    running.entrance.open(Arc::clone(&running.door) as Arc<dyn Door>).unwrap();
    assert_eq!(asked(format!("{web}/services/health")).await.unwrap().status(), StatusCode::OK);
    let signed_on = client.get(format!("{web}/api")).basic_auth("admin", Some(PASSWORD)).send().await.unwrap();
    assert_eq!(signed_on.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_request_does_not_wait_for_a_database_that_hangs() {
    let running = start().await;
    let url = format!("https://localhost:{}/ovirt-engine/api/vms", running.addresses[0].port());
    let asking = tokio::spawn(client(&running.door).get(&url).basic_auth(HANGING, Some(PASSWORD)).send());
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(!asking.is_finished(), "the database may answer yet");
    running.door.lost.send_replace(true);
    let response = tokio::time::timeout(Duration::from_secs(5), asking).await.unwrap().unwrap().unwrap();
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(response.headers().contains_key("retry-after"));
    assert!(response.text().await.unwrap().contains("<fault>"));
}

#[tokio::test]
async fn plain_http_serves_certificates_and_sends_the_rest_to_https() {
    let running = start().await;
    let client = client(&running.door);
    let base = format!("http://localhost:{}", running.addresses[1].port());
    let pki = format!("{base}/ovirt-engine/services/pki-resource?resource=ca-certificate&format=X509-PEM-CA");
    assert!(client.get(pki).send().await.unwrap().text().await.unwrap().starts_with("-----BEGIN CERTIFICATE-----"));
    let response =
        client.get(format!("{base}/ovirt-engine/api?x=1")).header("host", "evil.example").send().await.unwrap();
    assert_eq!(response.status(), StatusCode::PERMANENT_REDIRECT);
    assert!(response.headers()["location"].to_str().unwrap().starts_with("https://localhost"));
}

#[tokio::test]
async fn a_stop_ends_open_streams_in_time() {
    let running = start().await;
    let client = client(&running.door);
    let url = format!("https://localhost:{}/ovirt-engine/api/events/stream", running.addresses[0].port());
    let response = client.get(url).basic_auth("admin", Some(crate::door::fake::PASSWORD)).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let begun = Instant::now();
    running.stop.cancel();
    tokio::time::timeout(Duration::from_secs(5), running.task).await.unwrap().unwrap();
    assert!(begun.elapsed() < Duration::from_secs(2));
    assert!(TcpStream::connect(running.addresses[0]).await.is_err());
}

async fn console(
    running: &Running,
    ticket: &str,
    origin: &str,
) -> Result<tokio_tungstenite::WebSocketStream<tokio_rustls::client::TlsStream<TcpStream>>, u16> {
    let port = running.addresses[0].port();
    let stream = TcpStream::connect(running.addresses[0]).await.unwrap();
    let name = "localhost".try_into().unwrap();
    let stream = TlsConnector::from(running.door.host_tls()).connect(name, stream).await.unwrap();
    let request = http::Request::get(format!("wss://localhost:{port}/ovirt-engine/services/console?ticket={ticket}"))
        .header("host", format!("localhost:{port}"))
        .header("origin", if origin.is_empty() { format!("https://localhost:{port}") } else { origin.to_owned() })
        .header("connection", "Upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", tokio_tungstenite::tungstenite::handshake::client::generate_key())
        .header("sec-websocket-protocol", "binary")
        .body(())
        .unwrap();
    match tokio_tungstenite::client_async(request, stream).await {
        Ok((socket, _)) => Ok(socket),
        Err(tokio_tungstenite::tungstenite::Error::Http(response)) => Err(response.status().as_u16()),
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_console_ticket_opens_once_and_not_for_foreign_pages() {
    let running = start().await;
    assert_eq!(console(&running, CONSOLE_TICKET, "https://evil.example").await.err(), Some(403));
    let mut socket = console(&running, CONSOLE_TICKET, "").await.unwrap();
    socket.send(Message::Binary(b"RFB 003.008\n".to_vec().into())).await.unwrap();
    let answer = socket.next().await.unwrap().unwrap();
    assert_eq!(answer.into_data().as_ref(), b"RFB 003.008\n");
    assert_eq!(console(&running, CONSOLE_TICKET, "").await.err(), Some(403));
}

/// A host's transfer door that answers with what it was asked.
async fn fake_host(door: &FakeDoor) -> SocketAddr {
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    let acceptor = TlsAcceptor::from(super::tls::server_config(Arc::new(Copy(door.current())), &[]).unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = socket.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let stream = acceptor.accept(stream).await.unwrap();
                let service = hyper::service::service_fn(|request: http::Request<hyper::body::Incoming>| async move {
                    let (parts, body) = request.into_parts();
                    let length = http_body_util::BodyExt::collect(body).await.unwrap().to_bytes().len();
                    let given = parts.headers.get("content-length").map(|value| value.to_str().unwrap().to_owned());
                    let text = format!("{} {} {length} {given:?}", parts.method, parts.uri);
                    let response = http::Response::builder().status(206).header("content-range", "bytes 0-9/*");
                    Ok::<_, std::convert::Infallible>(response.body(Body::from(text)).unwrap())
                });
                let io = hyper_util::rt::TokioIo::new(stream);
                hyper::server::conn::http1::Builder::new().serve_connection(io, service).await.ok();
            });
        }
    });
    address
}

/// Only the certificate of a door.
struct Copy(Arc<tokio_rustls::rustls::sign::CertifiedKey>);

impl Certificates for Copy {
    fn current(&self) -> Arc<tokio_rustls::rustls::sign::CertifiedKey> {
        Arc::clone(&self.0)
    }
}

#[tokio::test]
async fn transfers_stream_to_the_tickets_host_and_back() {
    let running = start().await;
    let host = fake_host(&running.door).await;
    let ticket = Uuid::new_v4();
    *running.door.transfer.lock().unwrap() = Some((ticket, format!("https://localhost:{}", host.port())));
    let client = client(&running.door);
    let base = format!("https://localhost:{}/images", running.addresses[2].port());
    let put = client
        .put(format!("{base}/{ticket}?flush=n"))
        .header("origin", "https://localhost")
        .body(vec![7_u8; 3_000_000]);
    let response = put.send().await.unwrap();
    assert_eq!(response.status(), StatusCode::PARTIAL_CONTENT);
    assert_eq!(response.headers()["content-range"], "bytes 0-9/*");
    assert_eq!(response.headers()["access-control-allow-origin"], "*");
    let expected = format!("PUT /images/{ticket}?flush=n 3000000 Some(\"3000000\")");
    assert_eq!(response.text().await.unwrap(), expected);
    let unknown = client.get(format!("{base}/{}", Uuid::new_v4())).send().await.unwrap();
    assert_eq!(unknown.status(), StatusCode::FORBIDDEN);
    let options = client.request(http::Method::OPTIONS, format!("{base}/*")).send().await.unwrap();
    assert!(options.status() == StatusCode::OK && options.text().await.unwrap().contains("extents"));
}
