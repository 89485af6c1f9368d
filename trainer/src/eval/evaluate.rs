//! Scores of several methods over a data set and conditions.

use super::condition::Condition;
use super::report::gallery::Gallery;
use super::scene::{Loaded, Scene, Source, prediction_path};
use super::score::Masks;
use super::{Align, Expander, Judged, Measure, Summary, score};
use crate::Error;
use crate::shot;
use headroom::metrics::{Flicker, FramePair};
use headroom_frame::{Sample, WriteOptions};
use headroom_kernel::Pool;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What is measured unless something else is asked for: the protocol's columns, then editability.
pub const MEASURES: &[&str] = &[
    "psnr_pu21",
    "psnr_pu21_clipped",
    "ssim_pu21",
    "rmse_stops_clipped",
    "bias_stops_clipped",
    "rmse_acescct",
    "rmse_acescct_clipped",
    "itp",
    "energy_clipped",
    "peak_clipped",
    "defocus",
    "erm_pu21",
    "erm_acescct",
];

/// What pairs of files are called where conditions have their names.
pub const PAIRS: &str = "pairs";

/// What to evaluate.
#[derive(Debug)]
pub struct Options {
    /// Pictures.
    pub source: Source,
    /// Conditions under which light is seen; pairs have none.
    pub conditions: Vec<&'static Condition>,
    /// What predicts.
    pub expanders: Vec<Expander>,
    /// What is measured.
    pub measures: Vec<Measure>,
    /// Alignment of the pictures that are shown.
    pub align: Align,
    /// Files that differ by a number are frames of clips.
    pub clips: bool,
    /// Pictures of each condition, the first ones; 0: all.
    pub pictures: usize,
    /// Pictures of each condition and method that the report shows.
    pub shown: usize,
    /// Where predictions, inputs and truths are written as well, if anywhere.
    pub exr: Option<PathBuf>,
}

/// The scores of one method under one condition.
#[derive(Clone, Debug)]
pub struct Cell {
    /// The condition, or [`PAIRS`].
    pub condition: String,
    /// The method.
    pub method: String,
    /// Whether it was to find the camera's curve from the picture.
    pub estimated: bool,
    /// Numbers of all pictures.
    pub summary: Summary,
    /// Numbers of each clip, in the order of [`headroom::metrics::CLIP_METRICS`].
    pub clips: Vec<(String, Vec<f64>)>,
}

/// What an evaluation found.
#[derive(Debug)]
pub struct Results {
    /// Condition by condition, method by method.
    pub cells: Vec<Cell>,
    /// Of each picture under each condition: its exposure and the share that clipped.
    pub pictures: BTreeMap<(String, String), [f64; 2]>,
    /// Pictures to look at.
    pub gallery: Gallery,
}

/// Runs an evaluation; `progress` is told how many of how many pictures are done.
///
/// # Errors
/// With the first picture that cannot be had, predicted or measured.
pub fn evaluate(
    options: &Options,
    pool: &Pool,
    progress: &mut dyn FnMut(usize, usize, &str) -> Result<(), Error>,
) -> Result<Results, Error> {
    let mut scenes = options.source.scenes(options.clips)?;
    if options.pictures > 0 {
        scenes.truncate(options.pictures);
    }
    let conditions: Vec<Option<&Condition>> = match options.source {
        Source::Light { .. } => options.conditions.iter().copied().map(Some).collect(),
        Source::Pairs { .. } => vec![None],
    };
    let mut cells = Vec::new();
    for condition in &conditions {
        for expander in &options.expanders {
            cells.push(Cell {
                condition: condition.map_or(PAIRS, |c| c.id).to_owned(),
                method: expander.name().to_owned(),
                estimated: expander.estimated(),
                summary: Summary::new(options.measures.clone()),
                clips: Vec::new(),
            });
        }
    }
    let mut state = State {
        options,
        pool,
        flickers: vec![Flicker::default(); cells.len()],
        cells,
        exposures: vec![None; conditions.len()],
        pictures: BTreeMap::new(),
        gallery: Gallery::default(),
    };
    let mut clip = None;
    for (index, scene) in scenes.iter().enumerate() {
        progress(index, scenes.len(), &scene.name)?;
        if scene.clip != clip || scene.clip.is_none() {
            state.end_clip(clip.as_deref());
            clip.clone_from(&scene.clip);
        }
        if let Some(loaded) = scene.load()? {
            for (number, condition) in conditions.iter().enumerate() {
                state.picture(scene, &loaded, number, *condition)?;
            }
        }
    }
    state.end_clip(clip.as_deref());
    progress(scenes.len(), scenes.len(), "")?;
    let State { cells, pictures, gallery, .. } = state;
    Ok(Results { cells, pictures, gallery })
}

