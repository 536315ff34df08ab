//! The private PostgreSQL on this machine: made once, brought back when it dies, taken over, and stopped.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that can't go on fails")]

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use ferrovirt_server::config::Config;
use ferrovirt_server::data_folder::{DataFolder, write_private};
use ferrovirt_server::postgres::Postgres;
use ferrovirt_server::setup::{Setup, setup};
use ferrovirt_store::Store;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// A short path that the server's user can pass through.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::Builder::new().prefix("fvpg").tempdir_in("/tmp").unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

fn pid(data: &Path) -> Pid {
    let text = std::fs::read_to_string(data.join("postmaster.pid")).unwrap();
    Pid::from_raw(text.lines().next().unwrap().trim().parse().unwrap())
}

async fn answers(postgres: &Postgres) -> bool {
    match Store::open(postgres.address().options().unwrap(), 1).await {
        Ok(store) => {
            let answers = store.healthy().await;
            store.close().await;
            answers
        }
        Err(_) => false,
    }
}

async fn until_it_answers(postgres: &Postgres) {
    let begun = Instant::now();
    while !answers(postgres).await {
        assert!(begun.elapsed() < Duration::from_secs(60), "it does not come back");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_comes_back_after_it_was_killed_and_is_stopped_for_good() {
    let folder = folder();
    let data = folder.path().join("pg");
    let postgres = Postgres::of(data.clone()).unwrap();
    postgres.make().await.unwrap();
    postgres.make().await.unwrap();
    let keeper = postgres.clone().keep().await.unwrap();
    postgres.address().ensure_database().await.unwrap();
    postgres.address().ensure_database().await.unwrap();
    assert!(answers(&postgres).await);
    let killed = pid(&data);
    kill(killed, Signal::SIGKILL).unwrap();
    until_it_answers(&postgres).await;
    let again = pid(&data);
    assert_ne!(killed, again);
    keeper.stop().await;
    assert!(!data.join("postmaster.pid").exists(), "it ended in order");
    assert!(kill(again, None).is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_runs_is_taken_over_and_a_stale_pid_file_is_no_server() {
    let folder = folder();
    let data = folder.path().join("pg");
    let postgres = Postgres::of(data.clone()).unwrap();
    postgres.make().await.unwrap();
    // Whoever holds this pid is not the server: it is this test.
    std::fs::write(data.join("postmaster.pid"), format!("{}\n{}\n", std::process::id(), data.display())).unwrap();
    let first = postgres.clone().keep().await.unwrap();
    postgres.address().ensure_database().await.unwrap();
    let running = pid(&data);
    let second = postgres.clone().keep().await.unwrap();
    assert_eq!(pid(&data), running, "no second server was started");
    assert!(answers(&postgres).await);
    second.stop().await;
    first.stop().await;
    assert!(!data.join("postmaster.pid").exists());
}

#[test]
fn a_path_that_is_too_long_for_a_socket_is_refused_by_name() {
    let long = PathBuf::from(format!("/tmp/{}", "x".repeat(100)));
    let error = Postgres::of(long).unwrap_err().to_string();
    assert!(error.contains("too long for a socket"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn setup_twice_changes_what_it_is_told_and_keeps_the_rest() {
    let parent = folder();
    let data = DataFolder::at(&parent.path().join("d")).unwrap();
    let password = parent.path().join("password");
    write_private(&password, "first password\n").unwrap();
    let ask = Setup {
        fqdn: "engine.test".to_owned(),
        admin_password_file: password,
        listen_address: Some([127, 0, 0, 1].into()),
        https_port: Some(18443),
        http_port: None,
        transfer_port: None,
    };
    assert!(setup(&data, ask.clone()).await.unwrap().fresh);
    let authority = std::fs::read(data.pki().join("ca.pem")).unwrap();
    let again = setup(&data, Setup { http_port: Some(18080), https_port: None, ..ask }).await.unwrap();
    assert!(!again.fresh);
    assert_eq!(again.address, "https://engine.test:18443/ovirt-engine/");
    let config = Config::read(&data.config()).unwrap().unwrap();
    assert_eq!((config.listen_https.port(), config.listen_http.port()), (18443, 18080));
    assert_eq!(std::fs::read(data.pki().join("ca.pem")).unwrap(), authority);
    assert!(!data.postgres().join("postmaster.pid").exists(), "setup leaves nothing running");
}
