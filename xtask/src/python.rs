//! Python 3, only to install published wheels beside the build.

use crate::run;
use std::path::Path;

/// Installs packages into `folder` unless a marker of the same versions is there.
///
/// # Errors
/// Python 3 or its pip is missing, or the index cannot be reached.
pub(crate) fn install(packages: &[&str], folder: &Path) -> run::Outcome {
    let marker = folder.join(".installed");
    let wanted = packages.join(" ");
    if std::fs::read_to_string(&marker).is_ok_and(|found| found == wanted) {
        return Ok(());
    }
    let python = find()?;
    // Debian marks its Python "externally managed"; with --target nothing of it is touched. The
    // switch is an environment variable because older pips refuse the unknown option.
    let mut pip = run::program(python);
    pip.env("PIP_BREAK_SYSTEM_PACKAGES", "1")
        .env("PIP_ROOT_USER_ACTION", "ignore")
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--upgrade"])
        .arg("--target")
        .arg(folder)
        .args(packages);
    run::run(&mut pip)?;
    crate::workspace::write(&marker, wanted)
}

/// Packages that the text of a requirements file names.
pub(crate) fn requirements(text: &str) -> Vec<&str> {
    text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#')).collect()
}

/// Name of a Python 3 that has pip.
pub(crate) fn find() -> Result<&'static str, String> {
    let names = ["python3", "python", "py"];
    let Some(python) = names.into_iter().find(|name| {
        let version = run::output(run::program(name).arg("--version"));
        version.is_ok_and(|text| text.starts_with("Python 3"))
    }) else {
        return Err("Python 3 is needed to install libclang, and none was found.\n\
             Install it, or install libclang yourself (Debian: libclang-dev, Fedora: clang-libs,\n\
             macOS: xcode-select --install, Windows: LLVM) or set LIBCLANG_PATH to its folder."
            .to_owned());
    };
    if run::output(run::program(python).args(["-m", "pip", "--version"])).is_err() {
        return Err(format!(
            "{python} has no pip. Install it (Debian: python3-pip; elsewhere: {python} -m ensurepip),\n\
             or install libclang yourself, or set LIBCLANG_PATH to its folder."
        ));
    }
    Ok(python)
}