struct State<'o> {
    options: &'o Options,
    pool: &'o Pool,
    cells: Vec<Cell>,
    flickers: Vec<Flicker>,
    /// Of each condition; kept over the frames of a clip, whose camera does not change.
    exposures: Vec<Option<f64>>,
    pictures: BTreeMap<(String, String), [f64; 2]>,
    gallery: Gallery,
}

impl State<'_> {
    fn picture(
        &mut self,
        scene: &Scene,
        loaded: &Loaded,
        number: usize,
        condition: Option<&Condition>,
    ) -> Result<(), Error> {
        let size = [loaded.light.height, loaded.light.width];
        let id = condition.map_or(PAIRS, |condition| condition.id);
        let (exposure, code, truth) = match (condition, &loaded.code) {
            (_, Some(code)) => (1.0, code.clone(), loaded.light.pixels.clone()),
            (Some(condition), None) => {
                let exposure = match self.exposures[number] {
                    Some(exposure) => exposure,
                    None => condition.exposure(&loaded.light)?,
                };
                self.exposures[number] = Some(exposure);
                let (code, truth) = condition.shoot(&loaded.light, exposure)?;
                (exposure, code, truth)
            }
            (None, None) => return Err(Error::failed(format!("{}: has no codes", scene.name))),
        };
        let masks = Masks::of(&code);
        let clipped = masks.clipped.iter().filter(|clipped| **clipped).count();
        let share = clipped as f64 / masks.clipped.len() as f64;
        self.pictures.insert((id.to_owned(), scene.name.clone()), [exposure, share]);
        let exr = self.options.exr.as_deref();
        if let Some(folder) = exr {
            let input = prediction_path(&folder.join("input"), id, &scene.name);
            write(&input.with_extension("png"), size, &code)?;
            write(&prediction_path(&folder.join("truth"), id, &scene.name), size, &truth)?;
        }
        for (place, expander) in self.options.expanders.iter().enumerate() {
            let cell = number * self.options.expanders.len() + place;
            let named = |error: Error| match error {
                Error::Failed(text) => Error::Failed(format!("{id}, {}: {text}", scene.name)),
                other => other,
            };
            let prediction =
                expander.predict_under(id, &scene.name, size, &code, self.pool).map_err(named)?;
            let judged = Judged { size, prediction: &prediction, truth: &truth, code: &code };
            let scores = score(&self.options.measures, &judged, self.pool)?;
            let values: Vec<f64> = scores.into_iter().map(|(_, value)| value).collect();
            self.cells[cell].summary.add(scene.name.clone(), values);
            if scene.clip.is_some() {
                self.flickers[cell].add(&FramePair {
                    test: prediction.as_chunks().0,
                    truth: truth.as_chunks().0,
                    region: &masks.clipped,
                    width: size[1],
                    motion: scene.motion,
                });
            }
            if let Some(folder) = exr {
                let folder = folder.join(super::scene::file_name(expander.name()));
                write(&prediction_path(&folder, id, &scene.name), size, &prediction)?;
            }
            if self.cells[cell].summary.scores().len() <= self.options.shown {
                let aligned = judged.aligned(self.options.align)?;
                let shown = Judged { prediction: &aligned, ..judged };
                self.gallery.add(id, &scene.name, expander.name(), place == 0, &shown)?;
            }
        }
        Ok(())
    }

    /// Takes the clip's numbers down and begins anew.
    fn end_clip(&mut self, clip: Option<&str>) {
        self.exposures.fill(None);
        for (cell, flicker) in self.cells.iter_mut().zip(&mut self.flickers) {
            if let Some(clip) = clip {
                cell.clips.push((clip.to_owned(), flicker.measure()));
            }
            *flicker = Flicker::default();
        }
    }
}

/// Writes light as an EXR of 32-bit floats, codes as a PNG.
fn write(path: &Path, size: [usize; 2], rgb: &[f32]) -> Result<(), Error> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|error| Error::file(folder, error))?;
    }
    let sample = match path.extension().is_some_and(|extension| extension == "exr") {
        true => Sample::Float,
        false => Sample::U8,
    };
    let options = WriteOptions { sample, ..WriteOptions::default() };
    headroom_frame::write(path, &shot::opaque(size, rgb), &options)?;
    Ok(())
}
