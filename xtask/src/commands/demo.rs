//! `cargo xtask demo`: from a fresh clone to pictures, through the plug-in as a host loads it.

use crate::args::Args;
use crate::run::{self, Outcome};
use crate::{commands, workspace};
use std::path::{Path, PathBuf};
use std::process::Command;

/// One that clips hard and is known to be sRGB; one that rolls off as film does, whose curve nobody
/// knows: it is estimated from the picture. And the input space that is set for each.
const CAMERAS: [(&str, &str); 2] = [("srgb", "srgb_tx"), ("filmic", "estimate")];

/// Renders the sample frames and makes the pictures.
pub(crate) fn run(args: Args) -> Outcome {
    args.done()?;
    let bundle = commands::bundle::build_with_command_line()?;

    let folder = workspace::target().join("demo");
    workspace::remove_folder(&folder)?;
    workspace::make_folder(&folder)?;
    let sample = folder.join("sample");
    let mut made = Vec::new();
    for (camera, space) in CAMERAS {
        let folder_of_camera = sample.join(camera);
        run::run(headroom().arg("sample").arg(&folder_of_camera).args(["--camera", camera]))?;
        let frames = frames(&folder_of_camera);
        if frames.is_empty() {
            return Err(format!("`headroom sample` left no PNG in {}", folder_of_camera.display()));
        }
        for frame in &frames {
            made.extend(pictures(frame, space, &folder, &bundle)?);
        }
    }
    println!("\nLook at:");
    for path in made {
        println!("  {}", path.display());
    }
    Ok(())
}

fn frames(sample: &Path) -> Vec<PathBuf> {
    let mut frames = workspace::list(sample);
    frames.retain(|path| path.extension().is_some_and(|e| e == "png"));
    frames
}

/// One frame to ACEScg and ACEScct EXR, and what to look at.
fn pictures(
    frame: &Path,
    space: &str,
    folder: &Path,
    bundle: &Path,
) -> Result<Vec<PathBuf>, String> {
    let name = frame.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let file = |what: &str| folder.join(format!("{name}_{what}"));
    let render = |out: &Path, words: &[&str]| {
        let mut command = headroom();
        command.arg("render").arg(frame).arg(out).arg("--bundle").arg(bundle);
        run::run(command.args(["--set", &format!("input_space={space}")]).args(words))
    };
    let (scene, log) = (file("acescg.exr"), file("acescct.exr"));
    render(&scene, &["--space-out", "ACEScg"])?;
    render(&log, &["--space-out", "ACEScct"])?;

    let input = file("1_input.png");
    workspace::copy(frame, &input)?;
    let mut made = vec![input];
    let prep = |from: &Path, to: PathBuf, exposure: &str, made: &mut Vec<PathBuf>| {
        let mut command = headroom();
        command.arg("prep").arg(from).arg(&to).args(["--exposure", exposure]);
        run::run(&mut command)?;
        made.push(to);
        Ok::<(), String>(())
    };
    prep(&scene, file("2_result.png"), "0", &mut made)?;
    prep(&scene, file("3_result_4_stops_down.png"), "-4", &mut made)?;
    // Views are data, which no output space encodes; a log one only says that whole numbers will do.
    // A mask and false colours fit a PNG so, stops are shown an eighth as large.
    for (what, view) in [("4_clip_mask.png", "clip-mask"), ("6_false_colour.png", "false-colour")] {
        let path = file(what);
        render(&path, &["--set", &format!("view={view}"), "--space-out", "ACEScct"])?;
        made.push(path);
    }
    let stops = file("difference.exr");
    render(&stops, &["--set", "view=difference"])?;
    prep(&stops, file("5_difference.png"), "-3", &mut made)?;
    made.sort();
    made.extend([scene, log]);
    Ok(made)
}

/// The command line as it was built for this demo.
pub(crate) fn headroom() -> Command {
    run::program(workspace::release_program("headroom"))
}
