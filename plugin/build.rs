//! Keeps the library in memory after a host has closed it.
//!
//! Rust's standard library leaves destructors with every thread that came by (`pthread_key_create`);
//! a host's thread that ends after `dlclose` would call into nothing. macOS never unloads libraries
//! with thread-local storage, and Windows does not call them after unloading, so it is ELF alone
//! that must be told.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let family = std::env::var("CARGO_CFG_TARGET_FAMILY").unwrap_or_default();
    let vendor = std::env::var("CARGO_CFG_TARGET_VENDOR").unwrap_or_default();
    if family.split(',').any(|f| f == "unix") && vendor != "apple" {
        println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
}
