//! Has the portal embedded anew whenever it was built anew.

fn main() {
    println!("cargo::rerun-if-changed=../../portal/admin/dist");
}
