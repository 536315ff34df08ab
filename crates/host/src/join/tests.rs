//! Joining a small engine of the test's own over real TLS: good and bad tokens, rotation, healing, who may come in.

use std::convert::Infallible;
use std::sync::Mutex;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use rcgen::{CertificateParams, CertificateSigningRequestParams, Issuer, KeyPair, PKCS_ECDSA_P256_SHA256, SanType};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_stream::StreamExt;

use super::*;

const HOST: &str = "5f6b9b8e-0a2f-4e6e-9d3e-0123456789ab";

/// An authority with the engine's services.
struct Engine {
    ca: rcgen::Certificate,
    issuer: Issuer<'static, KeyPair>,
    /// How long issued certificates live, seconds from now; negative: they are born expired.
    life: Mutex<i64>,
    registered: Mutex<String>,
    healed: Mutex<u32>,
}

impl Engine {
    fn new() -> Arc<Self> {
        tls::install_provider();
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
        let mut parameters = CertificateParams::new(Vec::new()).unwrap();
        parameters.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        parameters.distinguished_name.push(rcgen::DnType::CommonName, "test authority");
        let ca = parameters.self_signed(&key).unwrap();
        Arc::new(Engine {
            ca,
            issuer: Issuer::new(parameters, key),
            life: Mutex::new(86_400),
            registered: Mutex::default(),
            healed: Mutex::new(0),
        })
    }

    fn certificate(&self, uri: &str) -> (Vec<rustls::pki_types::CertificateDer<'static>>, Vec<u8>) {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
        let mut parameters = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        parameters.subject_alt_names.push(SanType::URI(uri.try_into().unwrap()));
        let certificate = parameters.signed_by(&key, &self.issuer).unwrap();
        (vec![certificate.der().clone()], key.serialize_der())
    }

    /// Signs a request for the host.
    fn sign(&self, csr_pem: &str) -> String {
        let mut request = CertificateSigningRequestParams::from_pem(csr_pem).unwrap();
        request.params.subject_alt_names.push(SanType::URI(format!("ferrovirt:host:{HOST}").try_into().unwrap()));
        let now = time::OffsetDateTime::now_utc();
        let life = *self.life.lock().unwrap();
        request.params.not_before = now - time::Duration::days(2);
        request.params.not_after = now + time::Duration::seconds(life);
        let certificate = request.signed_by(&self.issuer).unwrap();
        *self.registered.lock().unwrap() = csr_pem.to_owned();
        certificate.pem()
    }

    fn answer(&self, path: &str, body: &serde_json::Value) -> (u16, String) {
        let csr = || body["csr_pem"].as_str().unwrap().to_owned();
        let enrolled = |csr: String| {
            let certificate_pem = self.sign(&csr);
            serde_json::json!({"host_id": HOST, "certificate_pem": certificate_pem, "ca_pem": self.ca.pem()})
                .to_string()
        };
        match path {
            "/ovirt-engine/services/pki-resource" => (200, self.ca.pem()),
            "/ovirt-engine/services/host-enroll" if body["secret"] == "right" => (200, enrolled(csr())),
            "/ovirt-engine/services/host-reenroll" => {
                let text = enroll::signed_text(HOST, body["timestamp"].as_i64().unwrap(), &csr());
                let signature = STANDARD.decode(body["signature"].as_str().unwrap()).unwrap();
                if !self.signed_by_registered(&text, &signature) {
                    return (403, "bad signature".into());
                }
                *self.healed.lock().unwrap() += 1;
                *self.life.lock().unwrap() = 86_400;
                (200, enrolled(csr()))
            }
            _ => (403, "no".into()),
        }
    }

    fn signed_by_registered(&self, text: &str, signature: &[u8]) -> bool {
        use rcgen::PublicKeyData;
        let registered = CertificateSigningRequestParams::from_pem(&self.registered.lock().unwrap()).unwrap();
        let raw = registered.public_key.der_bytes().to_vec();
        ring_verify(&raw, text.as_bytes(), signature)
    }

