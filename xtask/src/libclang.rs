//! libclang, which bindgen needs to read the OpenFX headers: the system's, or PyPI's wheel
//! under the target folder.

use crate::{python, run, workspace};
use std::path::{Path, PathBuf};
use std::process::Command;

const WHEEL: &str = "libclang==18.1.1";

/// Where libclang is and what bindgen must be told.
pub(crate) struct Libclang {
    /// Folder that holds the library.
    pub(crate) folder: PathBuf,
    /// Arguments for clang; `None` where the user or the system has them already.
    pub(crate) arguments: Option<String>,
}

impl Libclang {
    /// Sets the environment of a cargo that builds the bindings.
    pub(crate) fn apply<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command.env("LIBCLANG_PATH", &self.folder);
        if let Some(arguments) = &self.arguments {
            command.env("BINDGEN_EXTRA_CLANG_ARGS", arguments);
        }
        command
    }
}

/// Finds libclang, installing it if need be.
pub(crate) fn prepare() -> Result<Libclang, String> {
    let folder = match system() {
        Some(folder) => folder,
        None => install()?,
    };
    let told = std::env::var_os("BINDGEN_EXTRA_CLANG_ARGS").is_some();
    let arguments = if told { None } else { headers_of_compiler() };
    Ok(Libclang { folder, arguments })
}

fn install() -> Result<PathBuf, String> {
    let folder = workspace::tools().join("libclang");
    python::install(&[WHEEL], &folder)?;
    let native = folder.join("clang").join("native");
    if holds_library(&native) {
        Ok(native)
    } else {
        Err(format!("{WHEEL} has no library in {}", native.display()))
    }
}

/// The wheel has no `stddef.h`, and a system's libclang may be installed without its own; the C
/// compiler has one.
fn headers_of_compiler() -> Option<String> {
    let compiler = std::env::var_os("CC").unwrap_or_else(|| "cc".into());
    let told = run::output(run::program(compiler).arg("-print-file-name=include")).ok()?;
    let folder = told.trim();
    Path::new(folder).is_absolute().then(|| format!("-I{folder}"))
}

fn system() -> Option<PathBuf> {
    if let Some(told) = std::env::var_os("LIBCLANG_PATH").map(PathBuf::from) {
        // bindgen takes the file or its folder.
        if told.is_file() {
            return told.parent().map(Path::to_owned);
        }
        if holds_library(&told) {
            return Some(told);
        }
    }
    candidates().into_iter().find(|folder| holds_library(folder))
}

fn candidates() -> Vec<PathBuf> {
    let mut folders = Vec::new();
    if let Ok(told) = run::output(run::program("llvm-config").arg("--libdir")) {
        folders.push(PathBuf::from(told.trim()));
    }
    // Newest first: Debian keeps one folder per version.
    let mut versions = workspace::list(Path::new("/usr/lib"));
    versions.retain(|path| name_of(path).starts_with("llvm"));
    versions.sort_by_key(|path| std::cmp::Reverse(number_in(&name_of(path))));
    for path in versions {
        folders.extend([path.join("lib"), path.join("lib64")]);
    }
    let triple = format!("/usr/lib/{}-linux-gnu", std::env::consts::ARCH);
    for folder in [
        "/usr/lib64",
        "/usr/lib",
        &triple,
        "/usr/local/lib",
        "/opt/homebrew/opt/llvm/lib",
        "/usr/local/opt/llvm/lib",
        "/Library/Developer/CommandLineTools/usr/lib",
        "/Applications/Xcode.app/Contents/Developer/Toolchains/XcodeDefault.xctoolchain/usr/lib",
        r"C:\Program Files\LLVM\bin",
    ] {
        folders.push(folder.into());
    }
    folders
}

fn holds_library(folder: &Path) -> bool {
    workspace::list(folder).iter().any(|path| is_library(&name_of(path)))
}

/// libclang itself, not `libclang-cpp`, which has another interface.
fn is_library(name: &str) -> bool {
    if matches!(name, "libclang.dll" | "libclang.dylib") {
        return true;
    }
    let Some(rest) = name.strip_prefix("libclang") else { return false };
    let Some((version, after)) = rest.split_once(".so") else { return false };
    let version = version.strip_prefix('-').unwrap_or(version);
    let digits = |text: &str| text.chars().all(|c| c.is_ascii_digit() || c == '.');
    digits(version) && digits(after)
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn number_in(name: &str) -> u32 {
    let digits: String = name.chars().filter(char::is_ascii_digit).collect();
    digits.parse().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_c_interface_is_told_from_the_c_plus_plus_one() {
        for name in ["libclang.so", "libclang-14.so.1", "libclang.so.18.1", "libclang-14.so.14.0.6"]
        {
            assert!(is_library(name), "{name}");
        }
        for name in ["libclang-cpp.so.14", "libclang-cpp.so", "libclangAST.a", "libclang.a"] {
            assert!(!is_library(name), "{name}");
        }
    }
}
