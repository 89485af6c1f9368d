//! The whole effect against copying the same frame in and out, in one run on the same threads.
//!
//! `cargo bench -p headroom --bench engine [-- THREADS]`; prints milliseconds (median) and ratios.

use headroom::expand::{METHODS, Plan, Surroundings, analyse, render};
use headroom::model::search::SearchPath;
use headroom::model::{Dtype, Header, Model, Weights, find};
use headroom::settings::Values;
use headroom_kernel::{Components, ImageMut, ImageRef, Pool, Rect};
use std::path::Path;
use std::time::Instant;

/// Floats per task of the copy.
const BLOCK: usize = 64 * 1024;

fn main() {
    let threads = std::env::args().filter_map(|a| a.parse().ok()).next().unwrap_or(2);
    let pool = Pool::new(threads);
    println!("{threads} threads; sRGB float RGBA to ACEScct float RGBA; 5 % of the frame clipped");
    for (name, width, height) in [("1080p", 1920, 1080), ("UHD", 3840, 2160)] {
        let rect = Rect::new(0, 0, width, height);
        let source = frame(rect);
        let mut inner = vec![0.0f32; source.len()];
        let mut out = vec![0.0f32; source.len()];
        let copy = || {
            copy(&pool, &source, &mut inner);
            copy(&pool, &inner, &mut out);
        };
        let mut copy = copy;
        let copy_ms = median(&mut copy);
        println!("{name}: copy in and out {copy_ms:.1} ms");
        let folder = tempfile::tempdir().expect("a folder");
        // Full-size networks take seconds; benches/networks.rs is about them.
        for method in METHODS.iter().filter(|method| !method.network || method.id == "grid") {
            let mut values = Values::default();
            values.set_text("method", method.id).expect("a method");
            values.set_text("output_space", "ACEScct").expect("a space");
            if method.network {
                let path = weights(folder.path(), method.id);
                values.set_text("weights", &path).expect("a path");
            }
            let mut plan = Plan::new(&values, &Surroundings::default());
            plan.load(&SearchPath::new(None)).expect("sound weights");
            let image = ImageRef::from_floats(&source, rect, Components::Rgba).expect("fits");
            let mut parts = (0.0, 0.0);
            let mut out = vec![0.0f32; source.len()];
            let ms = median(&mut || {
                let start = Instant::now();
                let analysis = analyse(&plan, &image, rect, &pool, &|| false).expect("runs");
                parts.0 = start.elapsed().as_secs_f64() * 1e3;
                let target = ImageMut::from_floats(&mut out, rect, Components::Rgba).expect("fits");
                let start = Instant::now();
                render(&plan, &analysis, &image, None, target, &pool, &|| false).expect("runs");
                parts.1 = start.elapsed().as_secs_f64() * 1e3;
            });
            println!(
                "  {:20} {ms:7.1} ms = {:.2} x copy (last: analyse {:.1}, render {:.1})",
                method.id,
                ms / copy_ms,
                parts.0,
                parts.1
            );
        }
    }
}

/// A model file of the usual configuration, with weights by formula.
fn weights(folder: &Path, id: &str) -> String {
    let info = find(id).expect("a network");
    let config = (info.config)();
    let network = (info.build)(&config).expect("sound");
    let header = Header::new(info, config, &network, "bench");
    let bytes = Model::to_bytes(&header, &network, &Weights::patterned(&network), Dtype::F32);
    let path = folder.join(id);
    std::fs::write(&path, bytes.expect("fits")).expect("written");
    path.display().to_string()
}

fn median(work: &mut dyn FnMut()) -> f64 {
    work();
    let mut times: Vec<f64> = (0..9)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn copy(pool: &Pool, from: &[f32], to: &mut [f32]) {
    let blocks: Vec<_> = from.chunks(BLOCK).zip(to.chunks_mut(BLOCK)).collect();
    pool.for_each(blocks, |(from, to)| to.copy_from_slice(from));
}

/// Smooth shades with some clipped discs, stored in 8 bits.
fn frame(rect: Rect) -> Vec<f32> {
    let (w, h) = (rect.width(), rect.height());
    let mut out = Vec::with_capacity(w * h * 4);
    for y in 0..h {
        for x in 0..w {
            let (u, v) = (x as f32 / h as f32, y as f32 / h as f32);
            let (du, dv) = ((u * 3.0).fract() - 0.5, (v * 3.0).fract() - 0.5);
            let glow = 0.05 / (du * du + dv * dv + 0.02);
            for tint in [1.0, 0.8, 0.6] {
                let code = (tint * glow * (0.3 + 0.35 * u) + 0.1 * v).min(1.0);
                out.push((code * 255.0).round() / 255.0);
            }
            out.push(1.0);
        }
    }
    out
}
