//! The picture's way: ingest, analyse, predict, compose, emit.

use crate::settings::{Id, Values};
use headroom_colour::{Conversion, Space, Viewing, find, spaces};
use headroom_kernel::{ImageMut, ImageRef, Planes, Pool, Rect};

/// A method of expansion as menus show it.
#[derive(Debug)]
pub struct MethodInfo {
    /// Stable identifier.
    pub id: &'static str,
    /// Text on screen.
    pub label: &'static str,
}

/// Every method, in menu order; append-only.
pub static METHODS: &[MethodInfo] = &[
    MethodInfo { id: "inverse", label: "Inverse (no expansion)" },
    MethodInfo { id: "inverse-highlights", label: "Inverse with highlights" },
    MethodInfo { id: "bt2446a", label: "ITU-R BT.2446 A" },
    MethodInfo { id: "bt2446c", label: "ITU-R BT.2446 C" },
    MethodInfo { id: "akyuz2007", label: "Akyuz 2007" },
];

/// A view as menus show it.
#[derive(Debug)]
pub struct ViewInfo {
    /// Stable identifier.
    pub id: &'static str,
    /// Text on screen.
    pub label: &'static str,
}

/// Every view, in menu order; append-only.
pub static VIEWS: &[ViewInfo] = &[
    ViewInfo { id: "result", label: "Result" },
    ViewInfo { id: "clip-mask", label: "Clip mask" },
    ViewInfo { id: "confidence", label: "Confidence" },
    ViewInfo { id: "difference", label: "Difference in stops" },
    ViewInfo { id: "false-colour", label: "False colour by stops" },
    ViewInfo { id: "exposure-preview", label: "Exposure preview" },
    ViewInfo { id: "expansion-only", label: "Expansion only" },
];

/// Spaces offered for the input, in menu order; append-only.
pub fn input_spaces() -> impl Iterator<Item = &'static Space> {
    spaces().iter()
}

/// Spaces offered for the output, in menu order; append-only.
pub fn output_spaces() -> impl Iterator<Item = &'static Space> {
    spaces().iter()
}

/// How alpha relates to colour in the source; the output keeps it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Alpha {
    /// Alpha is 1 everywhere or means nothing.
    #[default]
    Opaque,
    /// Colour is multiplied by alpha.
    Premultiplied,
    /// Colour is not multiplied by alpha.
    Straight,
}

/// What the surroundings (a host, a file) know that settings leave to "Auto".
#[derive(Clone, Copy, Debug, Default)]
pub struct Surroundings {
    /// Space of the source where it is told.
    pub input_space: Option<&'static Space>,
    /// Space wanted of the output where it is told.
    pub output_space: Option<&'static Space>,
    /// How alpha relates to colour.
    pub alpha: Alpha,
}

/// Settings and surroundings, resolved and ready to run; holds no pixels.
#[derive(Clone, Debug)]
pub struct Plan {
    input: &'static Space,
    output: &'static Space,
    identity: bool,
}

/// What the whole frame decides: its statistics and its low-resolution fields.
#[derive(Clone, Debug)]
pub struct Analysis {
    statistics: Statistics,
}

/// The part of an analysis that may be averaged over frames or taken from another frame.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Statistics {
    /// Code value from which a channel counts as clipped.
    pub clip_level: f32,
    /// Share of the pixels with a clipped channel, 0 to 1.
    pub clip_share: f32,
}

/// What a render has to tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Source values that were not a number and were read as 0.
    pub nan: u64,
}

/// The caller asked to stop; the output holds no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interrupted;

/// Asked now and then during the work; true means stop.
pub type Abort<'a> = &'a (dyn Fn() -> bool + Sync);

impl Plan {
    /// Resolves settings in their surroundings.
    #[must_use]
    pub fn new(values: &Values, surroundings: &Surroundings) -> Self {
        let named = |key: Id| values.text(key).and_then(|name| find(&name));
        let srgb = find("srgb").unwrap_or(&spaces()[0]);
        let acescg = find("ACEScg").unwrap_or(&spaces()[0]);
        let input = named(Id::InputSpace).or(surroundings.input_space).unwrap_or(srgb);
        let output = named(Id::OutputSpace).or(surroundings.output_space).unwrap_or(acescg);
        let identity = values.number(Id::Amount) == 0.0 && std::ptr::eq(input, output);
        Self { input, output, identity }
    }

