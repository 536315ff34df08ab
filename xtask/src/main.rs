//! Chores of this repository: generators, checks and counts. It holds no part of the product.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "these commands print for people")]

mod api_coverage;
mod api_documents;
mod generate_wire;
mod portal_types;
mod tables;
mod tidy;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(about = "Chores of the Ferrovirt repository")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Print how many operations of the API are served.
    ApiCoverage,
    /// Write the XML schema and the OpenAPI document of the API into a folder, for validators and client generators.
    ApiDocuments {
        /// Where `api.xsd` and `openapi.json` go.
        #[arg(long)]
        into: PathBuf,
    },
    /// Check the house rules.
    Tidy,
    /// Write the types of the portals' API client.
    PortalTypes,
    /// Write the types and the service tree of crate `wire` from the tables of the API contract.
    GenerateWire {
        /// Folder with types.tsv, enums.tsv, operations.tsv and service_tree.tsv.
        #[arg(long)]
        tables: PathBuf,
    },
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask stands in the workspace")?;
    match Arguments::parse().chore {
        Chore::ApiCoverage => api_coverage::run(root),
        Chore::ApiDocuments { into } => api_documents::run(&into),
        Chore::Tidy => tidy::run(root),
        Chore::PortalTypes => portal_types::run(root),
        Chore::GenerateWire { tables } => generate_wire::run(&tables, root),
    }
}
