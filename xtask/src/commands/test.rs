//! `cargo xtask test`: everything a change must pass. `.ci/run` runs this and nothing else.

use crate::args::Args;
use crate::report::Tally;
use crate::run::{self, Outcome};
use crate::{commands, cuda, libclang, python, workspace};
use std::path::{Path, PathBuf};

/// Environment variable that tells the plug-in's tests and the benchmark which build to load.
pub(crate) const PLUGIN_VARIABLE: &str = "HEADROOM_PLUGIN";

/// The same for the command line's tests, which skip what needs a bundle when there is none.
const BUNDLE_VARIABLE: &str = "HEADROOM_BUNDLE";

/// Builds the bundle that ships, then runs every test and the host matrix on it.
pub(crate) fn run(mut args: Args) -> Outcome {
    let valgrind = args.flag("--valgrind");
    let rest = args.rest();
    let bundle = commands::bundle::build_with_command_line()?;
    let mut tally = Tally::default();
    for (_, parts) in PYTHON_CHECKS {
        workspace::remove_folder(&made(parts))?;
    }

    let mut cargo = run::cargo();
    libclang::prepare()?
        .apply(&mut cargo)
        .env(PLUGIN_VARIABLE, &bundle)
        .env(BUNDLE_VARIABLE, &bundle);
    // No --all-targets: it would leave out the documentation's examples. One cargo for all, so
    // that features are unified once and nothing is built twice.
    cargo.args(["test", "--workspace", "--no-fail-fast"]).args(&rest);
    tally.run(&mut cargo);
    if rest.is_empty() {
        commands::lint::check(&mut tally)?;
        python_checks(&mut tally);
        cuda_check(&mut tally);
    }
    if rest.is_empty() || valgrind {
        host_matrix(&bundle, valgrind, &mut tally);
    }
    tally.finish()
}

/// Scripts of `trainer/tests/python`, and what the trainer's tests leave for them in the target folder.
const PYTHON_CHECKS: [(&str, &[&str]); 2] =
    [("check_onnx.py", &["tmp", "onnx"]), ("check_run.py", &["tmp", "run"])];

fn made(parts: &[&str]) -> PathBuf {
    parts.iter().fold(workspace::target().to_owned(), |path, part| path.join(part))
}

/// What only others' readers can tell: ONNX Runtime of the exported networks, TensorBoard of the events.
fn python_checks(tally: &mut Tally) {
    let folder = workspace::root().join("trainer").join("tests").join("python");
    let installed = workspace::tools().join("trainer-python");
    let ready = workspace::read(&folder.join("requirements.txt")).and_then(|wanted| {
        python::install(&python::requirements(&wanted), &installed)?;
        python::find()
    });
    match ready {
        Err(error) => tally.check(Err(error)),
        Ok(python) => {
            for (script, parts) in PYTHON_CHECKS {
                let mut check = run::program(python);
                check.env("PYTHONPATH", &installed).arg(folder.join(script)).arg(made(parts));
                tally.check(run::run(&mut check));
            }
        }
    }
}

/// Compiles the trainer for NVIDIA cards where there is something to compile it with.
fn cuda_check(tally: &mut Tally) {
    let Some(toolkit) = cuda::at_hand() else {
        return println!("no nvcc in NVCC, CUDA_HOME or PATH: the CUDA build is left out");
    };
    let mut cargo = run::cargo();
    let words = ["check", "--package", "headroom-train", "--features", "cuda"];
    tally.check(run::run(toolkit.apply(&mut cargo).args(words)));
}

/// Networks that the matrix is run with: option of Method, architecture, configuration.
const NETWORKS: [[&str; 3]; 2] = [
    ["Grid (real time)", "grid", "{}"],
    ["Residual network", "residual", r#"{"width":4,"dilations":[1,2]}"#],
];

/// The matrix with a network of untrained weights.
fn network_matrix(headroom: &Path, bundle: &Path, [method, id, config]: [&str; 3]) -> Outcome {
    let folder = workspace::target().join("matrix");
    std::fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let weights = folder.join(format!("{id}.safetensors"));
    if weights.exists() {
        std::fs::remove_file(&weights).map_err(|e| format!("{}: {e}", weights.display()))?;
    }
    let mut new = run::program(headroom);
    run::run(new.args(["models", "new", id]).arg(&weights).args(["--config", config]))?;
    let mut matrix = run::program(headroom);
    matrix.args(["host", "--matrix", "--small"]).arg(bundle);
    matrix.arg("--set").arg(format!("method={method}"));
    matrix.arg("--set").arg(format!("weights={}", weights.display()));
    run::run(&mut matrix)
}

/// Renders the built bundle in every way that hosts differ in. Under valgrind, with tiny pictures,
/// it sees what no assertion does: reads of memory that nobody wrote, and bytes beyond a picture.
fn host_matrix(bundle: &Path, valgrind: bool, tally: &mut Tally) {
    let headroom = workspace::release_program("headroom");
    let matrix = ["host", "--matrix"];
    tally.check(run::run(run::program(&headroom).args(matrix).arg(bundle)));
    for network in NETWORKS {
        tally.check(network_matrix(&headroom, bundle, network));
    }
    if !valgrind {
        return;
    }
    if !run::exists("valgrind") {
        return tally.check(Err("--valgrind: valgrind is not installed".to_owned()));
    }
    let suppressions = workspace::root().join("xtask").join("valgrind.supp");
    let mut command = run::program("valgrind");
    command
        .args(["--quiet", "--error-exitcode=99", "--leak-check=full"])
        .args(["--errors-for-leak-kinds=definite", "--show-leak-kinds=definite"])
        .arg(format!("--suppressions={}", suppressions.display()))
        .arg(&headroom)
        .args(matrix)
        .arg("--small")
        .arg(bundle);
    tally.check(run::run(&mut command));
}
