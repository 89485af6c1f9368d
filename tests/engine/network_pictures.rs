//! Networks in the picture's way.

use crate::bench_frame::picture;
use crate::harness::{expand, plan, pure};
use crate::network_models::file;
use headroom::expand::{Alpha, Interrupted, Plan, Statistics, Surroundings, analyse, render};
use headroom::model::search::SearchPath;
use headroom::settings::Values;
use headroom_kernel::{Components, ImageMut, ImageRef, Pool, Rect};
use std::sync::atomic::{AtomicUsize, Ordering};

const RECT: Rect = Rect::new(-7, 11, 323, 212);
const NETWORKS: [&str; 6] =
    ["grid", "residual", "unet", "unet-linear", "unet-attention", "diff-hdrtv"];

fn most_off(a: &[f32], b: &[f32]) -> f32 {
    let off = |(a, b): (&f32, &f32)| (a - b).abs() / b.abs().max(1.0);
    a.iter().zip(b).map(off).fold(0.0, f32::max)
}

#[test]
fn how_large_tiles_are_does_not_show() {
    let source = picture(RECT);
    for network in &NETWORKS[1..] {
        let with = |limit: &str| {
            let settings =
                [("method", *network), ("protect_unclipped", "false"), ("memory_limit", limit)];
            expand(&plan(&settings, Alpha::Opaque), &source, RECT)
        };
        let (whole, report) = with("4000");
        assert_eq!(report.fallback, None, "{network}");
        let (tiled, report) = with("2");
        assert_eq!(report.fallback, None, "{network}");
        assert!(most_off(&tiled, &whole) < 1e-5, "{network}: {}", most_off(&tiled, &whole));
        assert_ne!(tiled, pure(&plan(&[], Alpha::Opaque), &source), "{network} does something");
    }
}

#[test]
fn a_frame_that_does_not_fit_is_shown_by_the_exact_transform_and_says_so() {
    let rect = Rect::new(0, 0, 400, 300);
    let source = picture(rect);
    let mut plan = plan(&[("method", "unet-attention")], Alpha::Opaque);
    let mut values = Values::default();
    let path = file("unet-attention");
    for (id, text) in [
        ("method", "unet-attention"),
        ("weights", path.to_str().expect("plain")),
        ("memory_limit", "1"),
    ] {
        values.set_text(id, text).expect("a setting");
    }
    let (expanded, _) = expand(&plan, &source, rect);
    plan = Plan::new(&values, &Surroundings::default());
    plan.load(&SearchPath::new(None)).expect("sound");
    let (out, report) = expand(&plan, &source, rect);
    if let Some(told) = report.fallback {
        assert!(told.contains("MB"), "{told}");
        assert_eq!(out, pure(&plan, &source));
    } else {
        // A megabyte is enough for small tiles of this network.
        assert!(most_off(&out, &expanded) < 1e-5);
    }
}

#[test]
fn weights_that_cannot_be_leave_the_exact_transform_and_a_message() {
    let source = picture(RECT);
    let folder = tempfile::tempdir().expect("a folder");
    let broken = folder.path().join("broken.safetensors");
    std::fs::write(&broken, vec![0xff; 100]).expect("written");
    let residual = file("residual");
    for (method, weights, told) in [
        ("residual", String::new(), "residual has no weights: choose a file in Weights"),
        ("grid", broken.display().to_string(), "broken.safetensors: "),
        ("grid", residual.display().to_string(), "found weights of residual, expected grid"),
        ("unet", "/nowhere/at/all".to_owned(), "no such file"),
        ("unet", "../up".to_owned(), "path"),
    ] {
        let mut values = Values::default();
        values.set_text("method", method).expect("a method");
        values.set_text("weights", &weights).expect("a path");
        let mut plan = Plan::new(&values, &Surroundings::default());
        let error = plan.load(&SearchPath::new(None)).expect_err("refused").to_string();
        assert!(error.contains(told), "{error}");
        let (out, _) = expand(&plan, &source, RECT);
        assert_eq!(out, pure(&plan, &source), "{method}");
    }
    // Not loaded at all: nothing is expanded either.
    let mut values = Values::default();
    values.set_text("method", "residual").expect("a method");
    let plan = Plan::new(&values, &Surroundings::default());
    assert_eq!(expand(&plan, &source, RECT).0, pure(&plan, &source));
}

