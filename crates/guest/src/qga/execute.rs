//! Running programs for the host (`guest-exec`). Off unless the guest's owner allows it. At most a few run at once, and
//! what they print is kept up to a bound.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::CommandFailure;

/// Programs that are known at once, running or not asked for yet.
const MAXIMUM_RUNNING: usize = 16;
/// Kept of each output, in bytes.
const MAXIMUM_OUTPUT: u64 = 1024 * 1024;

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct StartArguments {
    path: String,
    #[serde(default)]
    arg: Vec<String>,
    #[serde(default)]
    env: Vec<String>,
    input_data: Option<String>,
    /// `true`, or one of the words of newer versions of the protocol.
    #[serde(default)]
    capture_output: Value,
}

#[derive(Deserialize)]
pub(super) struct StatusArguments {
    pid: u32,
}

type Output = JoinHandle<(Vec<u8>, bool)>;

#[derive(Debug)]
struct Execution {
    child: Child,
    standard: Option<Output>,
    errors: Option<Output>,
}

/// The programs that were started and whose end was not yet told.
#[derive(Debug, Default)]
pub(super) struct Executions {
    running: BTreeMap<u32, Execution>,
}

/// Reads to the end, so that the program never waits, but keeps only so much.
fn collect(mut pipe: impl Read + Send + 'static) -> Output {
    std::thread::spawn(move || {
        let mut kept = Vec::new();
        let complete = pipe.by_ref().take(MAXIMUM_OUTPUT).read_to_end(&mut kept).is_ok();
        let dropped = std::io::copy(&mut pipe, &mut std::io::sink()).unwrap_or_default();
        (kept, !complete || dropped > 0)
    })
}

impl Executions {
    pub(super) fn start(&mut self, arguments: StartArguments) -> Result<Value, CommandFailure> {
        if self.running.len() >= MAXIMUM_RUNNING {
            return Err(CommandFailure::Refused("too many programs run already".to_owned()));
        }
        let (standard, errors) = match &arguments.capture_output {
            Value::Bool(true) => (true, true),
            Value::String(word) => (word == "stdout" || word == "separated", word == "stderr" || word == "separated"),
            _ => (false, false),
        };
        let input = arguments.input_data.map(|text| STANDARD.decode(text)).transpose();
        let input = input.map_err(|_| CommandFailure::Refused("the input is not in base64".to_owned()))?;
        let pipe = |wanted: bool| if wanted { Stdio::piped() } else { Stdio::null() };
        let mut command = Command::new(&arguments.path);
        command.args(&arguments.arg).stdin(pipe(input.is_some())).stdout(pipe(standard)).stderr(pipe(errors));
        if !arguments.env.is_empty() {
            command.env_clear().envs(arguments.env.iter().filter_map(|pair| pair.split_once('=')));
        }
        let mut child = command.spawn().map_err(CommandFailure::system(format!("cannot run {}", arguments.path)))?;
        if let (Some(bytes), Some(mut pipe)) = (input, child.stdin.take()) {
            // A program may end without reading all of its input; that is its own affair.
            std::thread::spawn(move || drop(pipe.write_all(&bytes)));
        }
        let pid = child.id();
        let standard = child.stdout.take().map(collect);
        let errors = child.stderr.take().map(collect);
        self.running.insert(pid, Execution { child, standard, errors });
        Ok(json!({ "pid": pid }))
    }

    pub(super) fn status(&mut self, arguments: StatusArguments) -> Result<Value, CommandFailure> {
        let pid = arguments.pid;
        let unknown = || CommandFailure::Refused(format!("no program {pid} was started here"));
        let execution = self.running.get_mut(&pid).ok_or_else(unknown)?;
        let ended = execution.child.try_wait().map_err(CommandFailure::system("cannot ask for the program"))?;
        // A grandchild may hold the outputs open; the program counts as running as long as more can come.
        let open = [&execution.standard, &execution.errors].into_iter().flatten().any(|output| !output.is_finished());
        let Some(status) = ended.filter(|_| !open) else { return Ok(json!({ "exited": false })) };
        let mut answer = Map::new();
        answer.insert("exited".into(), true.into());
        if let Some(code) = status.code() {
            answer.insert("exitcode".into(), code.into());
        }
        if let Some(signal) = status.signal() {
            answer.insert("signal".into(), signal.into());
        }
        if let Some(execution) = self.running.remove(&pid) {
            put(&mut answer, "out", execution.standard);
            put(&mut answer, "err", execution.errors);
        }
        Ok(Value::Object(answer))
    }
}

fn put(answer: &mut Map<String, Value>, name: &str, output: Option<Output>) {
    let Some(Ok((bytes, truncated))) = output.map(JoinHandle::join) else { return };
    if !bytes.is_empty() {
        answer.insert(format!("{name}-data"), STANDARD.encode(bytes).into());
    }
    if truncated {
        answer.insert(format!("{name}-truncated"), true.into());
    }
}
