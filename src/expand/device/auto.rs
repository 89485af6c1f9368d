//! Whether a GPU renders pictures in the CPU's memory faster than the CPU does. It is measured once per
//! machine for a method and a size, on a picture of noise, and kept beside the kernels: results differ by
//! rounding, so a sequence must not go to and fro.

use super::{kernel_folder, own_gpu, render_through};
use crate::expand::{Plan, analyse, render};
use headroom_gpu::{Gpu, source};
use headroom_kernel::{Components, Format, ImageMut, ImageRef, Pool, Rect};
use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use xxhash_rust::xxh3::xxh3_64;

/// A GPU must be faster by this to be worth its memory.
const WORTH: f64 = 0.8;

/// Frames smaller than this are done before a GPU has begun.
const LEAST_PIXELS: usize = 1 << 16;

static KNOWN: Mutex<Option<HashMap<String, bool>>> = Mutex::new(None);

/// The GPU, where it is faster for this plan and pictures of that size.
pub(super) fn chosen(
    plan: &Plan,
    source: &ImageRef<'_>,
    window: Rect,
    pool: &Pool,
) -> Option<Arc<Gpu>> {
    let pixels = |rect: Rect| rect.width() * rect.height();
    // What was measured is whole frames: of a window the way there and back would cost the same.
    let part = 2 * pixels(window) < pixels(source.rect());
    if part || pixels(source.rect()) < LEAST_PIXELS {
        return None;
    }
    let gpu = own_gpu(None).ok().filter(|gpu| !gpu.device().is_cpu())?;
    faster(&gpu, plan, source.rect(), source.format(), pool, kernel_folder().as_deref())
        .then_some(gpu)
}

/// Whether it is, from what was measured before or now.
pub(super) fn faster(
    gpu: &Gpu,
    plan: &Plan,
    rect: Rect,
    format: Format,
    pool: &Pool,
    folder: Option<&Path>,
) -> bool {
    let key = key(gpu, plan, rect, format, pool);
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let known = known.get_or_insert_default();
    if let Some(found) = known.get(&key) {
        return *found;
    }
    let path = folder.map(|folder| file(folder, &key));
    let kept = path.as_deref().and_then(|path| read(path, &key));
    let times = kept.or_else(|| {
        let times = measure(gpu, plan, rect, pool)?;
        if let Some(path) = &path {
            write(path, &key, times);
        }
        Some(times)
    });
    let found = times.is_some_and(|[on_gpu, on_cpu]| on_gpu < WORTH * on_cpu);
    known.insert(key, found);
    found
}

/// Everything that times depend on: sizes within a factor of the square root of two count as one.
fn key(gpu: &Gpu, plan: &Plan, rect: Rect, format: Format, pool: &Pool) -> String {
    let device = gpu.device();
    let pixels = (rect.width() * rect.height()) as f64;
    let size = (2.0 * libm::log2(pixels)).round();
    let model = plan.network().map_or_else(String::new, |loaded| loaded.hash().to_string());
    let kernels = source::hash(super::stored(plan.precision));
    format!(
        "{} {} | {} {model} {:?} {:?} {} | 2^({size}/2) {format:?} | {} threads | {}",
        device.name(),
        device.runtime(),
        plan.method.id,
        plan.precision,
        plan.tone.is_some() || plan.estimates(),
        plan.dequantise > 0.0,
        pool.threads(),
        &kernels[..16],
    )
}

fn file(folder: &Path, key: &str) -> PathBuf {
    folder.join(format!("{:016x}.times", xxh3_64(key.as_bytes())))
}

/// Seconds of a frame on the GPU and on the CPU, as they were written; nothing where the file cannot be
/// read, is of something else or makes no sense.
fn read(path: &Path, key: &str) -> Option<[f64; 2]> {
    let text = std::fs::read_to_string(path).ok()?;
    let mut lines = text.lines();
    let is = lines.next() == Some(key);
    let mut number = || lines.next()?.parse().ok().filter(|v: &f64| v.is_finite() && *v >= 0.0);
    let times = [number()?, number()?];
    is.then_some(times)
}

