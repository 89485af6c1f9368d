//! The whole effect against copying the same frame in and out, in one run on the same threads.
//!
//! `cargo bench -p headroom --bench engine [-- THREADS]`; prints milliseconds (median) and ratios.

use headroom::expand::{METHODS, Plan, Surroundings, analyse, render};
use headroom::model::search::SearchPath;
use headroom::settings::Values;
use headroom_kernel::{Components, ImageMut, ImageRef, Pool, Rect};
use std::time::Instant;
use support::{copy, frame, weights};

#[path = "support/mod.rs"]
mod support;

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
