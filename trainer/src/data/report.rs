//! What a data set found: counts, sizes, dynamic range, what was left out and why.

use super::camera::curve::CURVES;
use super::scan::{Skipped, Video};
use super::settings::{Kind, Settings};
use crate::Error;
use serde::Serialize;
use std::fmt;

/// What a data set found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DataReport {
    /// What the SDR side comes from.
    pub kind: &'static str,
    /// Pictures (frames) that are trained on, measured on, and kept.
    pub pictures: [usize; 3],
    /// The same in stills and sequences.
    pub videos: [usize; 3],
    /// Panoramas among them.
    pub panoramas: usize,
    /// Width, height and number of pictures, the smallest first.
    pub sizes: Vec<(usize, usize, usize)>,
    /// Stops from the 1st percentile of luminance to its maximum, of each picture that is used.
    pub stops: Vec<f64>,
    /// Share of the pixels that clip, of each picture with an SDR file.
    pub clipped: Vec<f64>,
    /// How often each family of curves is drawn, shares of 1; only where cameras are simulated.
    pub curves: Vec<(String, f64)>,
    /// Name and reason of what could not be read.
    pub unreadable: Vec<(String, String)>,
    /// Name and reason of what was left out.
    pub skipped: Vec<(String, String)>,
}

impl DataReport {
    pub(super) fn new(settings: &Settings, parts: [&[Video]; 3], skipped: Vec<Skipped>) -> Self {
        let kind = match settings.kind() {
            Ok(Kind::Pairs) => "pairs",
            Ok(Kind::LogC) => "LogC3",
            _ => "simulated cameras",
        };
        let all = || parts.into_iter().flatten().flat_map(|video| &video.frames);
        let mut sizes = std::collections::BTreeMap::new();
        for source in all() {
            *sizes.entry((source.facts.width, source.facts.height)).or_insert(0) += 1;
        }
        let (unreadable, skipped): (Vec<_>, Vec<_>) =
            skipped.into_iter().partition(|skipped| skipped.unreadable);
        let texts = |skipped: Vec<Skipped>| {
            skipped.into_iter().map(|skipped| (skipped.name, skipped.reason)).collect()
        };
        let weights = &settings.camera.curves;
        let total: f64 = weights.values().sum();
        let share = |id: &str| weights.get(id).copied().unwrap_or(0.0) / total;
        let simulated = settings.kind() == Ok(Kind::Camera);
        let families = CURVES.iter().filter(|_| simulated);
        Self {
            kind,
            curves: families.map(|f| (f.id.to_owned(), share(f.id))).collect(),
            pictures: parts.map(|part| part.iter().map(|video| video.frames.len()).sum()),
            videos: parts.map(<[Video]>::len),
            panoramas: parts.into_iter().flatten().filter(|video| video.panorama).count(),
            sizes: sizes.into_iter().map(|((w, h), count)| (w, h, count)).collect(),
            stops: all().map(|source| source.facts.stops).collect(),
            clipped: all().filter_map(|source| source.facts.clipped).collect(),
            unreadable: texts(unreadable),
            skipped: texts(skipped),
        }
    }

    /// As a picture: a PNG file.
    ///
    /// # Errors
    /// When it cannot be drawn.
    pub fn to_png(&self) -> Result<Vec<u8>, Error> {
        super::report_chart::draw(self)
    }

    /// As JSON.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

impl fmt::Display for DataReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [train, val, test] = self.pictures;
        writeln!(f, "data: {}", self.kind)?;
        writeln!(f, "  pictures: {train} to train on, {val} to measure on, {test} kept")?;
        writeln!(f, "  panoramas: {}", self.panoramas)?;
        let sizes: Vec<_> =
            self.sizes.iter().map(|(w, h, count)| format!("{count} of {w} x {h}")).collect();
        writeln!(f, "  sizes: {}", sizes.join(", "))?;
        for (title, list) in [("unreadable", &self.unreadable), ("left out", &self.skipped)] {
            writeln!(f, "  {title}: {}", list.len())?;
            for (name, reason) in list {
                writeln!(f, "    {name}: {reason}")?;
            }
        }
        Ok(())
    }
}
