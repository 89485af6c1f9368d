//! `headroom prep`: HDR pictures to SDR ones, to look at or to test with.

use super::sample::{check_share, find_camera};
use crate::error::{Error, Outcome};
use crate::pattern::{Job, make_folder_of, pair};
use crate::progress::{Form, Progress, Status};
use crate::tone::ToneMap;
use crate::{interrupt, light, space};
use clap::Args;
use headroom::camera::{Camera, exposure_for};
use headroom_colour::Space;
use headroom_frame::sequence::FrameRange;
use headroom_frame::{AlphaKind, FileKind, Frame, ReadOptions, Sample, WriteOptions, read, write};
use std::path::PathBuf;

const EXAMPLES: &str = "Examples:
  headroom prep render.exr look.png --exposure -4
  headroom prep plates/ sdr/ --camera filmic --clip 0.05
  headroom prep shot.####.exr shot.####.jpg --tone-map aces-like --half-size";

/// Turn HDR pictures into SDR ones: exposed, tone-mapped or through a simulated camera.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// A picture, a sequence or a folder; EXR, HDR or any other that can be read.
    #[arg(value_name = "IN")]
    input: PathBuf,
    /// The same for the result: PNG, JPEG or TIFF.
    #[arg(value_name = "OUT")]
    output: PathBuf,
    /// Frames, for example 1001-1025x2.
    #[arg(long, value_name = "RANGE", allow_hyphen_values = true)]
    frames: Option<FrameRange>,
    /// Exposure in stops, before everything else.
    #[arg(long, default_value_t = 0.0, allow_negative_numbers = true, value_name = "STOPS")]
    exposure: f64,
    /// How light above white is brought below it.
    #[arg(long, value_enum, default_value_t = ToneMap::None)]
    tone_map: ToneMap,
    /// Take the picture with a simulated camera instead: srgb or filmic.
    #[arg(long, conflicts_with = "tone_map")]
    camera: Option<String>,
    /// Expose the camera so that this share of the pixels clips (0 to 1), on each picture.
    #[arg(long, requires = "camera", value_name = "SHARE")]
    clip: Option<f64>,
    /// Colour space of the input, where the file does not tell.
    #[arg(long, value_name = "NAME")]
    space_in: Option<String>,
    /// Nits of diffuse white in PQ and HLG files. Without it what a file was rendered with, else
    /// the default of the setting.
    #[arg(long, value_name = "NITS")]
    diffuse_white: Option<f64>,
    /// Halve width and height, averaging light.
    #[arg(long)]
    half_size: bool,
    /// Bits of a sample of PNG and TIFF: 8 or 16. Cameras give 8.
    #[arg(long, value_parser = ["8", "16"], default_value = "8")]
    bits: String,
    /// Quality of JPEG.
    #[arg(long, default_value_t = 95, value_parser = clap::value_parser!(u8).range(1..=100))]
    quality: u8,
    /// Layer of an EXR input.
    #[arg(long, value_name = "NAME")]
    layer: Option<String>,
    /// Format where OUT is a folder.
    #[arg(long, default_value = "png", value_parser = ["png", "jpg", "tif"])]
    format: String,
    /// Leave files alone that are there already.
    #[arg(long)]
    skip_existing: bool,
    /// Threads that read and write; 0 means one per core.
    #[arg(long, default_value_t = 0, value_name = "N")]
    threads: usize,
    /// How progress is told.
    #[arg(long, value_enum, default_value_t = Form::Auto)]
    progress: Form,
}

/// How light becomes a signal.
struct Way {
    space: Option<&'static Space>,
    /// Diffuse white in nits, where it was named.
    white: Option<f64>,
    /// Factor on the light.
    gain: f64,
    camera: Option<(&'static Camera, Option<f64>)>,
    tone_map: ToneMap,
}

pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let camera = match &arguments.camera {
        Some(id) => Some((find_camera(id)?, arguments.clip.map(check_share).transpose()?)),
        None => None,
    };
    let way = Way {
        space: arguments.space_in.as_deref().map(space::named).transpose()?,
        white: arguments.diffuse_white.map(light::check_white).transpose()?,
        gain: libm::exp2(arguments.exposure),
        camera,
        tone_map: arguments.tone_map,
    };
    let range = arguments.frames.as_ref();
    let shots = pair(&arguments.input, &arguments.output, range, &arguments.format)?;
    let jobs: Vec<&Job> = shots.iter().flat_map(|shot| &shot.jobs).collect();
    if let Some(job) = jobs.iter().find(|job| kind(job) == Some(FileKind::Exr)) {
        let path = job.output.display();
        return Err(Error::usage(format!("{path}: output: found EXR, expected png, jpg or tif")));
    }
    interrupt::watch();
    let mut progress = Progress::start(arguments.progress, jobs.len());
    for job in &jobs {
        if interrupt::asked() {
            progress.end(true);
            return Err(Error::Interrupted);
        }
        let status = if arguments.skip_existing && job.output.is_file() {
            Status::Skipped
        } else {
            match prepare(arguments, &way, job) {
                Ok(()) => Status::Written { clip_share: None },
                Err(error) => Status::Failed(error.to_string()),
            }
        };
        progress.frame(job.frame, &job.input, &job.output, &status);
    }
    let tally = progress.end(false);
    match tally.failed {
        0 => Ok(()),
        failed => Err(Error::failed(format!("{failed} of {} pictures failed", jobs.len()))),
    }
}

