//! `cargo xtask bench`: the whole effect through the OpenFX host against copying the same frame, the
//! networks beside ONNX Runtime and PyTorch, and a step of training beside PyTorch. The peers' wheels
//! are installed under the target folder.

use crate::args::Args;
use crate::run::{self, Outcome};
use crate::{commands, libclang, python, workspace};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Document whose marked parts are replaced by what was measured.
const DOCUMENT: &str = "docs/PERFORMANCE.md";

/// The benchmarks, by the names of their parts of the document.
const PARTS: [&str; 3] = ["effect", "networks", "training"];

/// The driver of networks on a GPU.
const DEVICE_PEER: &str = "networks_device.py";

/// Runs them all, or the one named by `--only`; what is not taken here goes to the networks' driver.
pub(crate) fn run(mut args: Args) -> Outcome {
    if let Some(device) = args.value("--device")? {
        let rest = args.rest();
        return on_device(&device, &rest);
    }
    let only = args.value("--only")?;
    if let Some(name) = only.as_deref().filter(|name| !PARTS.contains(name)) {
        return Err(format!("--only: found \"{name}\", expected one of {}", PARTS.join(", ")));
    }
    let keep = args.flag("--keep-document");
    let rest = args.rest();
    let folder = workspace::target().join("bench");
    workspace::make_folder(&folder)?;
    for part in PARTS {
        if only.as_deref().is_some_and(|only| only != part) {
            continue;
        }
        let report = folder.join(format!("{part}.md"));
        match part {
            "effect" => effect(&report)?,
            "networks" => networks(&folder, &report, &rest)?,
            _ => training(&report)?,
        }
        if !keep {
            publish(part, &report)?;
        }
    }
    Ok(())
}

/// The whole effect on a GPU, and networks beside PyTorch there; what is not taken here goes to the networks' driver.
/// What it says is of a card that hardly anybody has: it is printed, not kept.
fn on_device(device: &str, rest: &[String]) -> Outcome {
    run::run(run::program(example("headroom", "bench-device")?).arg(device))?;
    let server = example("headroom", "bench-networks")?;
    let folder = workspace::target().join("bench").join("device");
    workspace::make_folder(&folder)?;
    // Machines with a card may have a PyTorch of their own, and no way to PyPI.
    let mut driver = peer(DEVICE_PEER).or_else(|why| {
        println!("{why}; trying the Python that is here");
        python_with(DEVICE_PEER, None)
    })?;
    driver.arg(server).arg("--folder").arg(folder).args(["--device", device]).args(rest);
    run::run(&mut driver)
}

/// Builds the bundle that ships and runs `benches/effect.rs` on it.
fn effect(report: &Path) -> Outcome {
    let bundle = commands::bundle::build_with_command_line()?;
    let mut cargo = run::cargo();
    libclang::prepare()?.apply(&mut cargo);
    cargo
        .env(commands::test::PLUGIN_VARIABLE, &bundle)
        .env("HEADROOM_BENCH_REPORT", report)
        .arg("bench");
    for package in commands::bundle::SHIPPED {
        cargo.args(["--package", package]);
    }
    cargo.args(["--bench", "effect"]);
    run::run(&mut cargo)
}

/// Runs `benches/networks.rs` and its peers in turns.
fn networks(folder: &Path, report: &Path, rest: &[String]) -> Outcome {
    let server = example("headroom", "bench-networks")?;
    let mut driver = peer("networks.py")?;
    driver.arg(server).arg("--folder").arg(folder).arg("--report").arg(report).args(rest);
    run::run(&mut driver)
}

/// Runs steps of training here and in PyTorch in turns. One thread: with more, PyTorch's wait by
/// spinning and CPU time says nothing.
fn training(report: &Path) -> Outcome {
    let own = example("headroom-train", "training_step")?;
    let mut driver = peer("training.py")?;
    driver.args(["--threads", "1", "--example"]).arg(own).arg("--report").arg(report);
    run::run(&mut driver)
}

/// Builds an example and returns its program.
fn example(package: &str, name: &str) -> Result<PathBuf, String> {
    let words = ["build", "--release", "--package", package, "--example", name];
    run::run(run::cargo().args(words))?;
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    Ok(workspace::target().join("release").join("examples").join(file))
}

/// A Python script of `benches/peers`, with what it needs.
fn peer(script: &str) -> Result<Command, String> {
    let wanted = workspace::root().join("benches").join("peers").join("requirements.txt");
    let wanted = workspace::read(&wanted)?;
    let installed = workspace::tools().join("peers");
    python::install(&python::requirements(&wanted), &installed)?;
    python_with(script, Some(&installed))
}

/// A Python script of `benches/peers`, with what lies in that folder.
fn python_with(script: &str, installed: Option<&Path>) -> Result<Command, String> {
    let mut driver = run::program(python::find()?);
    if let Some(installed) = installed {
        driver.env("PYTHONPATH", installed);
    }
    driver.arg(workspace::root().join("benches").join("peers").join(script));
    Ok(driver)
}

/// Puts a report between its marks in the document.
fn publish(name: &str, report: &Path) -> Outcome {
    let path = workspace::root().join(DOCUMENT);
    let document = workspace::read(&path)?;
    let text = workspace::read(report)?;
    let replaced = between_marks(&document, name, &text)
        .ok_or_else(|| format!("{DOCUMENT}: no marks of {name}"))?;
    workspace::write(&path, replaced)?;
    println!("written: {DOCUMENT}, part \"{name}\"");
    Ok(())
}

/// The document with the text between `<!-- name -->` and `<!-- /name -->` replaced.
fn between_marks(document: &str, name: &str, text: &str) -> Option<String> {
    let (open, close) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let start = document.find(&open)? + open.len();
    let end = start + document[start..].find(&close)?;
    Some(format!("{}{}\n{}", &document[..start], text.trim_end(), &document[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stands_between_the_marks_is_replaced() {
        let before = "a\n<!-- x -->\nold\n<!-- /x -->\nb <!-- y -->\n";
        let after = "a\n<!-- x -->\nnew\n<!-- /x -->\nb <!-- y -->\n";
        assert_eq!(between_marks(before, "x", "new\n\n").as_deref(), Some(after));
        assert_eq!(between_marks(before, "y", "new"), None);
    }
}
