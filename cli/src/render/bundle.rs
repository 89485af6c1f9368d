//! Rendering by the OpenFX plug-in, driven as a host drives it.

use super::{Rendered, Source, Task};
use crate::error::{Error, Outcome};
use headroom::expand::Alpha;
use headroom::settings::{Id, SETTINGS, Value, Values};
use headroom_frame::Frame;
use headroom_host::{
    Checks, ClipFormat, Context, Depth, Effect, HostConfig, HostError, HostImage, Premult, Project,
    RenderRequest, Sources, Window,
};
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// Frames that any sequence may have.
const EVERY_FRAME: [f64; 2] = [-1e9, 1e9];

/// Names of the plug-in's clips.
const SOURCE: &str = "Source";
const MASK: &str = "Mask";

/// The plug-in, loaded, with one instance.
pub(crate) struct Bundle {
    effect: Effect,
    /// Values as last set; hosts, too, tell a plug-in only what changed.
    told: HashMap<&'static str, String>,
}

impl Bundle {
    /// Loads a bundle.
    ///
    /// # Errors
    /// Missing where there is none, else what the plug-in did wrong.
    pub(crate) fn open(path: &Path) -> Outcome<Self> {
        if !path.exists() {
            return Err(Error::missing(format!(
                "{}: found no such bundle, expected an OpenFX plug-in such as Headroom.ofx.bundle",
                path.display()
            )));
        }
        let config = HostConfig {
            depths: vec![Depth::Float],
            background: true,
            checks: Checks::Cheap,
            project: Project { frames: EVERY_FRAME, ..Project::default() },
            ..HostConfig::default()
        };
        let effect = Effect::open(path, None, config, Context::General)
            .map_err(|error| failed(path, &error))?;
        Ok(Self { effect, told: HashMap::new() })
    }

    /// Hands over every setting that differs from what the plug-in was told before. The preset
    /// is not among them: choosing it would set others again.
    fn tell(&mut self, values: &Values) -> Outcome {
        for setting in SETTINGS.iter().filter(|s| s.key != Id::Preset) {
            let text = match values.get(setting.key) {
                Some(Value::Choice(index)) => index.to_string(),
                Some(_) => values.text(setting.key).unwrap_or_default(),
                None => continue,
            };
            if self.told.get(setting.id) != Some(&text) {
                self.effect
                    .set(setting.id, &text)
                    .map_err(|error| failed(self.effect.binary(), &error))?;
                self.told.insert(setting.id, text);
            }
        }
        Ok(())
    }

    pub(super) fn render(&mut self, task: &Task<'_>, buffer: Vec<f32>) -> Outcome<Rendered> {
        // The host makes buffers of its own. This one goes now and not before, so that from the
        // second frame on the last result's memory is there in every render, written or not.
        drop(buffer);
        self.tell(&task.resolved.values)?;
        let clips = Clips::new(task);
        let result = self.effect.render(&RenderRequest::at(task.frame as f64), &clips);
        if let Some(error) = clips.error.into_inner().unwrap_or_else(PoisonError::into_inner) {
            return Err(error);
        }
        let rendered = result.map_err(|error| failed(self.effect.binary(), &error))?;
        for violation in &rendered.report.violations {
            log::warn!("the plug-in broke a rule of OpenFX: {violation}");
        }
        let expected = window(&task.picture);
        if rendered.bounds != expected {
            return Err(Error::failed(format!(
                "{}: bounds of the result: found {:?}, expected {expected:?}",
                self.effect.binary().display(),
                rendered.bounds
            )));
        }
        Ok(Rendered { pixels: rendered.pixels, clip_share: None })
    }
}

fn failed(path: &Path, error: &HostError) -> Error {
    Error::failed(format!("{}: {error}", path.display()))
}

/// Rows count upwards in OpenFX: row y of a file is row -1 - y.
fn window(frame: &Frame) -> Window {
    let data = frame.data_window;
    let right = data.x.saturating_add_unsigned(data.width);
    let bottom = data.y.saturating_add_unsigned(data.height);
    Window::new(data.x, -bottom, right, -data.y)
}

/// The pictures of one render.
struct Clips<'a> {
    frame: i64,
    picture: HostImage,
    mask: Option<HostImage>,
    alpha: Alpha,
    source: &'a Source,
    /// What went wrong while a neighbour was read; a plug-in only learns that there is none.
    error: Mutex<Option<Error>>,
}

impl<'a> Clips<'a> {
    fn new(task: &Task<'a>) -> Self {
        let (frame, alpha) = (task.frame, task.resolved.alpha);
        Self {
            frame,
            picture: image(&task.picture, alpha, task.source.name(frame)),
            mask: task
                .mask
                .as_deref()
                .map(|mask| image(mask, Alpha::Straight, format!("mask of {frame}"))),
            alpha,
            source: task.source,
            error: Mutex::default(),
        }
    }

    /// Made anew for every call: the source keeps a few decoded frames, and to keep copies of all
    /// would make memory grow with the radius.
    fn neighbour(&self, number: i64) -> Option<HostImage> {
        match self.source.neighbour(number) {
            Ok(frame) => Some(image(&*frame?, self.alpha, self.source.name(number))),
            Err(error) => {
                *self.error.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                None
            }
        }
    }
}

impl Sources for Clips<'_> {
    fn image(&self, clip: &str, time: f64) -> Option<HostImage> {
        let number = time.round() as i64;
        match clip {
            SOURCE if number == self.frame => Some(self.picture.clone()),
            SOURCE => self.neighbour(number),
            MASK => self.mask.clone(),
            _ => None,
        }
    }

    fn format(&self, clip: &str, _time: f64) -> Option<ClipFormat> {
        match clip {
            SOURCE => Some(self.picture.format()),
            MASK => self.mask.as_ref().map(HostImage::format),
            _ => None,
        }
    }
}

/// A frame as the host hands it out. Pixels count as square: the engine does not look at their
/// shape, and what it is in the file goes into the result past the plug-in.
fn image(frame: &Frame, alpha: Alpha, id: String) -> HostImage {
    let bounds = window(frame);
    HostImage {
        pixels: Arc::from(frame.pixels.as_slice()),
        bounds,
        definition: bounds,
        pixel_aspect: 1.0,
        premult: match alpha {
            Alpha::Opaque => Premult::Opaque,
            Alpha::Premultiplied => Premult::Premultiplied,
            Alpha::Straight => Premult::Unpremultiplied,
        },
        colourspace: None,
        id,
    }
}
