//! How results are written.

use super::resolve::Resolved;
use crate::error::{Error, Outcome};
use crate::provenance;
use headroom::settings::Id;
use headroom_colour::{Kind, Viewing};
use headroom_frame::{ExrCompression, FileKind, Frame, Sample, WriteOptions, WriteReport, write};
use std::path::Path;

/// Choices of the user about files.
#[derive(Clone, Debug)]
pub(crate) struct Output {
    pub(crate) compression: ExrCompression,
    pub(crate) sample: Sample,
    pub(crate) jpeg_quality: u8,
    pub(crate) threads: usize,
}

impl Output {
    /// Refuses linear light in whole numbers: everything above white would be cut away and the
    /// shadows would be steps.
    pub(super) fn check(&self, path: &Path, resolved: &Resolved) -> Outcome {
        let space = resolved.output_space();
        let linear = space.kind == Kind::SceneLinear && !resolved.is_data();
        if linear && self.is_integer(path) {
            return Err(Error::usage(format!(
                "{}: colour space of the output: found {}, which is linear and does not fit whole \
                 numbers, expected a log or HDR display space (for example --space-out \
                 Rec.2100-PQ), or an EXR file (`headroom prep` makes pictures of it to look at)",
                path.display(),
                space.name
            )));
        }
        Ok(())
    }

    fn is_integer(&self, path: &Path) -> bool {
        match FileKind::from_path(path) {
            Some(FileKind::Png | FileKind::Jpeg) => true,
            Some(FileKind::Tiff) => self.sample != Sample::Float,
            _ => false,
        }
    }

    /// Writes a result whole or not at all.
    pub(super) fn write(
        &self,
        path: &Path,
        frame: &mut Frame,
        resolved: &Resolved,
    ) -> Outcome<WriteReport> {
        let space = resolved.output_space();
        // What the input said of its own colours is not true of the result.
        frame.metadata.chromaticities = None;
        frame.metadata.white_luminance = None;
        let aces = space.name == "ACES2065-1"
            && !resolved.is_data()
            && self.compression == ExrCompression::None;
        let options = WriteOptions {
            compression: self.compression,
            sample: self.sample,
            jpeg_quality: self.jpeg_quality,
            provenance: Some(provenance::of(
                &resolved.values,
                resolved.plan.network().map(|loaded| &*loaded.model),
            )),
            chromaticities: (!resolved.is_data()).then_some(space.primaries),
            white_luminance: white_luminance(resolved),
            aces_container: aces,
            threads: self.threads,
        };
        let report = write(path, frame, &options)?;
        tell(path, &report);
        Ok(report)
    }
}

/// Nits of RGB (1, 1, 1), for spaces that are meant for a display.
fn white_luminance(resolved: &Resolved) -> Option<f32> {
    let space = resolved.output_space();
    if resolved.is_data() || matches!(space.kind, Kind::SceneLinear | Kind::Log) {
        return None;
    }
    let diffuse_white = resolved.values.number(Id::DiffuseWhite);
    let [_, g, _] = space.decode(&Viewing { diffuse_white }, [1.0; 3]);
    Some((g * diffuse_white) as f32)
}

fn tell(path: &Path, report: &WriteReport) {
    let path = path.display();
    if report.clamped_to_half > 0 {
        log::warn!(
            "{path}: {} values beyond half floats, written as 65504",
            report.clamped_to_half
        );
    }
    if report.clamped_to_range > 0 {
        log::info!("{path}: {} values outside 0 to 1 were cut", report.clamped_to_range);
    }
    if report.nan > 0 {
        log::warn!("{path}: {} values are no number, written as 0", report.nan);
    }
    if report.alpha_dropped {
        log::info!("{path}: the format holds no alpha");
    }
    if let Some(why) = &report.aces_refused {
        log::info!("{path}: no ACES container: {why}");
    }
}
