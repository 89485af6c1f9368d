//! A view to codes, base and truth.

use super::camera::Camera;
use super::light;
use super::logc::Transform;
use super::raster::Raster;
use super::view::{Picture, View};
use crate::Error;
use headroom::expand::Tone;
use headroom_colour::transfer::eotf_srgb;
use std::sync::{Arc, LazyLock};

/// A whole frame.
#[derive(Clone, Debug)]
pub struct Frame {
    /// Pixels across.
    pub width: usize,
    /// Pixels down.
    pub height: usize,
    /// Codes, 1 being full scale.
    pub code: Vec<f32>,
    /// The camera's curve, where networks are to see the picture as an sRGB camera would have recorded it.
    pub tone: Option<Arc<Tone>>,
    /// Light of the codes.
    pub base: Vec<f32>,
    /// Factors of the channels that the camera put in and `base` is without.
    pub balance: [f32; 3],
    /// The light there was.
    pub truth: Vec<f32>,
    /// What was done.
    pub camera: String,
}

static SRGB: LazyLock<[f32; 256]> =
    LazyLock::new(|| std::array::from_fn(|code| eotf_srgb(code as f64 / 255.0) as f32));

fn scale(codes: &[u8]) -> Vec<f32> {
    codes.iter().map(|&code| f32::from(code) / 255.0).collect()
}

/// A frame of a simulated camera; `key` is what its noise is drawn by. The first frame's exposure is
/// kept in `exposure` for those that follow.
///
/// # Errors
/// When the picture is larger than JPEG can hold.
pub fn by_camera(
    camera: &Camera,
    exposure: &mut Option<f32>,
    picture: &Picture,
    view: &View,
    number: usize,
    key: u64,
) -> Result<Frame, Error> {
    let scene = |view: &View| {
        let (mut light, _) = view.take(picture, number);
        camera.vary(&mut light.pixels);
        light
    };
    let mut truth = scene(view);
    let factor = *exposure.get_or_insert_with(|| camera.exposure(&truth.pixels));
    truth.pixels.iter_mut().for_each(|value| *value *= factor);
    camera.lay_graphics(&mut truth);
    let (width, height) = (view.width, view.height);
    let codes = if camera.resize() > 1.0 && view.has_room(camera.resize()) {
        let larger = view.enlarged(camera.resize());
        let mut light = scene(&larger);
        light.pixels.iter_mut().for_each(|value| *value *= factor);
        camera.lay_graphics(&mut light);
        let codes = camera.codes(&light, key)?;
        let pixels = codes.iter().map(|&code| f32::from(code)).collect();
        let times = larger.width as f64 / width as f64;
        let taken = Raster { width: larger.width, height: larger.height, pixels };
        // The truth is reduced in light, as the scene is the same; codes are reduced as they are.
        truth = light.reduced(0.0, 0.0, times, width, height);
        let reduced = taken.reduced(0.0, 0.0, times, width, height);
        reduced.pixels.iter().map(|value| (value + 0.5) as u8).collect()
    } else {
        camera.codes(&truth, key)?
    };
    let codes = camera.store(codes, width, height)?;
    Ok(Frame {
        width,
        height,
        code: scale(&codes),
        tone: camera.tone().map(Arc::new),
        base: camera.base(&codes),
        balance: camera.balance(),
        truth: truth.pixels,
        camera: format!("{}; {}", camera.describe(factor), view.describe()),
    })
}

/// A frame whose SDR side a transform of LogC3 makes.
#[must_use]
pub fn by_transform(transform: &Transform, picture: &Picture, view: &View, number: usize) -> Frame {
    let (truth, _) = view.take(picture, number);
    let codes = transform.codes(&truth);
    Frame {
        width: view.width,
        height: view.height,
        code: scale(&codes),
        tone: None,
        base: transform.base(&codes),
        balance: [1.0; 3],
        truth: truth.pixels,
        camera: format!("{}; {}", transform.describe(), view.describe()),
    }
}

/// A frame of a pair. Where the picture is reduced its codes are those of the reduced light, rounded
/// to 8 bits again.
#[must_use]
pub fn by_file(picture: &Picture, view: &View, number: usize) -> Frame {
    let (truth, base) = view.take(picture, number);
    let mut base = base.map_or_else(|| truth.pixels.clone(), |base| base.pixels);
    let mut code = base.clone();
    light::convert(&mut code, &light::between("lin_rec709_srgb", "srgb_tx"));
    code.iter_mut().for_each(|code| *code = code.clamp(0.0, 1.0));
    if !view.is_native() {
        let codes: Vec<u8> = code.iter().map(|code| (code * 255.0 + 0.5) as u8).collect();
        code = scale(&codes);
        base = codes.iter().map(|&code| SRGB[usize::from(code)]).collect();
    }
    Frame {
        width: view.width,
        height: view.height,
        code,
        tone: None,
        base,
        balance: [1.0; 3],
        truth: truth.pixels,
        camera: format!("file; {}", view.describe()),
    }
}