fn kind(job: &Job) -> Option<FileKind> {
    FileKind::from_path(&job.output)
}

fn prepare(arguments: &Arguments, way: &Way, job: &Job) -> Outcome {
    let options = ReadOptions {
        layer: arguments.layer.clone(),
        threads: arguments.threads,
        ..ReadOptions::default()
    };
    let picture = read(&job.input, &options)?;
    let mut pixels = light::of_frame(&picture, way.space, way.white);
    let mut size = (picture.display_window.width, picture.display_window.height);
    if arguments.half_size {
        let straight = picture.has_alpha && picture.alpha == AlphaKind::Straight;
        (pixels, size) = halve(&pixels, size, straight);
    }
    let alpha = match (picture.has_alpha, picture.alpha) {
        (false, _) | (true, AlphaKind::Opaque) => AlphaKind::Opaque,
        (true, AlphaKind::Straight) => AlphaKind::Straight,
        (true, AlphaKind::Premultiplied) => {
            // A curve must see the colour itself, not what alpha left of it.
            divide_by_alpha(&mut pixels);
            AlphaKind::Straight
        }
    };
    expose(&mut pixels, way);
    let mut frame = Frame::new(size.0, size.1, pixels, alpha);
    frame.pixel_aspect = picture.pixel_aspect;
    let jpeg = kind(job) == Some(FileKind::Jpeg);
    let sample = if arguments.bits == "16" && !jpeg { Sample::U16 } else { Sample::U8 };
    let options = WriteOptions {
        sample,
        jpeg_quality: arguments.quality,
        threads: arguments.threads,
        ..WriteOptions::default()
    };
    make_folder_of(&job.output)?;
    write(&job.output, &frame, &options)?;
    Ok(())
}

/// Light to signal, in place.
fn expose(rgba: &mut [f32], way: &Way) {
    match way.camera {
        Some((camera, share)) => {
            let found = share.map_or(1.0, |share| exposure_for(camera, rgba, share));
            for p in rgba.as_chunks_mut::<4>().0 {
                let codes = camera.codes([p[0], p[1], p[2]], found * way.gain);
                for (v, code) in p.iter_mut().zip(codes) {
                    *v = f32::from(code) / 255.0;
                }
            }
        }
        None => {
            for p in rgba.as_chunks_mut::<4>().0 {
                let light = [0, 1, 2].map(|c| f64::from(p[c]) * way.gain);
                for (v, signal) in p.iter_mut().zip(way.tone_map.signal(light)) {
                    *v = signal as f32;
                }
            }
        }
    }
}

fn divide_by_alpha(rgba: &mut [f32]) {
    for p in rgba.as_chunks_mut::<4>().0.iter_mut().filter(|p| p[3] > 0.0) {
        let alpha = p[3];
        p[..3].iter_mut().for_each(|v| *v /= alpha);
    }
}

/// Half the size by the mean of four pixels; an odd last row or column counts twice. Colour that
/// is not multiplied by alpha counts by it: what is not there must not tint its neighbours.
fn halve(rgba: &[f32], (width, height): (u32, u32), straight: bool) -> (Vec<f32>, (u32, u32)) {
    let (half_width, half_height) = (width.div_ceil(2), height.div_ceil(2));
    let mut out = Vec::with_capacity(half_width as usize * half_height as usize * 4);
    let pixels = rgba.as_chunks::<4>().0;
    let at = |x: u32, y: u32| {
        let (x, y) = (x.min(width - 1) as usize, y.min(height - 1) as usize);
        pixels[y * width as usize + x]
    };
    for y in 0..half_height {
        for x in 0..half_width {
            let (x, y) = (2 * x, 2 * y);
            out.extend(mean([at(x, y), at(x + 1, y), at(x, y + 1), at(x + 1, y + 1)], straight));
        }
    }
    (out, (half_width, half_height))
}

fn mean(pixels: [[f32; 4]; 4], straight: bool) -> [f32; 4] {
    let alpha = pixels.iter().map(|p| p[3]).sum::<f32>();
    let weighted = straight && alpha > 0.0;
    let share = |p: &[f32; 4]| if weighted { p[3] / alpha } else { 0.25 };
    let colour = |c: usize| pixels.iter().map(|p| p[c] * share(p)).sum::<f32>();
    [colour(0), colour(1), colour(2), alpha * 0.25]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halving_keeps_the_mean_and_covers_odd_edges() {
        let rgba: Vec<f32> = (0..3 * 2).flat_map(|i| [i as f32, 0.0, 0.0, 1.0]).collect();
        for straight in [false, true] {
            let (out, size) = halve(&rgba, (3, 2), straight);
            assert_eq!(size, (2, 1));
            assert_eq!(out, [2.0, 0.0, 0.0, 1.0, 3.5, 0.0, 0.0, 1.0]);
        }
    }

    #[test]
    fn colour_without_cover_does_not_bleed_when_halving() {
        // Red where there is cover, and blue that nobody sees.
        let rgba = [[1.0, 0.0, 0.0, 1.0], [0.0, 0.0, 1.0, 0.0]].concat().repeat(2);
        assert_eq!(halve(&rgba, (2, 2), true).0, [1.0, 0.0, 0.0, 0.5]);
        let none = [0.5, 0.25, 0.0, 0.0].repeat(4);
        assert_eq!(halve(&none, (2, 2), true).0, [0.5, 0.25, 0.0, 0.0]);
    }
}
