//! `cargo xtask dist`: the bundle that ships, checked and archived.
//!
//! Linux: linked by Zig against glibc 2.28, which is what the systems have that Resolve and Nuke
//! support (Rocky 8). Windows: Debian's own compiler builds the standard library and the plug-in
//! with MinGW, since rustup's Windows targets are not at hand everywhere.

use crate::args::Args;
use crate::elf::Dynamic;
use crate::run::{self, Outcome};
use crate::workspace::{self, VERSION};
use crate::{bundle_layout, elf, libclang, pe, python};
use std::path::{Path, PathBuf};

const ZIG: &[&str] = &["ziglang==0.17.1", "cargo-zigbuild==0.24.0"];
const GLIBC: (u32, u32) = (2, 28);
/// Libraries that every glibc system has.
const LINUX_LIBRARIES: [&str; 8] = [
    "libc",
    "libm",
    "libdl",
    "librt",
    "libpthread",
    "libgcc_s",
    "ld-linux-x86-64",
    "ld-linux-aarch64",
];
/// Libraries of Windows itself that Rust's standard library and ours ask for.
const WINDOWS_LIBRARIES: [&str; 10] = [
    "kernel32.dll",
    "kernelbase.dll",
    "ntdll.dll",
    "msvcrt.dll",
    "ucrtbase.dll",
    "bcryptprimitives.dll",
    "bcrypt.dll",
    "advapi32.dll",
    "userenv.dll",
    "ws2_32.dll",
];
const EXPORTS: [&str; 2] = ["OfxGetNumberOfPlugins", "OfxGetPlugin"];

/// Builds for Linux, or with `--windows` for Windows.
pub(crate) fn run(mut args: Args) -> Outcome {
    let windows = args.flag("--windows");
    args.done()?;
    if windows { for_windows() } else { for_linux() }
}

fn for_linux() -> Outcome {
    if std::env::consts::OS != "linux" {
        return Err("the Linux bundle is built on Linux".to_owned());
    }
    let architecture = std::env::consts::ARCH;
    let target = format!("{architecture}-unknown-linux-gnu");
    let tools = workspace::tools().join("zig");
    python::install(ZIG, &tools)?;
    let mut build = run::program(tools.join("bin").join("cargo-zigbuild"));
    libclang::prepare()?.apply(&mut build);
    let (major, minor) = GLIBC;
    build
        .env("PYTHONPATH", &tools)
        .args(["zigbuild", "--release", "--package", "headroom-plugin"])
        .args(["--target", &format!("{target}.{major}.{minor}")]);
    run::run(&mut build)?;
    let built = workspace::target().join(&target).join("release");
    let library = built.join(bundle_layout::library_name("linux"));
    check_library(&library)?;
    let folder = bundle_layout::folder_name("linux", architecture);
    archive(&library, folder, &format!("Headroom-{VERSION}-linux-{architecture}"))
}

fn for_windows() -> Outcome {
    let target = "x86_64-pc-windows-gnu";
    for tool in ["/usr/bin/rustc", "/usr/bin/cargo", "x86_64-w64-mingw32-gcc"] {
        if !run::exists(tool) {
            return Err(format!(
                "{tool} is missing. On Debian: apt-get install rustc-web cargo-web rust-web-src \
                 gcc-mingw-w64-x86-64"
            ));
        }
    }
    let mut build = run::program("/usr/bin/cargo");
    let mut libclang = libclang::prepare()?;
    libclang.arguments = Some(headers_of_mingw()?);
    libclang.apply(&mut build);
    // The nightly switch is what lets a stable compiler build the standard library itself.
    build
        .env("PATH", prepended("/usr/bin"))
        .env("RUSTC", "/usr/bin/rustc")
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_TARGET_DIR", workspace::target().join("windows"))
        .env_remove("RUSTUP_TOOLCHAIN")
        .args(["build", "--release", "--package", "headroom-plugin", "--target", target])
        .arg("-Zbuild-std=std,panic_unwind");
    run::run(&mut build)?;
    let built = workspace::target().join("windows").join(target).join("release");
    let library = built.join(bundle_layout::library_name("windows"));
    check_windows_library(&library)?;
    archive(
        &library,
        bundle_layout::folder_name("windows", "x86_64"),
        &format!("Headroom-{VERSION}-windows-x86_64"),
    )
}

