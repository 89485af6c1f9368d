//! Turns `c/ofx_ext.h` into Rust and has the C compiler confirm the layouts
//! that Rust and a host must agree on.

use std::{env, path::PathBuf};

fn main() {
    println!("cargo:rerun-if-changed=c/ofx_ext.h");
    println!("cargo:rerun-if-changed=c/layout.c");

    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    bindgen::Builder::default()
        .header("c/ofx_ext.h")
        .allowlist_item("k?Ofx.*")
        .generate_cstr(true)
        .default_macro_constant_type(bindgen::MacroTypeVariation::Signed)
        .generate()
        .expect("bindgen reads c/ofx_ext.h: is libclang there (LIBCLANG_PATH)?")
        .write_to_file(out.join("ext.rs"))
        .expect("OUT_DIR is writable");

    cc::Build::new().std("c11").file("c/layout.c").compile("headroom_ofx_layout");
}
