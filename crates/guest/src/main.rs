//! The guest agent: opens its two ports and turns the loop. What is said on them is decided in the modules below.

mod commands;
mod event_loop;
mod gather;
mod log;
mod options;
mod port;
mod power;
mod publish;
mod qga;
mod watch;

use std::io::Write;
use std::process::ExitCode;

use options::{Asked, HELP};

fn main() -> ExitCode {
    let options = match options::read(std::env::args().skip(1)) {
        Ok(Asked::Run(options)) => options,
        Ok(Asked::Help) => return tell(HELP),
        Ok(Asked::Version) => return tell(concat!("ferrovirt-guest-agent ", env!("CARGO_PKG_VERSION"), "\n")),
        Err(error) => {
            log::error(&error.to_string());
            return ExitCode::from(2);
        }
    };
    match event_loop::run(options) {
        Ok(never) => match never {},
        Err(error) => {
            log::error(&format!("cannot go on: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn tell(text: &str) -> ExitCode {
    match std::io::stdout().write_all(text.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
