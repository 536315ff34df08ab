//! Runs the system's own programs by their absolute path, with nothing inherited that could mislead them.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Why a program did not do its work.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CommandError {
    #[error("this system has no program {0}")]
    Missing(String),
    #[error("cannot run {program}: {source}")]
    Start { program: String, source: std::io::Error },
    #[error("{program} failed: {detail}")]
    Failed { program: String, detail: String },
}

/// Where a program of this name is, in the folders that belong to the system.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let folders = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"];
    folders.iter().map(|folder| PathBuf::from(folder).join(program)).find(|path| path.is_file())
}

/// A command with a plain environment and no input.
pub(crate) fn command(program: &str) -> Result<Command, CommandError> {
    let path = find(program).ok_or_else(|| CommandError::Missing(program.to_owned()))?;
    let mut command = Command::new(path);
    command.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").env("LC_ALL", "C").stdin(Stdio::null());
    Ok(command)
}

/// Runs a program to its end and gives what it printed.
pub(crate) fn run(program: &str, arguments: &[&str], input: Option<&[u8]>) -> Result<String, CommandError> {
    let start = |source| CommandError::Start { program: program.to_owned(), source };
    let mut command = command(program)?;
    command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
    if input.is_some() {
        command.stdin(Stdio::piped());
    }
    let mut child = command.spawn().map_err(start)?;
    if let (Some(bytes), Some(mut pipe)) = (input, child.stdin.take()) {
        pipe.write_all(bytes).map_err(start)?;
    }
    let output = child.wait_with_output().map_err(start)?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let detail = String::from_utf8_lossy(&output.stderr);
    let detail = if detail.trim().is_empty() { output.status.to_string() } else { detail.trim().to_owned() };
    Err(CommandError::Failed { program: program.to_owned(), detail })
}
