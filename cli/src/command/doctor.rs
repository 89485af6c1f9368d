//! `headroom doctor`: whether everything that is needed is there.

use crate::error::{Error, Outcome};
use crate::{console, table, version};
use clap::Args;
use headroom::expand::device::kernel_folder;
use headroom::expand::machine;
use headroom_host::{Context, Effect, HostConfig};
use headroom_kernel::Pool;
use headroom_kernel::nn::{Isa, Precision};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Name of the bundle in hosts' folders.
const BUNDLE: &str = "Headroom.ofx.bundle";

/// Check this machine: processor, threads, engine, log file, GPUs, bundles in the hosts' folders.
///
/// Ends with code 1 when something is broken. A bundle that is not installed is no fault.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Also check this bundle.
    #[arg(long, value_name = "BUNDLE")]
    bundle: Option<PathBuf>,
    /// JSON.
    #[arg(long)]
    json: bool,
}

/// How a check came out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Good,
    Note,
    Broken,
}

struct Check {
    what: &'static str,
    verdict: Verdict,
    found: String,
}

impl Check {
    fn new(what: &'static str, verdict: Verdict, found: impl Into<String>) -> Self {
        Self { what, verdict, found: found.into() }
    }
}

pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let mut checks = vec![
        Check::new("version", Verdict::Good, version::VERSION),
        processor(),
        networks(),
        threads(),
        engine(),
        log_file(),
    ];
    checks.extend(gpus());
    checks.extend(bundles(arguments.bundle.as_deref()));
    if arguments.json {
        console::json(&Value::Array(checks.iter().map(describe).collect()))?;
    } else {
        let mut rows = vec![["Check", "", "Found"].map(str::to_owned).to_vec()];
        rows.extend(checks.iter().map(|check| {
            vec![check.what.to_owned(), word(check.verdict).to_owned(), check.found.clone()]
        }));
        console::result(&table::lay_out(&rows, &[]))?;
    }
    match checks.iter().filter(|check| check.verdict == Verdict::Broken).count() {
        0 => Ok(()),
        1 => Err(Error::failed("1 check found something broken")),
        count => Err(Error::failed(format!("{count} checks found something broken"))),
    }
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Good => "ok",
        Verdict::Note => "note",
        Verdict::Broken => "BROKEN",
    }
}

fn describe(check: &Check) -> Value {
    json!({"check": check.what, "verdict": word(check.verdict), "found": check.found})
}

fn processor() -> Check {
    let features = features();
    let found = format!("{} {} ({features})", std::env::consts::OS, std::env::consts::ARCH);
    Check::new("processor", Verdict::Good, found)
}

#[cfg(target_arch = "x86_64")]
fn features() -> String {
    let known = [
        ("avx2", is_x86_feature_detected!("avx2")),
        ("fma", is_x86_feature_detected!("fma")),
        ("f16c", is_x86_feature_detected!("f16c")),
        ("avx512f", is_x86_feature_detected!("avx512f")),
    ];
    let found: Vec<&str> =
        known.iter().filter(|(_, there)| *there).map(|(name, _)| *name).collect();
    if found.is_empty() { "no vector extensions".to_owned() } else { found.join(" ") }
}

#[cfg(not(target_arch = "x86_64"))]
fn features() -> String {
    "portable code".to_owned()
}

/// What networks multiply with; the environment may hold it down.
fn networks() -> Check {
    let there: Vec<&str> =
        Isa::ALL.into_iter().filter(|isa| isa.available()).map(Isa::id).collect();
    let chosen = [Precision::Full, Precision::Fast].map(|precision| machine(precision).isa.id());
    let [full, fast] = chosen;
    let found = format!("{}; full precision by {full}, fast by {fast}", there.join(" "));
    Check::new("networks", Verdict::Good, found)
}

fn threads() -> Check {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = Pool::new(0).threads();
    let verdict = if threads == cores { Verdict::Good } else { Verdict::Note };
    Check::new("threads", verdict, format!("{threads} of {cores} processors"))
}

/// What the runtimes of GPUs offer, and what each is used for. None is needed, so nothing here is a
/// fault.
fn gpus() -> Vec<Check> {
    let (devices, problems) = headroom_gpu::devices();
    let first = devices.iter().position(|device| !device.is_cpu());
    let told = devices.iter().enumerate().map(|(index, device)| {
        let gigabytes = device.memory() as f64 * 1.0e-9;
        let (id, name, runtime) = (device.id(), device.name(), device.runtime());
        let used = if device.is_cpu() {
            "computes on the CPU: only where it is named"
        } else if Some(index) == first {
            "what GPU means, and Auto where it is measured to be faster"
        } else {
            "where it is named"
        };
        format!("{id}: {name} ({runtime}), {gigabytes:.1} GB; {used}")
    });
    let told = told
        .chain(problems)
        .map(|found| Check::new("GPU", Verdict::Note, found))
        .collect::<Vec<_>>();
    let kept = kernel_folder().map_or_else(
        || "none: kernels are built anew by every process".to_owned(),
        |folder| folder.display().to_string(),
    );
    told.into_iter().chain([Check::new("GPU kernels", Verdict::Note, kept)]).collect()
}

