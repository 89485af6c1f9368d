//! Compiles the variadic suite functions, which stable Rust cannot define.

fn main() {
    println!("cargo:rerun-if-changed=c/variadic.c");
    // The tests compile plug-ins in C for the same target.
    let target = std::env::var("TARGET").expect("cargo sets TARGET");
    println!("cargo:rustc-env=TEST_TARGET={target}");
    cc::Build::new().std("c11").file("c/variadic.c").compile("headroom_host_variadic");
}
