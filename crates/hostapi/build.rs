//! Generates the client and server stubs from the contract.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=proto/host.proto");
    tonic_prost_build::configure().compile_protos(&["proto/host.proto"], &["proto"])?;
    Ok(())
}
