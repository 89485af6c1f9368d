//! The whole effect as a host sees it, against copying the same frame in and out.
//!
//! The plug-in (`$HEADROOM_PLUGIN`: the bundle that ships) is loaded by the OpenFX host and renders
//! float RGBA frames with `inverse-highlights` and with the network `grid` (untrained weights: they cost
//! the same) from sRGB to ACEScg and to ACEScct. Counted is the time
//! inside the Render action: reading the host's image, measuring the frame, expanding, writing the output
//! image. Every frame is a new one, so that nothing comes from the cache of measurements.
//!
//! Copying is what no effect can avoid: the source into a buffer and the buffer into the output, on
//! all cores, in memory that the same copy has just touched, as the host has just touched the
//! effect's. Both are measured in turns in one run, and medians compared:
//! ratios hold between machines, times do not.

use headroom::expand;
use headroom::model::{Dtype, Header, Model, Weights, find};
use headroom_host::{Checks, Context, Effect, HostConfig, HostImage, Project, RenderRequest};
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

const SIZES: [(&str, usize, usize); 2] = [("1080p", 1920, 1080), ("UHD", 3840, 2160)];
const METHODS: [&str; 2] = ["inverse-highlights", "grid"];
/// Choices by the names that a host shows.
const INPUT: &str = "sRGB Encoded Rec.709 (sRGB)";
const OUTPUTS: [&str; 2] = ["ACEScg", "ACEScct"];
/// Turns per size; the first is thrown away.
const TURNS: usize = 12;
/// Different frames, so that no measurement of a frame is found in the cache.
const FRAMES: usize = 4;
/// What the effect may cost, in copies.
const TARGET: f64 = 3.0;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let plugin = std::env::var_os("HEADROOM_PLUGIN")
        .ok_or("HEADROOM_PLUGIN is not set; run `cargo xtask bench`")?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut table = String::from(
        "| method | frame | to | copy in and out, ms | whole effect, ms | times the copy | target |\n\
         |---|---|---|---|---|---|---|\n",
    );
    let folder = tempfile::tempdir()?;
    let cases = METHODS.into_iter().flat_map(|method| {
        SIZES.into_iter().flat_map(move |size| OUTPUTS.map(move |output| (method, size, output)))
    });
    for (method, (name, width, height), output) in cases {
        let info = expand::METHODS.iter().find(|info| info.id == method).ok_or("no such method")?;
        let weights = info.network.then(|| weights(folder.path(), method)).transpose()?;
        let settings = [("method", Some(info.label)), ("weights", weights.as_deref())];
        let (copy, effect) = measure(plugin.as_ref(), (width, height), output, settings, cores)?;
        let ratio = effect.as_secs_f64() / copy.as_secs_f64();
        let ms = |time: Duration| time.as_secs_f64() * 1e3;
        writeln!(
            table,
            "| {method} | {name} {width}x{height} | {output} | {:.1} | {:.1} | {ratio:.2} | at most {TARGET} |",
            ms(copy),
            ms(effect),
        )?;
    }
    let report = format!(
        "# The whole effect against copying\n\n{} cores, {}; float RGBA; medians of {} turns.\n\n{table}",
        cores,
        processor(),
        TURNS - 1,
    );
    println!("{report}");
    if let Some(path) = std::env::var_os("HEADROOM_BENCH_REPORT") {
        std::fs::write(path, report)?;
    }
    Ok(())
}

