//! Generates the client and server stubs from the contract.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=proto/host.proto");
    // What holds secrets is written by `lib.rs`, without them.
    tonic_prost_build::configure()
        .skip_debug(["ferrovirt.host.v1.FirstBootFile", "ferrovirt.host.v1.ConsoleTicketRequest"])
        .compile_protos(&["proto/host.proto"], &["proto"])?;
    Ok(())
}
