//! `cargo xtask soak`: a long sequence. Memory must stay flat, and a run that is killed and
//! started again must leave the same files as an unbroken one.

use crate::args::Args;
use crate::commands::demo::headroom;
use crate::run::{self, Outcome};
use crate::{commands, workspace};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::thread::sleep;
use std::time::Duration;

/// Frames after which the peak must stand. A network takes longer than reading and writing, so it takes
/// some frames until every stage of the pipeline has held a frame at the same moment.
const SETTLED: usize = 3;
const SETTLED_WITH_NETWORK: usize = 10;

/// Growth allowed afterwards in KiB: a quarter of a 1080p frame, for what allocators keep.
const GROWTH: u64 = 8 * 1024;

/// Frames that are made anew; the scene takes longer to draw than to expand, so they are repeated.
const DIFFERENT: usize = 4;

/// Renders, watches, kills, resumes and compares.
pub(crate) fn run(mut args: Args) -> Outcome {
    let frames: usize = match args.value("--frames")? {
        Some(text) => text.parse().map_err(|_| format!("--frames: \"{text}\" is no number"))?,
        None => 100,
    };
    let size = args.value("--size")?.unwrap_or_else(|| "1920x1080".to_owned());
    let method = args.value("--method")?;
    args.done()?;
    let bundle = commands::bundle::build_with_command_line()?;

    let folder = workspace::target().join("soak");
    workspace::remove_folder(&folder)?;
    let sample = folder.join("sample");
    workspace::make_folder(&sample)?;
    let made = folder.join("made");
    let mut make = headroom();
    make.arg("sample").arg(&made).args(["--frames", &DIFFERENT.to_string(), "--size", &size]);
    run::run(&mut make)?;
    for frame in 0..frames {
        let from = made.join(format!("sample_srgb.{}.png", 1001 + frame % DIFFERENT));
        workspace::copy(&from, &sample.join(format!("sample_srgb.{}.png", 1001 + frame)))?;
    }

    let settings = match &method {
        Some(method) => with_network(method, &folder)?,
        None => Vec::new(),
    };
    let mut failures = Vec::new();
    for (name, mut words) in [("engine", vec![]), ("plugin", vec!["--bundle".into(), bundle])] {
        words.extend(settings.iter().map(PathBuf::from));
        let settled = if method.is_some() { SETTLED_WITH_NETWORK } else { SETTLED };
        let job = Job { sample: &sample, frames, words, settled };
        if let Err(error) = job.check(&folder.join(name)) {
            failures.push(format!("{name}: {error}"));
        }
    }
    if failures.is_empty() { Ok(()) } else { Err(failures.join("\n")) }
}

/// The words that choose a network, with untrained weights made for it: memory does not care.
fn with_network(method: &str, folder: &Path) -> Result<Vec<String>, String> {
    let weights = folder.join(format!("{method}.safetensors"));
    run::run(headroom().args(["models", "new", method]).arg(&weights))?;
    let set = |text: String| ["--set".to_owned(), text];
    let weights = format!("weights={}", weights.display());
    Ok([set(format!("method={method}")), set(weights)].concat())
}

struct Job<'a> {
    sample: &'a Path,
    frames: usize,
    words: Vec<PathBuf>,
    settled: usize,
}

impl Job<'_> {
    fn check(&self, folder: &Path) -> Outcome {
        let (whole, broken) = (folder.join("whole"), folder.join("broken"));
        workspace::make_folder(&whole)?;
        workspace::make_folder(&broken)?;
        self.watch_memory(&whole)?;
        self.kill_half_way(&broken)?;
        run::run(&mut self.render(&broken, true))?;
        self.same_files(&whole, &broken)
    }

    fn render(&self, out: &Path, resume: bool) -> Command {
        let mut command = headroom();
        command.arg("render").arg(self.sample.join("sample_srgb.####.png"));
        command.arg(out.join("out.####.exr"));
        command.args(["--space-in", "sRGB", "--space-out", "ACEScg"]).args(&self.words);
        if resume {
            command.arg("--skip-existing");
        }
        command
    }

    fn start(&self, out: &Path) -> Result<Child, String> {
        let mut command = self.render(out, false);
        let line = run::line(&command);
        eprintln!("> {line}");
        command.spawn().map_err(|error| format!("`{line}` did not start: {error}"))
    }

    fn watch_memory(&self, out: &Path) -> Outcome {
        let mut child = self.start(out)?;
        let mut early = None;
        let mut last = None;
        let status = loop {
            if let Some(status) = child.try_wait().map_err(|e| e.to_string())? {
                break status;
            }
            if let Some(peak) = peak_memory(child.id()) {
                last = Some(peak);
                if finished(out) >= self.settled {
                    early.get_or_insert(peak);
                }
            }
            sleep(Duration::from_millis(20));
        };
        if !status.success() {
            return Err(format!("the unbroken run failed: {status}"));
        }
        let (Some(early), Some(last)) = (early, last) else {
            println!("peak memory cannot be read on this system; not checked");
            return Ok(());
        };
        let settled = self.settled;
        println!("peak memory: {early} KiB after frame {settled}, {last} KiB at the end");
        if last > early + GROWTH {
            return Err(format!(
                "peak memory grew from {early} to {last} KiB after frame {settled}"
            ));
        }
        Ok(())
    }

    fn kill_half_way(&self, out: &Path) -> Outcome {
        let mut child = self.start(out)?;
        while finished(out) < self.frames / 2 {
            if let Some(status) = child.try_wait().map_err(|e| e.to_string())? {
                return Err(format!("the run ended before it could be killed: {status}"));
            }
            sleep(Duration::from_millis(5));
        }
        child.kill().and_then(|()| child.wait()).map_err(|e| e.to_string())?;
        println!("killed with {} of {} frames written", finished(out), self.frames);
        Ok(())
    }

    fn same_files(&self, whole: &Path, broken: &Path) -> Outcome {
        // What a killed run leaves behind under a temporary name is no picture.
        let (left, right) = (pictures(whole), pictures(broken));
        if left.len() != self.frames || right.len() != self.frames {
            let (left, right) = (left.len(), right.len());
            return Err(format!("{left} and {right} pictures, not {}", self.frames));
        }
        for (a, b) in left.iter().zip(&right) {
            let bytes = |path: &Path| std::fs::read(path).map_err(|e| e.to_string());
            if a.file_name() != b.file_name() || bytes(a)? != bytes(b)? {
                return Err(format!("{} and {} differ", a.display(), b.display()));
            }
        }
        println!("{} files, byte for byte the same", left.len());
        Ok(())
    }
}

fn pictures(folder: &Path) -> Vec<PathBuf> {
    let mut paths = workspace::list(folder);
    paths.retain(|path| path.extension().is_some_and(|e| e == "exr"));
    paths
}

fn finished(folder: &Path) -> usize {
    pictures(folder).len()
}

/// Peak resident memory of a process in KiB, where `/proc` tells it.
fn peak_memory(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
