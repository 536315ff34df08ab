//! `ferrovirt-sim`: simulated hosts and VMs for an engine, for as long as the process lives.

use clap::{Parser, Subcommand};
use ferrovirt_sim::datacentre::{Order, build};

#[derive(Parser)]
#[command(version, about = "Simulates hosts and virtual machines for a Ferrovirt engine")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Hosts that join an engine, and VMs that run on them.
    Hosts {
        /// How many hosts.
        #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..))]
        count: u32,
        /// How many VMs in all.
        #[arg(long, default_value_t = 20)]
        vms: u32,
        /// The engine, `https://…/ovirt-engine`.
        #[arg(long)]
        engine: String,
        /// Who asks; needs the permits to add hosts and VMs.
        #[arg(long, default_value = "admin@internal")]
        user: String,
        /// File with the password.
        #[arg(long)]
        password_file: std::path::PathBuf,
        /// Cluster of the hosts and VMs.
        #[arg(long, default_value = "Default")]
        cluster: String,
        /// Address of the first host; each host takes the next one.
        #[arg(long, default_value_t = std::net::Ipv4Addr::new(127, 93, 0, 1))]
        first_address: std::net::Ipv4Addr,
        /// Port of every host.
        #[arg(long, default_value_t = ferrovirt_hostapi::HOST_PORT)]
        port: u16,
    },
}

#[tokio::main]
async fn main() -> std::process::ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env()
                .unwrap_or_else(|_unset| tracing_subscriber::EnvFilter::new("info")),
        )
        .with_writer(std::io::stderr)
        .init();
    if rustls::crypto::ring::default_provider().install_default().is_err() {
        tracing::error!("another cryptography provider is installed already");
        return std::process::ExitCode::FAILURE;
    }
    match run(Arguments::parse()).await {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(error = &*error, "the simulation ended");
            std::process::ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let Command::Hosts { count, vms, engine, user, password_file, cluster, first_address, port } = arguments.command;
    let password = std::fs::read_to_string(password_file)?.trim_end().to_owned();
    build(Order { engine, user, password, cluster, hosts: count, vms, first_address, port }).await?;
    tracing::info!(hosts = count, vms, "the simulated data centre is up");
    tokio::signal::ctrl_c().await?;
    Ok(())
}
