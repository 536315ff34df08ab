//! `ferrovirt-engine`: sets an engine up, and runs it. Refuses to know more than its command line.

// As in the web door, whose documents name each other in long chains: an optimised build asks the same question here.
#![recursion_limit = "512"]

use std::io::IsTerminal;
use std::net::IpAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use ferrovirt_server::data_folder::DataFolder;
use ferrovirt_server::setup::Setup;
use ferrovirt_server::{Result, people, run, setup};
use tracing_subscriber::EnvFilter;

// Long lists are made and dropped all the time: the system's allocator keeps several times what is in use.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Ferrovirt's engine: manages a data centre of virtual machines.
#[derive(Debug, Parser)]
#[command(version)]
struct Line {
    /// Where the engine keeps everything.
    #[arg(long, global = true, default_value = "/var/lib/ferrovirt-engine")]
    data_dir: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make the data folder, the certificates, the database and the first administrator.
    Setup(SetupLine),
    /// Run the engine until it is told to stop.
    Run,
    /// Give a user of the internal directory another password: asked for, or the first line of standard input. Their
    /// sessions end. The engine may run.
    Passwd {
        /// The user's name, with the profile or without.
        user: String,
    },
    /// Put a user of the internal directory into a group. The engine may run.
    GroupAddMember(Member),
    /// Take a user of the internal directory out of a group. The engine may run.
    GroupRemoveMember(Member),
}

#[derive(Debug, Args)]
struct Member {
    /// The group's name.
    group: String,
    /// The user's name, with the profile or without.
    user: String,
}

#[derive(Debug, Args)]
struct SetupLine {
    /// The name by which clients and hosts reach the engine.
    #[arg(long)]
    fqdn: String,
    /// A file that holds the password of admin@internal.
    #[arg(long)]
    admin_password_file: PathBuf,
    /// Listen on this address alone.
    #[arg(long)]
    listen_address: Option<IpAddr>,
    /// Port of the API and the portals, in place of 443.
    #[arg(long)]
    https_port: Option<u16>,
    /// Port of plain HTTP, in place of 80.
    #[arg(long)]
    http_port: Option<u16>,
    /// Port of the transfer proxy, in place of 54323.
    #[arg(long)]
    transfer_port: Option<u16>,
}

fn main() -> ExitCode {
    let line = Line::parse();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn"));
    let colours = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(colours).with_writer(std::io::stderr).init();
    // An error says that one is installed already.
    let _installed = rustls::crypto::ring::default_provider().install_default();
    let outcome = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    match outcome {
        Ok(runtime) => match runtime.block_on(obey(line)) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => fail(&error),
        },
        Err(error) => fail(&error),
    }
}

async fn obey(line: Line) -> Result<()> {
    let folder = DataFolder::at(&line.data_dir)?;
    match line.command {
        Command::Run => run::run(&folder).await,
        Command::Passwd { user } => {
            let password = people::read_password(&user)?;
            let principal = people::change_password(&folder, &user, &password).await?;
            say(&format!("The password of {principal} is changed, and their sessions have ended."));
            Ok(())
        }
        Command::GroupAddMember(Member { group, user }) => {
            people::set_member(&folder, &group, &user, true).await?;
            say(&format!("{user} is in the group {group}."));
            Ok(())
        }
        Command::GroupRemoveMember(Member { group, user }) => {
            people::set_member(&folder, &group, &user, false).await?;
            say(&format!("{user} is no longer in the group {group}."));
            Ok(())
        }
        Command::Setup(ask) => {
            let ask = Setup {
                fqdn: ask.fqdn,
                admin_password_file: ask.admin_password_file,
                listen_address: ask.listen_address,
                https_port: ask.https_port,
                http_port: ask.http_port,
                transfer_port: ask.transfer_port,
            };
            tell(&setup::setup(&folder, ask).await?, &folder);
            Ok(())
        }
    }
}

fn tell(outcome: &setup::Outcome, folder: &DataFolder) {
    let what = if outcome.fresh { "is set up" } else { "was set up before and is up to date" };
    let root = folder.root().display();
    say(&format!("The engine in {root} {what}."));
    say(&format!("Start it with `ferrovirt-engine --data-dir {root} run`; it will serve {}", outcome.address));
}

#[expect(clippy::print_stdout, reason = "these are commands for people")]
fn say(sentence: &str) {
    println!("{sentence}");
}

#[expect(clippy::print_stderr, reason = "the last word of the process, wherever the log goes")]
fn fail(error: &dyn std::error::Error) -> ExitCode {
    let mut sentence = error.to_string();
    let mut cause = error.source();
    while let Some(deeper) = cause {
        sentence.push_str(": ");
        sentence.push_str(&deeper.to_string());
        cause = deeper.source();
    }
    eprintln!("ferrovirt-engine: {sentence}");
    ExitCode::FAILURE
}
