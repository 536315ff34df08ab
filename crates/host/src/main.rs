//! `ferrovirt-host`: reads the command line, sets up logging and signals, and starts the agent.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use ferrovirt_host::config::Config;
use ferrovirt_host::facts::hardware;
use ferrovirt_host::{agent, join};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// The host agent of Ferrovirt.
#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    /// The configuration; an absent file means all defaults.
    #[arg(long, global = true, default_value = "/etc/ferrovirt/host.toml")]
    config: PathBuf,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Serves the engine until SIGTERM; VMs run on.
    Run,
    /// Enrols this host with the engine that gave the token.
    Join {
        /// The token that the administrator got from the engine.
        #[arg(long, env = "FERROVIRT_JOIN_TOKEN", hide_env_values = true)]
        token: String,
        /// The address that the engine shall reach this host by; absent: the one that leads to the engine.
        #[arg(long)]
        address: Option<String>,
    },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(false).init();
    // Two threads are enough for all that waits; what blocks has threads of its own, and they end when idle.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(128)
        .thread_stack_size(1024 * 1024)
        .enable_all()
        .build();
    let result = match runtime {
        Ok(runtime) => {
            let result = runtime.block_on(perform(arguments));
            // A thread that waits for a hanging mount must not keep the agent from ending.
            runtime.shutdown_timeout(std::time::Duration::from_millis(400));
            result
        }
        Err(error) => Err(error.into()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let mut text = error.to_string();
            let mut source = error.source();
            while let Some(inner) = source {
                text = format!("{text}: {inner}");
                source = inner.source();
            }
            tracing::error!("{text}");
            ExitCode::FAILURE
        }
    }
}

async fn perform(arguments: Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let config = Config::load(&arguments.config)?;
    match arguments.verb {
        Verb::Run => {
            let stop = CancellationToken::new();
            let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
            let stopping = stop.clone();
            tokio::spawn(async move {
                tokio::select! {
                    _ = terminate.recv() => {}
                    _ = interrupt.recv() => {}
                }
                tracing::info!("told to stop");
                stopping.cancel();
            });
            agent::run(config, stop).await?;
        }
        Verb::Join { token, address } => {
            let hardware_id = hardware::hardware_id(&config.hardware_id_file)?;
            let options = join::JoinOptions { token: &token, address: address.as_deref(), hardware_id: &hardware_id };
            let identity = join::join(&config, options).await?;
            tracing::info!(host = identity.host_id(), engine = identity.engine_url(), "this host has joined");
        }
    }
    Ok(())
}
