//! What is measured, by name: a metric, the part of the picture and the alignment.
//!
//! A name is `<metric>[_clipped][_s|_p]`, for example `psnr_pu21_clipped_s`.

use super::erm::{ERMS, ErmInfo};
use crate::Error;
use headroom::metrics::{Better, METRICS, Metric, Pair};

/// What is done to a prediction before it is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Nothing.
    None,
    /// One factor on its light, found where the camera neither clipped nor crushed.
    Scale,
    /// One cubic tone curve in log2, found there too.
    Curve,
}

/// An alignment as settings, flags and tables name it.
#[derive(Debug)]
pub struct AlignInfo {
    /// Which.
    pub align: Align,
    /// Value of settings and flags.
    pub id: &'static str,
    /// What ends a measure's name.
    pub suffix: &'static str,
    /// What it does, for under a table.
    pub hint: &'static str,
}

/// Every alignment.
pub static ALIGNS: &[AlignInfo] = &[
    AlignInfo { align: Align::None, id: "none", suffix: "", hint: "not aligned" },
    AlignInfo {
        align: Align::Scale,
        id: "s",
        suffix: "_s",
        hint: "scale-aligned: one factor per picture, least squares of log luminance over pixels \
               whose codes all lie in 13 to 249",
    },
    AlignInfo {
        align: Align::Curve,
        id: "p",
        suffix: "_p",
        hint: "curve-aligned: one cubic per picture in log2 of the light, fitted over pixels whose \
               codes all lie in 13 to 249 (Hanji et al. 2022)",
    },
];

impl Align {
    /// The alignment that settings and flags name.
    #[must_use]
    pub fn find(id: &str) -> Option<Self> {
        ALIGNS.iter().find(|info| info.id == id).map(|info| info.align)
    }

    /// How it is named.
    #[must_use]
    pub fn info(self) -> &'static AlignInfo {
        &ALIGNS[self as usize]
    }
}

/// Which pixels count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Region {
    /// All.
    Whole,
    /// Those with a channel whose code is 250 or more.
    Clipped,
}

impl Region {
    /// What names it in a measure's name.
    #[must_use]
    pub fn suffix(self) -> &'static str {
        match self {
            Self::Whole => "",
            Self::Clipped => "_clipped",
        }
    }
}

/// Which median the protocol wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Middle {
    /// With its sign.
    Signed,
    /// Of the size.
    Size,
}

impl Middle {
    /// Of a metric.
    #[must_use]
    pub fn of(id: &str, better: Better) -> Self {
        match better {
            Better::Zero if !id.starts_with("bias") => Self::Size,
            _ => Self::Signed,
        }
    }
}

/// What is computed.
#[derive(Clone, Copy, Debug)]
pub enum What {
    /// One of the engine's metrics.
    Metric(&'static Metric),
    /// Editability.
    Erm(&'static ErmInfo),
}

impl What {
    fn all() -> impl Iterator<Item = Self> {
        METRICS.iter().map(Self::Metric).chain(ERMS.iter().map(Self::Erm))
    }

    /// Stable identifier.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Metric(metric) => metric.id,
            Self::Erm(erm) => erm.id,
        }
    }

    /// What it counts: `dB`, `stops` or nothing.
    #[must_use]
    pub fn unit(self) -> &'static str {
        match self {
            Self::Metric(metric) => metric.unit,
            Self::Erm(_) => "",
        }
    }

    /// Which way is better.
    #[must_use]
    pub fn direction(self) -> Better {
        match self {
            Self::Metric(metric) => metric.better,
            Self::Erm(_) => Better::Lower,
        }
    }

    /// What it tells, in a sentence.
    #[must_use]
    pub fn hint(self) -> &'static str {
        match self {
            Self::Metric(metric) => metric.hint,
            Self::Erm(erm) => erm.hint,
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Metric(metric) => metric.label,
            Self::Erm(erm) => erm.label,
        }
    }
}

/// Every metric that a measure can name: identifier and what it tells.
pub fn metrics() -> impl Iterator<Item = (&'static str, &'static str)> {
    What::all().map(|what| (what.id(), what.hint()))
}

/// A metric over a part of the picture after an alignment.
#[derive(Clone, Copy, Debug)]
pub struct Measure {
    /// What is computed.
    pub what: What,
    /// Where.
    pub region: Region,
    /// Of what.
    pub align: Align,
}

impl Measure {
    /// The measure of that name; one without `_s` or `_p` takes `align`.
    ///
    /// # Errors
    /// When there is none; `field` is what named it.
    pub fn find(field: &str, name: &str, align: Align) -> Result<Self, Error> {
        let named = ALIGNS[1..].iter().find_map(|a| Some((name.strip_suffix(a.suffix)?, a.align)));
        let (rest, align) = named.unwrap_or((name, align));
        let (id, region) = match rest.strip_suffix(Region::Clipped.suffix()) {
            Some(id) => (id, Region::Clipped),
            None => (rest, Region::Whole),
        };
        let what = What::all().find(|what| what.id() == id).ok_or_else(|| {
            let ids: Vec<_> = What::all().map(What::id).collect();
            let expected = format!(
                "one of {}; then _clipped for clipped pixels alone; then _s or _p for scale or \
                 curve alignment",
                ids.join(", ")
            );
            Error::setting(field, name, expected)
        })?;
        Ok(Self { what, region, align })
    }

    /// Which median the protocol wants of it.
    #[must_use]
    pub fn middle(&self) -> Middle {
        Middle::of(self.what.id(), self.what.direction())
    }

    /// The name, with the alignment said where there is one.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}{}{}", self.what.id(), self.region.suffix(), self.align.info().suffix)
    }

    /// Text on screen.
    #[must_use]
    pub fn label(&self) -> String {
        let label = self.what.label();
        match self.region {
            Region::Whole => label.to_owned(),
            Region::Clipped => format!("{label}, in clip"),
        }
    }

    /// Whether `a` is better than `b`; a number is better than none.
    #[must_use]
    pub fn better(&self, a: f64, b: f64) -> bool {
        if b.is_nan() {
            return !a.is_nan();
        }
        match self.what.direction() {
            Better::Higher => a > b,
            Better::Lower => a < b,
            Better::Zero => a.abs() < b.abs(),
        }
    }

    pub(super) fn measure(&self, pair: &Pair<'_>, clipped: &[bool]) -> f64 {
        let region = match self.region {
            Region::Whole => None,
            Region::Clipped => Some(clipped),
        };
        match self.what {
            What::Metric(metric) => metric.measure(pair, region),
            What::Erm(erm) => erm.measure(pair, region),
        }
    }
}
