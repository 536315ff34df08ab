//! The private PostgreSQL of an engine: made once, started with the engine, kept alive, and stopped last.
//!
//! It listens on a unix socket in its own folder and nowhere else; the folder's permissions are the credential. One that
//! runs still, because the engine before this one was killed, is taken over as it is. Refuses to know tables.

mod owner;
mod process;
mod programs;

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use ferrovirt_store::Address;
use tokio::process::Command;
use tokio_util::sync::CancellationToken;

use crate::error::{Result, ServerError, at};
use owner::Owner;
use process::Server;
use programs::Programs;

/// The database's administrator, and the name of the engine's database.
const NAME: &str = "engine";
/// A unix socket's path has 107 bytes at most (unix(7)); PostgreSQL adds this to its folder.
const SOCKET: &str = "/.s.PGSQL.5432";
const SOCKET_PATH: usize = 107;
/// How long the server may take to start: after a crash it reads its log first.
const START: Duration = Duration::from_secs(120);
/// How long it may take to stop before it is told not to wait.
const STOP: Duration = Duration::from_secs(30);
/// Pause before a server that died is started again.
const PAUSE: Duration = Duration::from_millis(300);

/// What the server is told at each start. `-c` wins over its files.
const SETTINGS: &[&str] = &[
    "listen_addresses=",
    "unix_socket_permissions=0700",
    "cluster_name=ferrovirt",
    "max_connections=60",
    "shared_buffers=64MB",
    "synchronous_commit=on",
    "jit=off",
    "max_wal_size=512MB",
    "idle_in_transaction_session_timeout=60s",
    "timezone=UTC",
    "log_timezone=UTC",
    "logging_collector=on",
    "log_directory=log",
    "log_filename=postgresql-%a.log",
    "log_truncate_on_rotation=on",
    "log_rotation_age=1d",
    "log_rotation_size=0",
];

/// A private PostgreSQL, running or not.
#[derive(Clone, Debug)]
pub struct Postgres {
    data: PathBuf,
    owner: Owner,
    programs: Programs,
}

/// Keeps a server running until it is told to stop.
#[derive(Debug)]
pub struct Keeper {
    stop: CancellationToken,
    task: tokio::task::JoinHandle<()>,
}

impl Postgres {
    /// The server of a folder. Makes nothing yet.
    ///
    /// # Errors
    /// [`ServerError::Postgres`] where the programs or an unprivileged user are missing, or the folder's path is too long
    /// for a socket.
    pub fn of(data: PathBuf) -> Result<Self> {
        let length = data.as_os_str().len() + SOCKET.len();
        if length > SOCKET_PATH {
            let most = SOCKET_PATH - SOCKET.len();
            return Err(trouble(format!("{} is too long for a socket's path: {most} bytes at most", data.display())));
        }
        let programs = Programs::find(&data)?;
        let owner = Owner::of(&data)?;
        Ok(Self { data, owner, programs })
    }

    /// Where the engine's database is.
    #[must_use]
    pub fn address(&self) -> Address {
        Address::Socket { folder: self.data.clone(), user: NAME.to_owned(), database: NAME.to_owned() }
    }

    /// Whether the server's files are there.
    #[must_use]
    pub fn is_made(&self) -> bool {
        self.data.join("PG_VERSION").exists()
    }

    /// Makes the server's files where there are none. After a break in the middle it begins anew.
    ///
    /// # Errors
    /// [`ServerError::Postgres`] with what `initdb` says.
    pub async fn make(&self) -> Result<()> {
        if self.is_made() {
            return Ok(());
        }
        let unfinished = self.data.with_extension("new");
        match std::fs::remove_dir_all(&unfinished) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(at(&unfinished)(error)),
            _ => {}
        }
        self.owner.make_folder(&unfinished)?;
        tracing::info!(folder = %self.data.display(), version = self.programs.major, "making the database server's files");
        let mut initdb = self.command("initdb");
        initdb.arg("-D").arg(&unfinished).args(["-U", NAME, "-E", "UTF8", "--locale=C.UTF-8", "--data-checksums"]);
        let output = initdb.args(["--auth-local=trust", "--auth-host=reject"]).output().await;
        let output = output.map_err(at(&self.programs.folder))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            return Err(trouble(format!("initdb failed: {said}")));
        }
        std::fs::rename(&unfinished, &self.data).map_err(at(&self.data))
    }

    /// Starts the server, or takes over the one that runs still, and keeps it running.
    ///
    /// # Errors
    /// [`ServerError::PostgresDown`] when it does not start.
    pub async fn keep(self) -> Result<Keeper> {
        let server = self.start().await?;
        let stop = CancellationToken::new();
        let task = tokio::spawn(keep(self, server, stop.clone()));
        Ok(Keeper { stop, task })
    }

    async fn start(&self) -> Result<Server> {
        if let Some(server) = Server::running(&self.data)? {
            tracing::info!("took over the database server that runs already");
            self.ready(server, "it runs, and does not become ready").await
        } else {
            let mut postgres = self.command("postgres");
            postgres.arg("-D").arg(&self.data).arg("-k").arg(&self.data);
            postgres.args(SETTINGS.iter().flat_map(|setting| ["-c", setting]));
            let child = postgres.stderr(self.log()?).spawn().map_err(at(&self.programs.folder))?;
            self.ready(Server::Child(child), "it does not start").await
        }
    }

    /// Waits until the server takes connections.
    async fn ready(&self, mut server: Server, otherwise: &str) -> Result<Server> {
        let begun = Instant::now();
        while !process::is_ready(&self.data) {
            if server.ended().await || begun.elapsed() > START {
                let log = std::fs::read_to_string(self.data.join(LOG)).unwrap_or_default();
                let last: Vec<&str> = log.lines().rev().take(5).collect();
                let said = last.into_iter().rev().collect::<Vec<_>>().join("; ");
                return Err(ServerError::PostgresDown(format!("{otherwise}: {said}")));
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Ok(server)
    }

    /// Where the server writes before its own log is open. Begins anew at each start, so it stays small.
    fn log(&self) -> Result<Stdio> {
        let path = self.data.join(LOG);
        Ok(std::fs::File::create(&path).map_err(at(&path))?.into())
    }

    /// A program in a process group of its own: an interrupt at the terminal is the engine's to pass on.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.folder.join(program));
        command.process_group(0).stdin(Stdio::null()).stdout(Stdio::null()).current_dir("/").env_clear();
        command.env("PATH", "/usr/bin:/bin").env("LC_ALL", "C.UTF-8");
        self.owner.become_it(&mut command);
        command
    }
}

const LOG: &str = "start.log";

impl Keeper {
    /// Stops the server: those who are connected are cut off, what they committed is safe.
    pub async fn stop(self) {
        self.stop.cancel();
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the keeper of the database server ended badly");
        }
    }
}

async fn keep(postgres: Postgres, mut server: Server, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            () = server.end() => {}
        }
        tracing::error!("the database server ended by itself; starting it again");
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(PAUSE) => {}
            }
            match postgres.start().await {
                Ok(started) => {
                    server = started;
                    break;
                }
                Err(error) => {
                    tracing::error!(error = &error as &dyn std::error::Error, "the database server does not start")
                }
            }
        }
    }
    server.stop(STOP).await;
}

fn trouble(what: impl Into<String>) -> ServerError {
    ServerError::Postgres(what.into())
}

/// The first line of a file.
fn first_line(path: &Path) -> Option<String> {
    std::fs::read_to_string(path).ok()?.lines().next().map(|line| line.trim().to_owned())
}