    async fn serve(self: &Arc<Self>) -> String {
        let (chain, key) = self.certificate("ferrovirt:engine-web");
        let config = rustls::ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(chain, rustls::pki_types::PrivateKeyDer::Pkcs8(key.into()))
            .unwrap();
        let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://localhost:{}/ovirt-engine", listener.local_addr().unwrap().port());
        let engine = Arc::clone(self);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, engine) = (acceptor.clone(), Arc::clone(&engine));
                tokio::spawn(async move {
                    let Ok(stream) = acceptor.accept(stream).await else { return };
                    let service = hyper::service::service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
                        let engine = Arc::clone(&engine);
                        async move {
                            let path = request.uri().path().to_owned();
                            let body = request.into_body().collect().await.unwrap().to_bytes();
                            let body = serde_json::from_slice(&body).unwrap_or_default();
                            let (status, text) = engine.answer(&path, &body);
                            let answer = hyper::Response::builder().status(status).body(Full::new(Bytes::from(text)));
                            Ok::<_, Infallible>(answer.unwrap())
                        }
                    });
                    let io = hyper_util::rt::TokioIo::new(stream);
                    let _ = hyper::server::conn::http1::Builder::new().serve_connection(io, service).await;
                });
            }
        });
        url
    }

    fn token(&self, url: &str, secret: &str) -> String {
        let ca_sha256 = hex::encode(Sha256::digest(self.ca.der()));
        URL_SAFE_NO_PAD.encode(serde_json::json!({"url": url, "ca_sha256": ca_sha256, "secret": secret}).to_string())
    }

    fn client(&self, uri: &str) -> tokio_rustls::TlsConnector {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(self.ca.der().clone()).unwrap();
        let (chain, key) = self.certificate(uri);
        let config = rustls::ClientConfig::builder()
            .with_root_certificates(roots)
            .with_client_auth_cert(chain, rustls::pki_types::PrivateKeyDer::Pkcs8(key.into()))
            .unwrap();
        tokio_rustls::TlsConnector::from(Arc::new(config))
    }
}

/// Checks an ECDSA signature by the cryptography that rustls carries.
fn ring_verify(public_key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    let provider = rustls::crypto::ring::default_provider();
    let algorithms = provider.signature_verification_algorithms;
    let scheme = rustls::SignatureScheme::ECDSA_NISTP256_SHA256;
    let found = algorithms.mapping.iter().find(|(one, _)| *one == scheme).unwrap();
    found.1.iter().any(|algorithm| algorithm.verify_signature(public_key, message, signature).is_ok())
}

fn config(folder: &tempfile::TempDir) -> Config {
    Config { state_dir: folder.path().into(), ..Config::default() }
}

fn options<'a>(token: &'a str, address: Option<&'a str>) -> JoinOptions<'a> {
    JoinOptions { token, address, hardware_id: "hardware" }
}