/// One grey pixel through the whole engine has to come out where the standards say.
fn engine() -> Check {
    use headroom::expand::{Plan, Surroundings, analyse, render};
    use headroom::settings::Values;
    use headroom_kernel::{Components, ImageMut, ImageRef, Rect};
    let mut values = Values::default();
    let set = [("input_space", "srgb_tx"), ("output_space", "lin_rec709"), ("method", "inverse")];
    for (id, text) in set {
        if let Err(error) = values.set_text(id, text) {
            return Check::new("engine", Verdict::Broken, error.to_string());
        }
    }
    let (plan, pool) = (Plan::new(&values, &Surroundings::default()), Pool::new(1));
    let (rect, source, mut out) = (Rect::new(0, 0, 1, 1), [0.5, 0.5, 0.5, 1.0], [0.0; 4]);
    let never = || false;
    let rendered = (|| {
        let source = ImageRef::from_floats(&source, rect, Components::Rgba).ok()?;
        let analysis = analyse(&plan, &source, rect, &pool, &never).ok()?;
        let output = ImageMut::from_floats(&mut out, rect, Components::Rgba).ok()?;
        render(&plan, &analysis, &source, None, output, &pool, &never).ok()
    })();
    // IEC 61966-2-1: 0.5 decodes to 0.214041.
    let right = rendered.is_some() && (out[0] - 0.214_041_14).abs() < 1e-5;
    let verdict = if right { Verdict::Good } else { Verdict::Broken };
    Check::new("engine", verdict, format!("sRGB 0.5 is {:.6} in linear light", out[0]))
}

/// The plug-in writes what went wrong here; without it nobody learns why a node failed.
fn log_file() -> Check {
    let Some(path) = headroom_ofx::log_path() else {
        let found = "the system names no place; HEADROOM_LOG can";
        return Check::new("log file", Verdict::Note, found);
    };
    // The plug-in makes the folder when it needs it, so only the nearest existing one counts.
    let there = path.ancestors().skip(1).find(|folder| folder.is_dir());
    let writable = there.is_some_and(|f| f.metadata().is_ok_and(|m| !m.permissions().readonly()));
    let verdict = if writable { Verdict::Good } else { Verdict::Note };
    Check::new("log file", verdict, path.display().to_string())
}

/// Folders in which hosts look, and those of OFX_PLUGIN_PATH.
fn folders() -> Vec<PathBuf> {
    let path = std::env::var_os("OFX_PLUGIN_PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> =
        std::env::split_paths(&path).filter(|f| !f.as_os_str().is_empty()).collect();
    if cfg!(windows) {
        let common = std::env::var_os("CommonProgramFiles")
            .map_or_else(|| PathBuf::from(r"C:\Program Files\Common Files"), PathBuf::from);
        folders.push(common.join("OFX").join("Plugins"));
    } else if cfg!(target_os = "macos") {
        folders.push(PathBuf::from("/Library/OFX/Plugins"));
    } else {
        folders.push(PathBuf::from("/usr/OFX/Plugins"));
        folders.push(PathBuf::from("/usr/OFX/Nuke"));
    }
    folders
}

fn bundles(named: Option<&Path>) -> Vec<Check> {
    let mut checks: Vec<Check> = named.map(bundle).into_iter().collect();
    let found: Vec<PathBuf> =
        folders().iter().map(|folder| folder.join(BUNDLE)).filter(|path| path.exists()).collect();
    if found.is_empty() {
        let looked: Vec<String> = folders().iter().map(|f| f.display().to_string()).collect();
        let text = format!("not installed in {}", looked.join(", "));
        checks.push(Check::new("bundle", Verdict::Note, text));
    }
    checks.extend(found.iter().map(|path| bundle(path)));
    checks
}

/// Loads it as a host would and reads its description.
fn bundle(path: &Path) -> Check {
    match Effect::open(path, None, HostConfig::default(), Context::Filter) {
        Ok(effect) => {
            let described = effect.describe();
            let [major, minor] = described.version;
            let found = format!("{}: {} {major}.{minor}", path.display(), described.identifier);
            Check::new("bundle", Verdict::Good, found)
        }
        Err(error) => Check::new("bundle", Verdict::Broken, format!("{}: {error}", path.display())),
    }
}
