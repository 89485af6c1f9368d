//! The host matrix: one filter, rendered in every way that hosts ask for, compared with one plain
//! render. Where OpenFX says that the way must not matter, the pixels have to be the same bits.

mod cases;
mod picture;
mod table;

use crate::{
    Context, Depth, Effect, HostConfig, HostError, HostImage, ImageMemory, Rendered, Report,
    Violation, ViolationKind, Window,
};
use std::path::Path;

pub use table::{Row, Verdict};

/// What the matrix runs.
#[derive(Clone, Debug, Default)]
pub struct MatrixOptions {
    /// The plug-in in the bundle; none: the first.
    pub plugin: Option<String>,
    /// Parameters to set, in this order, before every render.
    pub settings: Vec<(String, String)>,
    /// Tiny pictures, for valgrind.
    pub small: bool,
    /// Only cases whose name contains this.
    pub only: Option<String>,
    /// Where images lie.
    pub memory: ImageMemory,
}

/// What the matrix found.
#[derive(Clone, Debug, Default)]
pub struct MatrixReport {
    /// One row per case.
    pub rows: Vec<Row>,
}

impl MatrixReport {
    /// True when every case passed.
    #[must_use]
    pub fn passed(&self) -> bool {
        !self.rows.is_empty() && self.rows.iter().all(|row| row.verdict != Verdict::Failed)
    }
}

/// What a case has at hand.
pub(crate) struct Bench<'a> {
    bundle: &'a Path,
    options: &'a MatrixOptions,
    /// The picture that all is compared on.
    pub(crate) picture: HostImage,
    /// The plain render of it.
    pub(crate) reference: Rendered,
    /// The plain render in the memory of the CPU, where the others are on a device: a host whose
    /// description lacks a property does not lend its own.
    pub(crate) cpu_reference: Option<Rendered>,
    /// A plain render on half-float images, where the plug-in takes them.
    pub(crate) half_reference: Option<Rendered>,
    /// The plug-in's fields are handed out as they are.
    pub(crate) plain_fields: bool,
}

impl Bench<'_> {
    /// Opens the plug-in with the settings of the options.
    pub(crate) fn open(&self, config: HostConfig, context: Context) -> Result<Effect, HostError> {
        open(self.bundle, self.options, config, context)
    }

    /// The plain render at the depth of an effect.
    pub(crate) fn reference_for(&self, effect: &Effect) -> Option<&Rendered> {
        match effect.depth() {
            Depth::Float if !effect.lends() && self.cpu_reference.is_some() => {
                self.cpu_reference.as_ref()
            }
            Depth::Float => Some(&self.reference),
            Depth::Half => self.half_reference.as_ref(),
        }
    }
}

fn open(
    bundle: &Path,
    options: &MatrixOptions,
    config: HostConfig,
    context: Context,
) -> Result<Effect, HostError> {
    let config = HostConfig { memory: options.memory, ..config };
    let mut effect = Effect::open(bundle, options.plugin.as_deref(), config, context)?;
    for (param, value) in &options.settings {
        effect.set(param, value)?;
    }
    Ok(effect)
}

/// Why a case did not pass.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The host could not go on.
    Host(HostError),
    /// The plug-in broke rules.
    Rules(Vec<Violation>),
    /// Pixels differ.
    Pixels(String),
    /// The case does not apply.
    Skip(String),
}

impl From<HostError> for Fault {
    fn from(error: HostError) -> Self {
        Self::Host(error)
    }
}

/// Passes when no rule was broken.
pub(crate) fn clean(report: &Report) -> Result<(), Fault> {
    if report.is_clean() { Ok(()) } else { Err(Fault::Rules(report.violations.clone())) }
}

/// Closes an effect; passes when no rule was broken outside renders.
pub(crate) fn close(effect: Effect) -> Result<(), Fault> {
    let violations = effect.close()?;
    if violations.is_empty() { Ok(()) } else { Err(Fault::Rules(violations)) }
}