/// Whether a client with a certificate that carries `uri` gets through the host door.
async fn comes_in(engine: &Engine, identity: &Identity, uri: &str) -> bool {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut incoming = identity.incoming(listener);
    let echo = tokio::spawn(async move {
        if let Some(Ok(mut stream)) = incoming.next().await {
            stream.write_all(b"hello").await.unwrap();
            stream.shutdown().await.unwrap();
        }
    });
    let name = rustls::pki_types::ServerName::try_from("127.0.0.1").unwrap();
    let stream = TcpStream::connect(address).await.unwrap();
    let mut said = Vec::new();
    if let Ok(mut stream) = engine.client(uri).connect(name, stream).await {
        let _ = stream.read_to_end(&mut said).await;
    }
    echo.abort();
    said == b"hello"
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_joins_and_lets_only_the_engine_in() {
    let (engine, folder) = (Engine::new(), tempfile::tempdir().unwrap());
    let url = engine.serve().await;
    let config = config(&folder);
    assert!(matches!(Identity::load(&config), Err(JoinError::NotJoined)));
    let token = engine.token(&url, "right");
    let identity = join(&config, options(&token, None)).await.unwrap();
    assert_eq!((identity.host_id().as_str(), identity.address().as_str()), (HOST, "127.0.0.1"));
    assert!((0.9..1.1).contains(&identity.days_left()));
    let mode = std::os::unix::fs::PermissionsExt::mode(
        &std::fs::metadata(folder.path().join("pki/identity.json")).unwrap().permissions(),
    );
    assert_eq!(mode & 0o777, 0o600);
    assert!(identity.tls_folder().join("serverkey.pem").exists());
    assert!(comes_in(&engine, &identity, tls::ENGINE).await);
    assert!(!comes_in(&engine, &identity, &format!("ferrovirt:host:{HOST}")).await);
    assert!(!comes_in(&Engine::new(), &identity, tls::ENGINE).await, "another authority's engine");
    assert!(!format!("{:?}", identity.live().material).contains("PRIVATE"));
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_tokens_and_wrong_engines_are_refused() {
    let (engine, other, folder) = (Engine::new(), Engine::new(), tempfile::tempdir().unwrap());
    let url = engine.serve().await;
    let config = config(&folder);
    let refused = |error: Result<Identity, JoinError>| error.err().unwrap();
    assert!(matches!(refused(join(&config, options("!!", None)).await), JoinError::Token(_)));
    let plain = engine.token(&url.replace("https", "http"), "right");
    assert!(matches!(refused(join(&config, options(&plain, None)).await), JoinError::Token(_)));
    let between = other.token(&url, "right");
    assert!(matches!(refused(join(&config, options(&between, None)).await), JoinError::Fingerprint { .. }));
    let used = engine.token(&url, "wrong");
    assert!(matches!(refused(join(&config, options(&used, None)).await), JoinError::Refused { status: 403, .. }));
    assert!(!folder.path().join("pki/identity.json").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn rotation_swaps_without_a_restart() {
    let (engine, folder) = (Engine::new(), tempfile::tempdir().unwrap());
    let url = engine.serve().await;
    let config = config(&folder);
    let token = engine.token(&url, "right");
    let identity = join(&config, options(&token, Some("127.0.0.1"))).await.unwrap();
    let old = identity.live().material.certificate_pem.clone();
    let first = identity.begin_rotation().unwrap();
    let second = identity.begin_rotation().unwrap();
    let stale = api::SignedCertificate { certificate_pem: engine.sign(&first.csr_pem), ca_pem: engine.ca.pem() };
    assert!(matches!(identity.finish_rotation(&stale), Err(JoinError::Certificate(_))), "of a key given up");
    assert_eq!(identity.live().material.certificate_pem, old);
    let stranger = Engine::new();
    let forged = api::SignedCertificate { certificate_pem: stranger.sign(&second.csr_pem), ca_pem: engine.ca.pem() };
    assert!(identity.finish_rotation(&forged).is_err());
    *engine.life.lock().unwrap() = 10 * 86_400;
    let good = api::SignedCertificate { certificate_pem: engine.sign(&second.csr_pem), ca_pem: String::new() };
    let clone = identity.clone();
    identity.finish_rotation(&good).unwrap();
    identity.finish_rotation(&good).unwrap();
    assert!(clone.days_left() > 9.0);
    assert!(comes_in(&engine, &clone, tls::ENGINE).await);
    let again = Identity::load(&config).unwrap();
    assert_eq!(again.live().material.certificate_pem, good.certificate_pem);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_certificate_heals_by_itself() {
    let (engine, folder) = (Engine::new(), tempfile::tempdir().unwrap());
    *engine.life.lock().unwrap() = -60;
    let url = engine.serve().await;
    let config = config(&folder);
    let token = engine.token(&url, "right");
    let identity = join(&config, options(&token, None)).await.unwrap();
    assert!(identity.days_left() < 0.0);
    let keeper = tokio::spawn(identity.clone().keep());
    for _ in 0..200 {
        if identity.days_left() > 0.0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    keeper.abort();
    assert!(identity.days_left() > 0.0);
    assert_eq!(*engine.healed.lock().unwrap(), 1);
    assert!(comes_in(&engine, &identity, tls::ENGINE).await);
    assert!(Identity::load(&config).unwrap().days_left() > 0.0);
}