#[test]
fn what_counts_as_clipped_follows_statistics_of_other_frames() {
    let source = picture(RECT);
    let image = ImageRef::from_floats(&source, RECT, Components::Rgba).expect("fits");
    let pool = Pool::new(2);
    let run = |plan: &Plan, other: Option<Statistics>| {
        let mut analysis = analyse(plan, &image, RECT, &pool, &|| false).expect("runs");
        let mut out = vec![0.0f32; source.len()];
        let mut once = |analysis: &_| {
            let target = ImageMut::from_floats(&mut out, RECT, Components::Rgba).expect("fits");
            render(plan, analysis, &image, None, target, &pool, &|| false).expect("runs");
        };
        // Rendered before as well, so that what was kept of the old level would show.
        once(&analysis);
        if let Some(statistics) = other {
            analysis = analysis.with_statistics(statistics);
            once(&analysis);
        }
        out
    };
    for network in ["grid", "residual"] {
        let auto = plan(&[("method", network)], Alpha::Opaque);
        let by_hand = [("method", network), ("clip_auto", "false"), ("clip_threshold", "0.9")];
        let by_hand = run(&plan(&by_hand, Alpha::Opaque), None);
        let other = Statistics { clip_level: 0.9, clip_strength: 1.0, ..Statistics::default() };
        assert_eq!(run(&auto, Some(other)), by_hand, "{network}");
        assert_ne!(run(&auto, None), by_hand, "{network}");
    }
}

#[test]
fn a_render_stops_between_operations() {
    let source = picture(RECT);
    let image = ImageRef::from_floats(&source, RECT, Components::Rgba).expect("fits");
    let pool = Pool::new(2);
    for network in ["grid", "residual"] {
        let settings = [("method", network), ("memory_limit", "2")];
        let plan = plan(&settings, Alpha::Opaque);
        let analysis = analyse(&plan, &image, RECT, &pool, &|| false).expect("runs");
        let all = {
            let asked = AtomicUsize::new(0);
            let count = || asked.fetch_add(1, Ordering::Relaxed) == usize::MAX;
            let mut out = vec![0.0f32; source.len()];
            let target = ImageMut::from_floats(&mut out, RECT, Components::Rgba).expect("fits");
            render(&plan, &analysis, &image, None, target, &pool, &count).expect("runs");
            asked.into_inner()
        };
        for stop in [0, all / 3, 2 * all / 3] {
            let analysis = analyse(&plan, &image, RECT, &pool, &|| false).expect("runs");
            let asked = AtomicUsize::new(0);
            let abort = || asked.fetch_add(1, Ordering::Relaxed) >= stop;
            let mut out = vec![0.0f32; source.len()];
            let target = ImageMut::from_floats(&mut out, RECT, Components::Rgba).expect("fits");
            let stopped = render(&plan, &analysis, &image, None, target, &pool, &abort);
            assert_eq!(stopped.err(), Some(Interrupted), "{network} after {stop} of {all}");
        }
    }
}

#[test]
fn networks_see_the_picture_with_its_top_row_on_top() {
    // A grid whose look is the same upside down but for its height channel must tell the two apart,
    // and a mirrored picture must not come out as the mirror of the result.
    let source = picture(RECT);
    let row = RECT.width() * 4;
    let mirrored: Vec<f32> = source.chunks_exact(row).rev().flatten().copied().collect();
    let plan = plan(&[("method", "grid")], Alpha::Opaque);
    let (up, _) = expand(&plan, &source, RECT);
    let (down, _) = expand(&plan, &mirrored, RECT);
    let turned: Vec<f32> = down.chunks_exact(row).rev().flatten().copied().collect();
    assert_ne!(up, turned);
}

#[test]
fn the_curve_of_the_camera_is_found_by_the_grid_that_is_chosen_or_by_the_one_that_ships() {
    let source = picture(RECT);
    let estimate = ("input_space", "estimate");
    let plan_of = |settings: &[(&str, &str)]| plan(settings, Alpha::Opaque);
    let found = plan_of(&[("method", "grid"), estimate, ("amount", "0")]);
    assert!(found.estimates() && found.needs_whole_frame());
    let (with, _) = expand(&found, &source, RECT);
    let srgb = pure(&found, &source);
    assert!(most_off(&with, &srgb) > 1e-3, "another curve");
    let mut values = Values::default();
    values.set_text("input_space", "estimate").expect("an option");
    values.set_text("method", "inverse").expect("a method");
    let mut shipped = Plan::new(&values, &Surroundings::default());
    // Not loaded, sRGB stands.
    assert_eq!(expand(&shipped, &source, RECT).0, srgb);
    shipped.load(&SearchPath::new(None)).expect("grid ships");
    let (by_shipped, _) = expand(&shipped, &source, RECT);
    assert!(most_off(&by_shipped, &srgb) > 1e-3, "a curve of its own");
    assert!(most_off(&by_shipped, &with) > 1e-3, "not that of the chosen weights");
}
