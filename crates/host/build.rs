//! Compiles the variadic suite functions, which stable Rust cannot define.

fn main() {
    println!("cargo:rerun-if-changed=c/variadic.c");
    cc::Build::new().std("c11").file("c/variadic.c").compile("headroom_host_variadic");
}
