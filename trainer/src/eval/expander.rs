//! Pictures of sRGB codes to linear Rec.709 light, by the engine that the plug-in runs.

use super::picture::{LIGHT, named};
use super::scene::file_name;
use crate::Error;
use crate::data::light::load;
use headroom::expand::{METHODS, Plan, Surroundings, analyse, render};
use headroom::model::Model;
use headroom::model::search::SearchPath;
use headroom::settings::Values;
use headroom_kernel::{Components, ImageMut, ImageRef, Pool, Rect};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Something that predicts the light of a picture.
#[derive(Clone, Debug)]
pub struct Expander {
    name: String,
    source: Source,
}

#[derive(Clone, Debug)]
enum Source {
    Engine(Box<Plan>),
    Folder(PathBuf),
}

impl Expander {
    /// Weights in memory. Nothing limits their light but the largest peak that the node offers (16
    /// stops above white, a hard cut, where the node's default is a roll-off below 6 stops) so what is
    /// measured is what the network says. `estimate`: the camera's curve is found from the picture,
    /// where it is otherwise told to be sRGB.
    ///
    /// # Errors
    /// When the network cannot be run on this machine, or a curve is to be found and neither it nor a
    /// `grid` that comes with the program finds it.
    pub fn model(model: Arc<Model>, estimate: bool) -> Result<Self, Error> {
        let name = model.header.name.clone();
        let mut plan = plan(METHODS[0].id, true, estimate)?;
        plan.load_model(model)?;
        Ok(Self { name, source: Source::Engine(Box::new(plan)) })
    }

    /// As [`Self::model`], from a weights file.
    ///
    /// # Errors
    /// When the file is not there or is no sound model; as [`Self::model`].
    pub fn weights(path: &Path, estimate: bool) -> Result<Self, Error> {
        let bytes = std::fs::read(path)
            .map_err(|error| Error::missing(format!("{}: {error}", path.display())))?;
        let model = Model::from_bytes(&path.display().to_string(), &bytes)?;
        Self::model(Arc::new(model), estimate)
    }

    /// One of the node's methods, a network by the weights that come with the program. Methods that
    /// are no network keep the node's defaults: for some of them the peak is what they expand to.
    ///
    /// # Errors
    /// When there is no such method or no weights for it.
    pub fn method(id: &str, estimate: bool) -> Result<Self, Error> {
        let method = METHODS.iter().find(|method| method.id == id).ok_or_else(|| {
            let ids: Vec<_> = METHODS.iter().map(|method| method.id).collect();
            Error::setting("method", id, format!("one of {}", ids.join(", ")))
        })?;
        let mut plan = plan(id, method.network, estimate)?;
        plan.load(&SearchPath::new(None))?;
        Ok(Self { name: id.to_owned(), source: Source::Engine(Box::new(plan)) })
    }

    /// What somebody else predicted: files of light that are named as the pictures are.
    #[must_use]
    pub fn predictions(folder: PathBuf) -> Self {
        let name = folder.file_name().unwrap_or(folder.as_os_str()).to_string_lossy().into_owned();
        Self { name, source: Source::Folder(folder) }
    }

    /// The same under another name.
    #[must_use]
    pub fn called(self, name: String) -> Self {
        Self { name, ..self }
    }

    /// What tables call it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it finds the camera's curve from the picture.
    #[must_use]
    pub fn estimated(&self) -> bool {
        matches!(&self.source, Source::Engine(plan) if plan.estimates())
    }

    /// The light of a picture: linear Rec.709, three numbers for each pixel, rows from the top as
    /// `code` has them (sRGB codes, 1 being full scale).
    ///
    /// # Errors
    /// When `code` has not that size, the network could not be run, or these are predictions, which
    /// need a name (see [`Self::predict`]).
    pub fn expand(&self, size: [usize; 2], code: &[f32], pool: &Pool) -> Result<Vec<f32>, Error> {
        match &self.source {
            Source::Engine(plan) => run(plan, size, code, pool),
            Source::Folder(folder) => {
                Err(Error::file(folder, "found a picture without a name, expected one with a name"))
            }
        }
    }

    /// As [`Self::predict`] under a condition: predictions may lie in a folder of its name.
    ///
    /// # Errors
    /// As [`Self::predict`].
    pub fn predict_under(
        &self,
        condition: &str,
        name: &str,
        size: [usize; 2],
        code: &[f32],
        pool: &Pool,
    ) -> Result<Vec<f32>, Error> {
        if let Source::Folder(folder) = &self.source
            && folder.join(condition).is_dir()
        {
            let under = Self { source: Source::Folder(folder.join(condition)), ..self.clone() };
            return under.predict(name, size, code, pool);
        }
        self.predict(name, size, code, pool)
    }

    /// As [`Self::expand`], of a picture that has a name.
    ///
    /// # Errors
    /// As [`Self::expand`]; when there is no prediction of that name, it cannot be read, or has another
    /// size.
    pub fn predict(
        &self,
        name: &str,
        size: [usize; 2],
        code: &[f32],
        pool: &Pool,
    ) -> Result<Vec<f32>, Error> {
        let Source::Folder(folder) = &self.source else {
            return self.expand(size, code, pool);
        };
        let path = named(folder, &file_name(name), LIGHT).ok_or_else(|| {
            let expected = LIGHT.join(", ");
            Error::file(folder, format!("{name}: found no prediction, expected one as {expected}"))
        })?;
        let light = load(&path, None, None)?;
        if [light.height, light.width] != size {
            let found = format!("found {} x {}", light.width, light.height);
            let expected = format!("expected {} x {} as the input has", size[1], size[0]);
            return Err(Error::file(&path, format!("size: {found}, {expected}")));
        }
        Ok(light.pixels)
    }
}

fn plan(method: &str, unlimited: bool, estimate: bool) -> Result<Plan, Error> {
    let mut values = Values::default();
    let mut set = |id: &str, text: &str| {
        values.set_text(id, text).map_err(|error| Error::failed(error.to_string()))
    };
    set("method", method)?;
    set("input_space", if estimate { "estimate" } else { "srgb_tx" })?;
    set("output_space", "lin_rec709_srgb")?;
    set("half_safe", "false")?;
    if unlimited {
        set("peak", "16")?;
        set("rolloff", "0")?;
    }
    Ok(Plan::new(&values, &Surroundings::default()))
}

fn run(
    plan: &Plan,
    [height, width]: [usize; 2],
    code: &[f32],
    pool: &Pool,
) -> Result<Vec<f32>, Error> {
    let failed = |error: headroom_kernel::ImageError| Error::failed(error.to_string());
    if code.len() != height * width * 3 || code.is_empty() {
        let found = code.len();
        return Err(Error::failed(format!(
            "picture: found {found} numbers for {width} x {height}"
        )));
    }
    let frame = Rect { x1: 0, y1: 0, x2: width as i32, y2: height as i32 };
    let source = ImageRef::from_floats(code, frame, Components::Rgb).map_err(failed)?;
    let never = || false;
    let analysis = analyse(plan, &source, frame, pool, &never).map_err(|_| Error::Interrupted)?;
    let mut light = vec![0.0f32; code.len()];
    let output = ImageMut::from_floats(&mut light, frame, Components::Rgb).map_err(failed)?;
    let report = render(plan, &analysis, &source, None, output, pool, &never)
        .map_err(|_| Error::Interrupted)?;
    match report.fallback {
        Some(why) => Err(Error::failed(format!("{}: {why}", plan.method().id))),
        None => Ok(light),
    }
}
