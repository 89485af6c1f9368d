//! `headroom sample`: the project's own scene, as a camera saw it and as it was.

use crate::console;
use crate::error::{Error, Outcome};
use crate::pattern::make_folder_of;
use clap::Args;
use headroom::camera::{self, Camera, exposure_for};
use headroom_frame::{AlphaKind, ExrCompression, Frame, Provenance, WriteOptions, write};
use headroom_kernel::Pool;
use headroom_scene::Scene;
use std::path::{Path, PathBuf};

/// Frames per second of the pan.
const RATE: f64 = 24.0;

/// Write sample frames: an SDR picture through a simulated camera, and the HDR truth beside it.
///
/// The truth is linear Rec.709 times the camera's exposure, so that 1.0 is where the plain sRGB
/// camera clips. The same arguments give the same files on every machine.
#[derive(Debug, Args)]
#[command(
    after_help = "Example: headroom sample samples --size 1920x1080 --camera filmic --frames 24"
)]
pub(crate) struct Arguments {
    /// Folder for the files; made where it is missing.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Width and height in pixels.
    #[arg(long, default_value = "960x540", value_parser = parse_size)]
    size: (usize, usize),
    /// Frames of a slow pan, numbered from 1001; 1 is a still.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    frames: u32,
    /// The camera: srgb or filmic.
    #[arg(long, default_value = "srgb")]
    camera: String,
    /// Share of the pixels that clips, 0 to 1.
    #[arg(long, default_value_t = 0.05)]
    clip: f64,
    /// Threads; 0 means one per core.
    #[arg(long, default_value_t = 0)]
    threads: usize,
}

/// Width and height from the command line.
pub(crate) fn parse_size(text: &str) -> Result<(usize, usize), String> {
    let parse = |n: &str| n.parse().ok().filter(|n| (1..=16384).contains(n));
    text.split_once('x')
        .and_then(|(w, h)| Some((parse(w)?, parse(h)?)))
        .ok_or_else(|| "expected WIDTHxHEIGHT, each from 1 to 16384".to_owned())
}

/// The camera of an id on the command line.
pub(crate) fn find_camera(id: &str) -> Outcome<&'static Camera> {
    camera::find(id).ok_or_else(|| {
        let known: Vec<&str> = camera::CAMERAS.iter().map(|c| c.id).collect();
        Error::usage(format!("camera: found \"{id}\", expected one of: {}", known.join(", ")))
    })
}

/// A share from the command line.
pub(crate) fn check_share(share: f64) -> Outcome<f64> {
    if (0.0..=1.0).contains(&share) {
        return Ok(share);
    }
    Err(Error::usage(format!("--clip: found {share}, expected a share from 0 to 1")))
}

pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let camera = find_camera(&arguments.camera)?;
    let share = check_share(arguments.clip)?;
    let (width, height) = arguments.size;
    let pool = Pool::new(arguments.threads);
    // One exposure for the whole shot, as a camera has it: found on its first frame.
    let mut exposure = None;
    for frame in 0..arguments.frames {
        let scene = Scene::at(width, height, f64::from(frame) / RATE);
        let mut light = vec![0.0f32; width * height * 4];
        let rows: Vec<_> = light.chunks_exact_mut(width * 4).enumerate().collect();
        pool.for_each(rows, |(y, row)| scene.row(y, row));
        let exposure = *exposure.get_or_insert_with(|| exposure_for(camera, &light, share));
        let (sdr, truth) = names(&arguments.folder, camera, arguments.frames, frame);
        write_sdr(&sdr, arguments.size, camera, &light, exposure)?;
        write_truth(&truth, arguments.size, light, exposure, camera)?;
        console::note(&format!("{} and {}", sdr.display(), truth.display()));
    }
    Ok(())
}

fn names(folder: &Path, camera: &Camera, frames: u32, frame: u32) -> (PathBuf, PathBuf) {
    let number = if frames > 1 { format!(".{}", 1001 + frame) } else { String::new() };
    let file =
        |what: &str, extension: &str| folder.join(format!("sample_{what}{number}.{extension}"));
    (file(camera.id, "png"), file(&format!("{}_truth", camera.id), "exr"))
}

fn write_sdr(
    path: &Path,
    (width, height): (usize, usize),
    camera: &Camera,
    light: &[f32],
    exposure: f64,
) -> Outcome {
    let mut pixels = Vec::with_capacity(light.len());
    for p in light.as_chunks::<4>().0 {
        let codes = camera.codes([p[0], p[1], p[2]], exposure);
        pixels.extend(codes.map(|code| f32::from(code) / 255.0));
        pixels.push(1.0);
    }
    make_folder_of(path)?;
    let frame = Frame::new(width as u32, height as u32, pixels, AlphaKind::Opaque);
    write(path, &frame, &WriteOptions::default())?;
    Ok(())
}

fn write_truth(
    path: &Path,
    (width, height): (usize, usize),
    mut light: Vec<f32>,
    exposure: f64,
    camera: &Camera,
) -> Outcome {
    for p in light.as_chunks_mut::<4>().0 {
        p[..3].iter_mut().for_each(|v| *v = (f64::from(*v) * exposure) as f32);
    }
    let frame = Frame::new(width as u32, height as u32, light, AlphaKind::Opaque);
    let options = WriteOptions {
        compression: ExrCompression::Zip,
        chromaticities: Some(headroom_colour::REC709),
        provenance: Some(Provenance {
            version: crate::version::VERSION.to_owned(),
            model: "procedural scene".to_owned(),
            settings: serde_json::json!({"camera": camera.id, "exposure": exposure}).to_string(),
        }),
        ..WriteOptions::default()
    };
    write(path, &frame, &options)?;
    Ok(())
}
