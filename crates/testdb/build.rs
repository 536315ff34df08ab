//! Builds anew when a migration comes. Knows where the engine's migrations stand, and nothing else.

fn main() {
    println!("cargo::rerun-if-changed=../store/migrations");
}