    /// True when the output equals the source, so that nothing need be rendered.
    #[must_use]
    pub fn is_identity(&self) -> bool {
        self.identity
    }

    /// True when [`analyse`] needs the whole frame before [`render`] can do any part of it.
    #[must_use]
    pub fn needs_whole_frame(&self) -> bool {
        false
    }

    /// Space of the source, Auto resolved.
    #[must_use]
    pub fn input_space(&self) -> &'static Space {
        self.input
    }

    /// Space of the output, Auto resolved.
    #[must_use]
    pub fn output_space(&self) -> &'static Space {
        self.output
    }

    /// A number that differs when [`analyse`] could differ on the same picture.
    #[must_use]
    pub fn analysis_key(&self) -> u64 {
        0
    }

    /// Frames whose statistics are averaged for a render at `time`, in ascending order; `time`
    /// alone when there is nothing to average. A frozen analysis names its frame.
    #[must_use]
    pub fn analysis_times(&self, time: f64) -> Vec<f64> {
        vec![time]
    }
}

impl Statistics {
    /// Mean over frames.
    #[must_use]
    pub fn mean(of: &[Self]) -> Self {
        let n = of.len().max(1) as f32;
        Self {
            clip_level: of.iter().map(|s| s.clip_level).sum::<f32>() / n,
            clip_share: of.iter().map(|s| s.clip_share).sum::<f32>() / n,
        }
    }
}

impl Analysis {
    /// What was measured.
    #[must_use]
    pub fn statistics(&self) -> &Statistics {
        &self.statistics
    }

    /// The same analysis with other statistics (averaged over frames, or frozen).
    #[must_use]
    pub fn with_statistics(self, statistics: Statistics) -> Self {
        Self { statistics }
    }

    /// Bytes it holds, for caches.
    #[must_use]
    pub fn bytes(&self) -> usize {
        size_of::<Self>()
    }
}

/// Looks at the whole frame. `frame` is where the frame lies; pixels the source does not cover
/// count as black and transparent.
///
/// # Errors
/// When `abort` said so.
pub fn analyse(
    _plan: &Plan,
    _source: &ImageRef<'_>,
    _frame: Rect,
    _pool: &Pool,
    abort: Abort<'_>,
) -> Result<Analysis, Interrupted> {
    if abort() {
        return Err(Interrupted);
    }
    Ok(Analysis { statistics: Statistics::default() })
}

/// Renders every pixel of `output`'s rectangle (crop it to the window first). Source and mask may
/// cover less or more; the mask's alpha is what counts (its red where it has no alpha).
///
/// # Errors
/// When `abort` said so; the output is then unfinished.
pub fn render(
    plan: &Plan,
    _analysis: &Analysis,
    source: &ImageRef<'_>,
    _mask: Option<&ImageRef<'_>>,
    output: ImageMut<'_>,
    pool: &Pool,
    abort: Abort<'_>,
) -> Result<Report, Interrupted> {
    let conversion = Conversion::new(plan.input, plan.output, Viewing::default());
    let width = output.rect().width();
    pool.for_each(output.into_bands(16), |mut band| {
        if abort() {
            return;
        }
        let (mut r, mut g, mut b, mut a) =
            (vec![0.0; width], vec![0.0; width], vec![0.0; width], vec![0.0; width]);
        for y in band.rect().y1..band.rect().y2 {
            let x = band.rect().x1;
            source.load(x, y, &mut Planes { r: &mut r, g: &mut g, b: &mut b, a: &mut a });
            conversion.convert_planar(&mut r, &mut g, &mut b);
            band.store(x, y, [&r, &g, &b, &a]);
        }
    });
    if abort() { Err(Interrupted) } else { Ok(Report::default()) }
}
