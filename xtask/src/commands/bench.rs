//! `cargo xtask bench`: the whole effect through the OpenFX host against copying the same frame, and
//! the networks beside ONNX Runtime and PyTorch, whose wheels it installs under the target folder.

use crate::args::Args;
use crate::run::{self, Outcome};
use crate::{commands, libclang, python, workspace};
use std::path::Path;

/// Document whose marked parts are replaced by what was measured.
const DOCUMENT: &str = "docs/PERFORMANCE.md";

/// Runs both benchmarks; what is not taken here goes to the networks' driver.
pub(crate) fn run(mut args: Args) -> Outcome {
    let only_effect = args.flag("--effect");
    let only_networks = args.flag("--networks-only");
    let keep = args.flag("--keep-document");
    let folder = workspace::target().join("bench");
    workspace::make_folder(&folder)?;
    if !only_networks {
        effect(&folder.join("effect.md"))?;
        if !keep {
            publish("effect", &folder.join("effect.md"))?;
        }
    }
    if !only_effect {
        networks(&folder, &args.rest())?;
        if !keep {
            publish("networks", &folder.join("networks.md"))?;
        }
    }
    Ok(())
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
fn networks(folder: &Path, rest: &[String]) -> Outcome {
    let peers = workspace::root().join("benches").join("peers");
    let wanted = workspace::read(&peers.join("requirements.txt"))?;
    let packages: Vec<&str> =
        wanted.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#')).collect();
    let installed = workspace::tools().join("peers");
    python::install(&packages, &installed)?;
    run::run(
        run::cargo()
            .args(["build", "--release", "--package", "headroom"])
            .args(["--example", "networks"]),
    )?;
    let server = workspace::target()
        .join("release")
        .join("examples")
        .join(format!("networks{}", std::env::consts::EXE_SUFFIX));
    let mut driver = run::program(python::find()?);
    driver
        .env("PYTHONPATH", &installed)
        .arg(peers.join("networks.py"))
        .arg(server)
        .arg("--folder")
        .arg(folder)
        .arg("--report")
        .arg(folder.join("networks.md"))
        .args(rest);
    run::run(&mut driver)
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
