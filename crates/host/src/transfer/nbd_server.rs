//! `qemu-nbd` for one ticket: its process, its socket and a pool of connections. It refuses to know HTTP.
//!
//! The format is always named, and the image's chain was checked before; QEMU's own lock keeps a disk that a VM writes
//! from being opened a second time.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use bytes::Bytes;
use tokio::process::{Child, Command};
use tokio::sync::{Mutex, Semaphore};

use super::extents::{Collector, Extent};
use super::nbd::{Client, ZERO_STEP};
use crate::process::Process;

/// Connections to one disk.
const CONNECTIONS: usize = 8;
/// How long `qemu-nbd` may take until its socket answers.
const START: Duration = Duration::from_secs(20);
/// How long it may take to let the disk go.
const END: Duration = Duration::from_secs(30);

/// A disk as its guest sees it.
pub(super) struct NbdBackend {
    socket: PathBuf,
    size: u64,
    idle: Mutex<Vec<Client>>,
    turns: Semaphore,
    child: Mutex<Option<Child>>,
}

/// Where a ticket's server is recorded for an agent that comes after a crash.
fn record(socket: &Path) -> PathBuf {
    socket.with_extension("process")
}

/// Ends the servers that a killed agent left: each holds its disk, and nobody else could open it. They are asked to, so
/// that what clients were told is written gets into the image. A client's connection ended with that agent.
pub(super) async fn end_leftovers(run_dir: &Path) -> io::Result<()> {
    let list = match std::fs::read_dir(run_dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        list => list?,
    };
    let paths = list.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<PathBuf>>>()?;
    let records = paths.iter().filter(|path| path.extension().is_some_and(|extension| extension == "process"));
    futures::future::join_all(records.map(async |path| {
        let gone = match Process::recorded(path) {
            Some(server) => server.end(END).await,
            None => true,
        };
        if !gone {
            tracing::error!(record = %path.display(), "a qemu-nbd that outlived the agent does not end; its disk stays in use");
            return Ok(());
        }
        std::fs::remove_file(path)
    }))
    .await
    .into_iter()
    .collect()
}

/// Starts a server for the qcow2 at `path` and waits until it answers.
pub(super) async fn start(run_dir: &Path, ticket: &str, path: &Path, write: bool) -> Result<NbdBackend, String> {
    tokio::fs::create_dir_all(run_dir).await.map_err(|error| format!("{}: {error}", run_dir.display()))?;
    let socket = run_dir.join(format!("{ticket}.sock"));
    // What a crashed agent left.
    let _ = tokio::fs::remove_file(&socket).await;
    let mut command = Command::new("setpriv");
    command
        .args(["--no-new-privs", "--", "qemu-nbd", "--persistent", "--format=qcow2", "--allocation-depth"])
        .arg(format!("--shared={CONNECTIONS}"))
        .args(["--cache=writeback", "--discard=unmap", "--socket"])
        .arg(&socket)
        .args((!write).then_some("--read-only"))
        .arg("--")
        .arg(path)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    let mut child = command.spawn().map_err(|error| format!("starting qemu-nbd: {error}"))?;
    if let Some(server) = child.id().and_then(Process::of) {
        server.record(&record(&socket)).map_err(|error| format!("recording qemu-nbd: {error}"))?;
    }
    match answering(&mut child, &socket).await {
        Ok(client) => Ok(NbdBackend {
            size: client.size(),
            idle: Mutex::new(vec![client]),
            turns: Semaphore::new(CONNECTIONS),
            child: Mutex::new(Some(child)),
            socket,
        }),
        Err(why) => {
            // The child is killed when it is dropped; a record of an ended process says nothing.
            let _ = tokio::fs::remove_file(record(&socket)).await;
            Err(why)
        }
    }
}

/// Waits for the first connection.
async fn answering(child: &mut Child, socket: &Path) -> Result<Client, String> {
    let begun = tokio::time::Instant::now();
    loop {
        if let Ok(Some(status)) = child.try_wait() {
            return Err(format!("qemu-nbd ended ({status}): {}", said(child).await));
        }
        match Client::connect(socket).await {
            Ok(client) => return Ok(client),
            Err(error) if begun.elapsed() > START => return Err(format!("qemu-nbd does not answer: {error}")),
            Err(_not_yet) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

async fn said(child: &mut Child) -> String {
    use tokio::io::AsyncReadExt;
    let mut text = Vec::new();
    if let Some(stderr) = child.stderr.take() {
        // What can't be read can't be told.
        let _ = stderr.take(4096).read_to_end(&mut text).await;
    }
    String::from_utf8_lossy(&text).trim().replace('\n', " ")
}

impl NbdBackend {
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    async fn client(&self) -> io::Result<Client> {
        if let Some(client) = self.idle.lock().await.pop() {
            return Ok(client);
        }
        Client::connect(&self.socket).await
    }

    /// Runs one operation on a connection of the pool. A connection whose operation failed is not used again: where
    /// it stands in its reply is unknown.
    async fn with<T>(&self, operation: impl AsyncFnOnce(&mut Client) -> io::Result<T>) -> io::Result<T> {
        let _turn = self.turns.acquire().await.map_err(io::Error::other)?;
        let mut client = self.client().await?;
        let outcome = operation(&mut client).await?;
        self.idle.lock().await.push(client);
        Ok(outcome)
    }

    pub(super) async fn read(&self, offset: u64, length: usize) -> io::Result<Bytes> {
        self.with(async |client| client.read(offset, length).await).await
    }

    pub(super) async fn write(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.with(async |client| client.write(offset, bytes).await).await
    }

    pub(super) async fn zero(&self, offset: u64, length: u64, sparse: bool) -> io::Result<()> {
        let mut done = 0;
        while done < length {
            let step = (length - done).min(ZERO_STEP);
            self.with(async |client| client.zero(offset + done, step, sparse).await).await?;
            done += step;
        }
        Ok(())
    }

    pub(super) async fn flush(&self) -> io::Result<()> {
        self.with(async |client| client.flush().await).await
    }

    pub(super) async fn extents(&self) -> io::Result<Vec<Extent>> {
        self.with(async |client| {
            let mut collector = Collector::default();
            while collector.end() < client.size() {
                client.status(&mut collector).await?;
            }
            Ok(collector.all())
        })
        .await
    }

    /// Flushes, then ends the server and waits until the disk is free.
    pub(super) async fn close(&self, written: bool) -> io::Result<()> {
        let Some(mut child) = self.child.lock().await.take() else { return Ok(()) };
        let flushed = if written { self.flush().await } else { Ok(()) };
        for client in self.idle.lock().await.drain(..) {
            client.disconnect().await;
        }
        if let Some(pid) = child.id().and_then(|pid| i32::try_from(pid).ok()) {
            // Asked kindly first, so that caches of the image are written. An error says that it ended already.
            let _ = nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), nix::sys::signal::Signal::SIGTERM);
        }
        if tokio::time::timeout(END, child.wait()).await.is_err() {
            child.kill().await?;
        }
        // The server removes its socket itself where it ends well; a record of an ended process says nothing.
        let _ = tokio::fs::remove_file(&self.socket).await;
        let _ = tokio::fs::remove_file(record(&self.socket)).await;
        flushed
    }
}