/// Medians of copying and of the effect.
fn measure(
    plugin: &std::path::Path,
    (width, height): (usize, usize),
    output_space: &str,
    settings: [(&str, Option<&str>); 2],
    cores: usize,
) -> Result<(Duration, Duration), Box<dyn std::error::Error>> {
    let frames: Vec<Arc<[f32]>> =
        (0..FRAMES).map(|frame| picture(width, height, frame).into()).collect();
    let config = HostConfig {
        checks: Checks::Cheap,
        project: Project { size: [width as f64, height as f64], ..Project::default() },
        ..HostConfig::default()
    };
    let mut effect = Effect::open(plugin, Some("fx.headroom.Headroom"), config, Context::Filter)?;
    effect.set("input_space", INPUT)?;
    effect.set("output_space", output_space)?;
    for (setting, value) in settings {
        if let Some(value) = value {
            effect.set(setting, value)?;
        }
    }
    let mut buffer = vec![1.0f32; width * height * 4];
    let mut output = vec![1.0f32; width * height * 4];
    let (mut copies, mut renders) = (Vec::new(), Vec::new());
    for turn in 0..TURNS {
        let source = Arc::clone(&frames[turn % FRAMES]);
        let mut copied = Duration::ZERO;
        for _ in 0..2 {
            let start = Instant::now();
            copy(&source, &mut buffer, cores);
            copy(&buffer, &mut output, cores);
            copied = start.elapsed();
        }
        std::hint::black_box(&output);

        // A name of its own per turn: the cache must not know this frame.
        let image = HostImage::new(width, height, source);
        let sources = move |clip: &str, _time: f64| (clip == "Source").then(|| image.clone());
        let rendered = effect.render(&RenderRequest::at(1.0 + turn as f64), &sources)?;
        if turn > 0 {
            copies.push(copied);
            renders.push(rendered.time);
        }
    }
    effect.close()?;
    Ok((median(copies), median(renders)))
}

/// A model file of the usual configuration, with weights by formula.
fn weights(folder: &std::path::Path, id: &str) -> Result<String, Box<dyn std::error::Error>> {
    let info = find(id).ok_or("no such network")?;
    let config = (info.config)();
    let network = (info.build)(&config)?;
    let header = Header::new(info, config, &network, "bench");
    let bytes = Model::to_bytes(&header, &network, &Weights::patterned(&network), Dtype::F32)?;
    let path = folder.join(format!("{id}.safetensors"));
    std::fs::write(&path, bytes)?;
    Ok(path.display().to_string())
}

fn copy(from: &[f32], to: &mut [f32], cores: usize) {
    let share = from.len().div_ceil(cores);
    std::thread::scope(|scope| {
        for (from, to) in from.chunks(share).zip(to.chunks_mut(share)) {
            scope.spawn(move || to.copy_from_slice(from));
        }
    });
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// An 8-bit picture with gradients, texture and clipped lamps; about five per cent of it clips.
fn picture(width: usize, height: usize, frame: usize) -> Vec<f32> {
    let mut pixels = Vec::with_capacity(width * height * 4);
    let mut noise = 0x9e37_79b9_u32 ^ frame as u32;
    for y in 0..height {
        for x in 0..width {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let grain = (noise >> 24) as f32 / 255.0 * 0.03;
            let (u, v) = (x as f32 / width as f32, y as f32 / height as f32);
            let lamp = |cx: f32, cy: f32, radius: f32| {
                let (dx, dy) = ((u - cx) * 1.78, v - cy);
                (1.5 - (dx * dx + dy * dy).sqrt() / radius).max(0.0)
            };
            let light = lamp(0.3, 0.4, 0.12) + lamp(0.7, 0.6, 0.08) + lamp(0.85, 0.15, 0.04);
            let code = |c: f32| (c.clamp(0.0, 1.0) * 255.0).round() / 255.0;
            pixels.extend([
                code(0.2 + 0.5 * u + grain + light),
                code(0.15 + 0.5 * v + grain + light * 0.9),
                code(0.3 + grain + light * 0.7),
                1.0,
            ]);
        }
    }
    pixels
}

/// The processor's name, where the system tells it.
fn processor() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = info.lines().find_map(|line| line.strip_prefix("model name")?.split(": ").nth(1));
    name.unwrap_or(std::env::consts::ARCH).to_owned()
}