/// Keeps them where that is possible; else the next process measures again.
fn write(path: &Path, key: &str, times: [f64; 2]) {
    let mut text = format!("{key}\n");
    for time in times {
        let _ = writeln!(text, "{time}");
    }
    if let Err(error) = headroom_gpu::keep(path, text.as_bytes()) {
        log::info!("{}: times are not kept: {error}", path.display());
    }
}

/// Renders noise of that size on both; the GPU twice, since it builds and uploads first.
fn measure(gpu: &Gpu, plan: &Plan, rect: Rect, pool: &Pool) -> Option<[f64; 2]> {
    let rect = Rect::new(0, 0, rect.width() as i32, rect.height() as i32);
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut noise = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1u64 << 24) as f32
    };
    // Half of it bright enough to clip.
    let pixels = rect.width() * rect.height() * 4;
    let data: Vec<f32> = (0..pixels).map(|_| (noise() * 1.5).min(1.0)).collect();
    let source = ImageRef::from_floats(&data, rect, Components::Rgba).ok()?;
    let analysis = analyse(plan, &source, rect, pool, &|| false).ok()?;
    let mut out = vec![0.0; pixels];
    let mut times = [0.0; 2];
    for (run, time) in [(0, 0), (1, 0), (2, 1)] {
        let target = ImageMut::from_floats(&mut out, rect, Components::Rgba).ok()?;
        // What the frame says is part of the time: of a video every frame is another one.
        let fresh = analysis.forgetful();
        let start = Instant::now();
        if run < 2 {
            render_through(gpu, plan, &fresh, &source, None, target, pool, &|| false).ok()?;
        } else {
            render(plan, &fresh, &source, None, target, pool, &|| false).ok()?;
        }
        times[time] = Duration::as_secs_f64(&start.elapsed());
    }
    log::info!("{}: {:.4} s on the GPU, {:.4} s on the CPU", plan.method.id, times[0], times[1]);
    Some(times)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expand::Surroundings;
    use crate::settings::Values;

    #[test]
    fn what_was_measured_is_kept_and_what_is_spoilt_is_measured_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = file(folder.path(), "this");
        assert_eq!(read(&path, "this"), None);
        write(&path, "this", [0.25, 1.5]);
        assert_eq!(read(&path, "this"), Some([0.25, 1.5]));
        assert_eq!(read(&path, "that"), None, "of something else");
        for spoilt in ["", "this", "this\n1", "this\n1\n-2", "this\nNaN\n1", "this\none\ntwo"] {
            std::fs::write(&path, spoilt).expect("writes");
            assert_eq!(read(&path, "this"), None, "{spoilt:?}");
        }
        // A file where the folder should be.
        write(&path.join("deeper"), "this", [1.0, 2.0]);
    }

    #[test]
    fn a_device_is_measured_once() {
        let (devices, problems) = headroom_gpu::devices();
        let Some(device) = devices.first() else {
            eprintln!("skipped: {}", problems.join(", "));
            return;
        };
        let gpu = Gpu::new(device, None).expect("opens");
        let mut values = Values::default();
        values.set_text("method", "bt2446c").expect("a method");
        let plan = Plan::new(&values, &Surroundings::default());
        let folder = tempfile::tempdir().expect("a folder");
        let rect = Rect::new(0, 0, 96, 64);
        let pool = Pool::new(1);
        let ask = || faster(&gpu, &plan, rect, Format::RGBA_FLOAT, &pool, Some(folder.path()));
        let found = ask();
        assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 1);
        // Known by now, whatever becomes of the file.
        drop(std::fs::remove_dir_all(folder.path()));
        assert_eq!(ask(), found);
    }
}
