//! The whole effect on a device, from its memory to its memory, against reading and writing the frame once
//! there. Run by `cargo xtask bench --device NAME`.
//!
//! Every turn looks at the frame and renders it once, and copies it once, each waited for; medians are
//! compared.

use headroom::expand::device::{DeviceAnalysis, DeviceImage, kernel_folder, render_on};
use headroom::expand::{Plan, Surroundings};
use headroom::model::search::SearchPath;
use headroom::settings::Values;
use headroom_gpu::layout::View;
use headroom_gpu::source::Precision;
use headroom_gpu::{Argument, Gpu, Launch, Memory, find};
use headroom_kernel::{Format, Pool, Rect};
use std::time::{Duration, Instant};

const SIZES: [(&str, i32, i32); 2] = [("1080p", 1920, 1080), ("UHD", 3840, 2160)];
/// Turns per case; the first is thrown away.
const TURNS: usize = 8;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let name = std::env::args().nth(1).unwrap_or_default();
    let gpu = Gpu::new(&find(&name)?, kernel_folder())?;
    let device = gpu.device();
    println!("# The whole effect on {} ({})\n", device.name(), device.runtime());
    println!(
        "| method | tensors | frame | copy on the device, ms | whole effect, ms | times the copy |"
    );
    println!("|---|---|---|---|---|---|");
    for (size, width, height) in SIZES {
        for method in ["inverse-highlights", "grid", "unet"] {
            for precision in ["full", "fast"] {
                let (copy, effect) =
                    measure(&gpu, method, precision, Rect::new(0, 0, width, height))?;
                let ratio = effect.as_secs_f64() / copy.as_secs_f64();
                let ms = |time: Duration| time.as_secs_f64() * 1e3;
                println!(
                    "| {method} | {precision} | {size} | {:.3} | {:.3} | {ratio:.1} |",
                    ms(copy),
                    ms(effect)
                );
            }
        }
    }
    Ok(())
}

fn measure(
    gpu: &Gpu,
    method: &str,
    precision: &str,
    rect: Rect,
) -> Result<(Duration, Duration), Box<dyn std::error::Error>> {
    let mut values = Values::default();
    values.set_text("method", method)?;
    values.set_text("precision", precision)?;
    let mut plan = Plan::new(&values, &Surroundings::default());
    plan.load(&SearchPath::new(None))?;
    let (width, height) = (rect.width(), rect.height());
    // Gradients, and about five per cent at full scale.
    let pixel = |i: usize| {
        let (u, v) = ((i % width) as f32 / width as f32, (i / width) as f32 / height as f32);
        let lamp = if (u - 0.5).hypot(v - 0.4) < 0.12 { 1.0 } else { 0.0 };
        [u, v, 0.5 * u * v].map(|c| ((c * 0.9 + lamp).min(1.0) * 255.0).round() / 255.0)
    };
    let picture: Vec<f32> = (0..width * height)
        .flat_map(|i| {
            let [r, g, b] = pixel(i);
            [r, g, b, 1.0]
        })
        .collect();
    let pool = Pool::new(0);
    let (from, to) = (gpu.upload_floats(&picture)?, gpu.upload_floats(&picture)?);
    let row = (width * 16) as isize;
    let image = |memory| DeviceImage::new(memory, 0, row, rect, Format::RGBA_FLOAT);
    let (source, output) = (image(&from)?, image(&to)?);
    let (mut copies, mut renders) = (Vec::new(), Vec::new());
    for turn in 0..TURNS {
        let start = Instant::now();
        copy(gpu, &from, &to, [width, height])?;
        gpu.finish()?;
        let copied = start.elapsed();
        let start = Instant::now();
        let analysis = DeviceAnalysis::new(gpu, &plan, &source, rect, false, &|| false)?;
        let run = render_on;
        run(gpu, &plan, &analysis, &source, None, &output, false, &pool, &|| false)?;
        gpu.finish()?;
        if turn > 0 {
            copies.push(copied);
            renders.push(start.elapsed());
        }
    }
    Ok((median(copies), median(renders)))
}

/// Reads and writes every number of the frame once.
fn copy(
    gpu: &Gpu,
    from: &Memory,
    to: &Memory,
    [width, height]: [usize; 2],
) -> Result<(), headroom_gpu::GpuError> {
    let view =
        View { start: 0, height: height as i32, width: width as i32, channels: 4, stride: 4 };
    gpu.launch(&Launch {
        kernel: "hand_on",
        precision: Precision::Float,
        groups: [(4 * width).div_ceil(64), height, 1],
        group: [64, 1, 1],
        arguments: vec![Argument::from(to), from.into(), view.into(), view.into()],
    })
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