/// clang must read MinGW's headers, not this system's.
fn headers_of_mingw() -> Result<String, String> {
    let own = run::output(run::program("x86_64-w64-mingw32-gcc").arg("-print-file-name=include"))?;
    Ok(format!("-I{} -I/usr/x86_64-w64-mingw32/include", own.trim()))
}

fn prepended(folder: &str) -> std::ffi::OsString {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let all = std::iter::once(PathBuf::from(folder)).chain(std::env::split_paths(&path));
    std::env::join_paths(all).unwrap_or(path)
}

/// Fails where the library asks for a newer system than promised or exports what it should not.
fn check_library(library: &Path) -> Outcome {
    let name = library.display();
    let found = elf::read(&bytes_of(library)?).map_err(|e| format!("{name}: {e}"))?;
    let newest = elf::newest_glibc(&found.versions)
        .map_err(|version| format!("{name} asks for {version}, which Rocky 8 has not"))?
        .unwrap_or((0, 0));
    println!("asks for GLIBC_{}.{} at most", newest.0, newest.1);
    if newest > GLIBC {
        return Err(format!(
            "{name} asks for GLIBC_{}.{}; GLIBC_{}.{} is the most that Rocky 8 has",
            newest.0, newest.1, GLIBC.0, GLIBC.1
        ));
    }
    check_needed(library, &found, |needed| {
        LINUX_LIBRARIES.iter().any(|ours| needed.split(".so").next() == Some(ours))
    })?;
    check_symbols(library, &found)
}

/// Fails where the library needs another that the system does not bring.
fn check_needed(library: &Path, found: &Dynamic, brought: impl Fn(&str) -> bool) -> Outcome {
    match found.needed.iter().find(|needed| !brought(needed)) {
        Some(foreign) => Err(format!(
            "{} needs {foreign}, which its users' systems may not have",
            library.display()
        )),
        None => Ok(()),
    }
}

/// Fails where the library needs what Windows does not have, or exports what it should not.
fn check_windows_library(library: &Path) -> Outcome {
    let name = library.display();
    let found = pe::read(&bytes_of(library)?).map_err(|e| format!("{name}: {e}"))?;
    // MinGW's own libraries lie on no artist's machine.
    check_needed(library, &found, |needed| {
        let needed = needed.to_ascii_lowercase();
        needed.starts_with("api-ms-win-") || WINDOWS_LIBRARIES.contains(&needed.as_str())
    })?;
    check_symbols(library, &found)
}

fn check_symbols(library: &Path, found: &Dynamic) -> Outcome {
    println!("needs {}", found.needed.iter().cloned().collect::<Vec<_>>().join(", "));
    if !found.exports.iter().map(String::as_str).eq(EXPORTS) {
        let (name, found) = (library.display(), &found.exports);
        return Err(format!("{name} exports {found:?}, not exactly {EXPORTS:?}"));
    }
    println!("exports {}", EXPORTS.join(" and "));
    Ok(())
}

fn bytes_of(file: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(file).map_err(|e| format!("cannot read {}: {e}", file.display()))
}

fn archive(library: &Path, folder: &str, name: &str) -> Outcome {
    let parent = workspace::target().join("dist");
    let content = parent.join(name);
    workspace::remove_folder(&content)?;
    workspace::make_folder(&content)?;
    bundle_layout::lay_out(&content, library, folder)?;
    for file in ["LICENSE-MIT", "LICENSE-APACHE", "ofx-bundle/INSTALL.md"] {
        let from = workspace::root().join(file);
        workspace::copy(&from, &content.join(from.file_name().unwrap_or_default()))?;
    }
    let file = if folder.starts_with("Win") {
        // What Windows opens without help.
        let file = format!("{name}.zip");
        let mut zip = run::program(python::find()?);
        run::run(zip.current_dir(&parent).args(["-m", "zipfile", "-c", &file, name]))?;
        file
    } else {
        let file = format!("{name}.tar.gz");
        let mut tar = run::program("tar");
        // Owner and order fixed, so that the same bundle makes the same list.
        tar.args(["--owner=0", "--group=0", "--sort=name", "-czf", &file, name]);
        run::run(tar.current_dir(&parent))?;
        file
    };
    println!("written: {}", parent.join(file).display());
    Ok(())
}
