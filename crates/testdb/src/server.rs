//! The server process: a folder of its own, a unix socket in it, no network, no care for a crash of the machine.
//!
//! A small shell stands between this process and the server. It waits on a pipe that closes when this process ends, in
//! whatever way; then it stops the server and removes the folder.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::unistd::{Gid, Uid, User, chown};
use sqlx::postgres::PgConnectOptions;

use crate::TestDbError;

/// The server's administrator.
const ADMINISTRATOR: &str = "tester";
/// How long the server may take to start on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
/// $1: the server program, $2: its data folder, $3: the folder to remove.
const KEEPER: &str = r#"
"$1" -D "$2" -k "$2" -h '' -c fsync=off -c synchronous_commit=off -c full_page_writes=off \
    -c max_connections=200 -c shared_buffers=64MB -c jit=off -c autovacuum=off >"$2/log" 2>&1 </dev/null &
server=$!
read -r _ || true
kill -INT "$server" 2>/dev/null
wait "$server"
rm -rf "$3"
"#;

/// A running server.
#[derive(Debug)]
pub(crate) struct Server {
    socket: PathBuf,
    /// Holds the pipe whose end stops the server.
    _keeper: Child,
}

impl Server {
    /// Makes a server and waits until it listens.
    pub(crate) fn start() -> Result<Self, TestDbError> {
        let programs = programs().ok_or_else(|| trouble("initdb is neither in PATH nor in the usual folders"))?;
        let folder = tempfile::Builder::new().prefix("fvdb").tempdir_in("/tmp").map_err(trouble)?.keep();
        let data = folder.join("d");
        let owner = owner()?;
        if let Some((user, group)) = owner {
            chown(&folder, Some(user), Some(group)).map_err(trouble)?;
        }
        let mut initdb = program(&programs.join("initdb"), owner);
        initdb.arg("-D").arg(&data).args(["-U", ADMINISTRATOR, "-A", "trust", "-E", "UTF8", "--locale=C", "-N"]);
        let made = initdb.current_dir(&folder).output().map_err(trouble)?;
        if !made.status.success() {
            return Err(trouble(String::from_utf8_lossy(&made.stderr)));
        }
        let mut keeper = program(Path::new("/bin/sh"), owner);
        keeper.args(["-c", KEEPER, "sh"]).arg(programs.join("postgres")).arg(&data).arg(&folder).current_dir(&folder);
        let keeper = keeper.stdin(Stdio::piped()).spawn().map_err(trouble)?;
        let server = Self { socket: data, _keeper: keeper };
        server.wait()?;
        Ok(server)
    }

    /// How to connect to one of its databases.
    pub(crate) fn options(&self, database: &str) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass().socket(&self.socket).username(ADMINISTRATOR).database(database)
    }

    fn wait(&self) -> Result<(), TestDbError> {
        let begun = Instant::now();
        let ready = || {
            let pid_file = std::fs::read_to_string(self.socket.join("postmaster.pid")).unwrap_or_default();
            pid_file.lines().nth(7).is_some_and(|status| status.trim() == "ready")
        };
        while !ready() {
            if begun.elapsed() > PATIENCE {
                let log = std::fs::read_to_string(self.socket.join("log")).unwrap_or_default();
                return Err(trouble(format!("the server did not start: {log}")));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }
}

fn trouble(what: impl ToString) -> TestDbError {
    TestDbError::Server(what.to_string())
}

/// A program in a process group of its own, so that an interrupt at the terminal leaves the order of ending to the pipe.
fn program(path: &Path, owner: Option<(Uid, Gid)>) -> Command {
    let mut command = Command::new(path);
    command.process_group(0).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    if path.ends_with("sh") {
        command.stdout(Stdio::null()).stderr(Stdio::null());
    }
    if let Some((user, group)) = owner {
        command.uid(user.as_raw()).gid(group.as_raw());
    }
    command
}

/// PostgreSQL does not run as root; a user without rights takes its place.
fn owner() -> Result<Option<(Uid, Gid)>, TestDbError> {
    if !Uid::effective().is_root() {
        return Ok(None);
    }
    for name in ["postgres", "nobody"] {
        if let Some(user) = User::from_name(name).map_err(trouble)? {
            return Ok(Some((user.uid, user.gid)));
        }
    }
    Err(trouble("no user without rights on this machine"))
}

/// The folder that holds `initdb` and `postgres`, newest version first.
fn programs() -> Option<PathBuf> {
    let in_path =
        std::env::var_os("PATH").into_iter().flat_map(|path| std::env::split_paths(&path).collect::<Vec<_>>());
    let mut versions: Vec<PathBuf> = ["/usr/lib/postgresql", "/usr"]
        .iter()
        .filter_map(|parent| std::fs::read_dir(parent).ok())
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.starts_with("/usr/lib/postgresql") || path.to_string_lossy().starts_with("/usr/pgsql-"))
        .map(|path| path.join("bin"))
        .collect();
    versions.sort();
    versions.reverse();
    in_path.chain(versions).find(|folder| folder.join("initdb").is_file() && folder.join("postgres").is_file())
}
