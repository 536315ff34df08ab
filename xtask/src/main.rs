//! Chores of this repository: generators, checks and counts. It holds no part of the product.

mod generate_wire;
mod tables;

use std::path::{Path, PathBuf};

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
    /// Write the types and the service tree of crate `wire` from the tables of the API contract.
    GenerateWire {
        /// Folder with types.tsv, enums.tsv, operations.tsv and service_tree.tsv.
        #[arg(long)]
        tables: PathBuf,
    },
}

fn main() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask stands in the workspace")?;
    match Arguments::parse().chore {
        Chore::GenerateWire { tables } => generate_wire::run(&tables, root),
    }
}