/// Passes when the pixels of `found` are the bits of `expected`, moved by `shift`, over the window
/// of `found`. Pixels that are NaN in `found` were not asked for.
pub(crate) fn same(found: &Rendered, expected: &Rendered, shift: (i32, i32)) -> Result<(), Fault> {
    clean(&found.report)?;
    let w = found.bounds;
    let mut different = 0usize;
    let mut first = None;
    let mut compared = 0usize;
    for y in w.y1..w.y2 {
        for x in w.x1..w.x2 {
            let a = found.at(x, y);
            if a.iter().all(|value| value.is_nan()) {
                continue;
            }
            compared += 1;
            let b = expected.at(x - shift.0, y - shift.1);
            if a.map(f32::to_bits) != b.map(f32::to_bits) {
                different += 1;
                first.get_or_insert((x, y, a, b));
            }
        }
    }
    if compared == 0 {
        return Err(Fault::Pixels(format!("no pixel was rendered in {w:?}")));
    }
    match first {
        None => Ok(()),
        Some((x, y, a, b)) => Err(Fault::Pixels(format!(
            "{different} of {compared} pixels differ; at {x},{y} found {a:?}, expected {b:?}"
        ))),
    }
}

/// Passes when every pixel is finite.
pub(crate) fn finite(found: &Rendered) -> Result<(), Fault> {
    clean(&found.report)?;
    match found.pixels.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(at) => Err(Fault::Pixels(format!("value {at} is {}", found.pixels[at]))),
    }
}

/// Runs every case. The first row is the plain render itself; when that fails, it is the only one.
#[must_use]
pub fn run_matrix(bundle: &Path, options: &MatrixOptions) -> MatrixReport {
    let mut report = MatrixReport::default();
    let picture = picture::picture(if options.small { (20, 14) } else { (96, 61) });
    let bench = match plain(bundle, options, &picture) {
        Ok(bench) => bench,
        Err(fault) => {
            report.rows.push(Row::new("plain render", Err(fault)));
            return report;
        }
    };
    report.rows.push(Row::new("plain render", finite(&bench.reference)));
    for (name, run) in cases::all() {
        if options.only.as_ref().is_some_and(|only| !name.contains(only.as_str())) {
            continue;
        }
        log::info!("matrix: {name}");
        report.rows.push(Row::new(name, run(&bench)));
    }
    report
}

fn plain<'a>(
    bundle: &'a Path,
    options: &'a MatrixOptions,
    picture: &HostImage,
) -> Result<Bench<'a>, Fault> {
    let request = picture::request();
    let sources = picture::sources(picture);
    let config = HostConfig { depths: vec![Depth::Float], ..HostConfig::default() };
    let mut effect = open(bundle, options, config, Context::Filter)?;
    let plain_fields = effect.describe().clips.iter().all(|clip| {
        clip.name == "Output"
            || clip.text(headroom_ofx_sys::kOfxImageClipPropFieldExtraction)
                == headroom_ofx_sys::kOfxImageFieldBoth.to_str().ok()
    });
    let reference = effect.render(&request, &sources)?;
    close(effect)?;
    let config = HostConfig { depths: vec![Depth::Half], ..HostConfig::default() };
    let half_reference = match open(bundle, options, config, Context::Filter) {
        Ok(mut effect) => Some(effect.render(&request, &sources)?),
        Err(HostError::NoDepth { .. }) => None,
        Err(error) => return Err(error.into()),
    };
    let cpu_reference = match options.memory {
        ImageMemory::Cpu => None,
        _ => {
            let options = MatrixOptions { memory: ImageMemory::Cpu, ..options.clone() };
            let config = HostConfig { depths: vec![Depth::Float], ..HostConfig::default() };
            let mut effect = open(bundle, &options, config, Context::Filter)?;
            Some(effect.render(&request, &sources)?)
        }
    };
    let picture = picture.clone();
    Ok(Bench { cpu_reference, bundle, options, picture, reference, half_reference, plain_fields })
}

/// The kinds in a list of violations, for tests.
#[must_use]
pub fn kinds(violations: &[Violation]) -> Vec<ViolationKind> {
    let mut kinds: Vec<_> = violations.iter().map(|violation| violation.kind).collect();
    kinds.sort();
    kinds.dedup();
    kinds
}

/// The whole picture of a render.
pub(crate) fn whole(image: &HostImage) -> Window {
    image.bounds
}
