//! Evaluations of made pictures on disk.

use super::condition::{CONDITIONS, Condition};
use super::evaluate::{Cell, MEASURES, Options, Results, evaluate};
use super::scene::Source;
use super::*;
use crate::data::raster::Raster;
use headroom_frame::{AlphaKind, Frame, Sample, WriteOptions};
use headroom_kernel::Pool;
use std::path::{Path, PathBuf};

/// A gradient with lamps; `shift` moves them.
fn light(width: usize, height: usize, shift: usize) -> Raster {
    let mut pixels = Vec::new();
    for y in 0..height {
        for x in 0..width {
            let lamp = (x + shift) % 23 < 4 && y % 17 < 5;
            let base = ((x * 3 + y * 2 + shift) % 97 + 1) as f32 / 97.0;
            let level = base * base + if lamp { 3.0 + (x % 7) as f32 } else { 0.0 };
            pixels.extend([0.8, 1.0, 0.9].map(|c| c * level));
        }
    }
    Raster { width, height, pixels }
}

fn save(path: &Path, raster: &Raster) {
    let pixels = raster.pixels.as_chunks::<3>().0.iter().flat_map(|p| [p[0], p[1], p[2], 1.0]);
    let (width, height) = (raster.width as u32, raster.height as u32);
    let frame = Frame::new(width, height, pixels.collect(), AlphaKind::Opaque);
    let options = WriteOptions { sample: Sample::Float, ..WriteOptions::default() };
    headroom_frame::write(path, &frame, &options).expect("writes");
}

fn scenes() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    save(&folder.path().join("one.exr"), &light(70, 50, 0));
    save(&folder.path().join("pano.exr"), &light(128, 64, 9));
    folder
}

fn options(source: Source, expanders: Vec<Expander>) -> Options {
    let measure = |name: &&str| Measure::find("metrics", name, Align::Scale).expect("a measure");
    Options {
        source,
        conditions: vec![Condition::find("srgb_c5").expect("a condition")],
        expanders,
        measures: MEASURES[..4].iter().map(measure).collect(),
        align: Align::Scale,
        clips: false,
        pictures: 0,
        shown: 1,
        exr: None,
    }
}

fn data(folder: &Path) -> Source {
    Source::Light { folder: folder.to_owned(), views: 1 }
}

fn run(options: &Options) -> Results {
    evaluate(options, &Pool::new(2), &mut |_, _, _| Ok(())).expect("evaluates")
}

fn inverse() -> Expander {
    Expander::method("inverse", false).expect("there")
}

fn values(cell: &Cell) -> Vec<f64> {
    cell.summary.scores().iter().flat_map(|scores| scores.values.clone()).collect()
}

#[test]
fn every_condition_clips_the_share_it_names_and_truth_is_light_times_exposure() {
    // Every pixel differs, so no tie stands in the way of the share.
    let pixels = (0..4000 * 3).map(|i| 0.01 + (i as f32 * 0.001).powi(3)).collect();
    let light = Raster { width: 80, height: 50, pixels };
    for condition in CONDITIONS.iter().filter(|condition| condition.jpeg.is_none()) {
        let exposure = condition.exposure(&light).expect("a camera");
        let (code, truth) = condition.shoot(&light, exposure).expect("a picture");
        let clipped = code.as_chunks::<3>().0.iter().filter(|p| p.iter().any(|v| *v >= 0.9785));
        let share = clipped.count() as f64 / 4000.0;
        assert!((share - condition.share).abs() <= 0.001, "{}: {share}", condition.id);
        assert!(
            (f64::from(truth[500]) / f64::from(light.pixels[500]) / exposure - 1.0).abs() < 1e-6
        );
    }
    let jpeg = Condition::find("srgb_c5_jpg").expect("a condition");
    let plain = Condition::find("srgb_c5").expect("a condition");
    let exposure = jpeg.exposure(&light).expect("a camera");
    assert_eq!(exposure, plain.exposure(&light).expect("a camera"));
    let of = |condition: &Condition| condition.shoot(&light, exposure).expect("a picture").0;
    assert_ne!(of(jpeg), of(plain));
}

#[test]
fn a_method_scores_what_direct_computation_gives() {
    let folder = scenes();
    let results = run(&options(data(folder.path()), vec![inverse()]));
    let condition = Condition::find("srgb_c5").expect("a condition");
    let light = light(70, 50, 0);
    let exposure = condition.exposure(&light).expect("a camera");
    let (code, truth) = condition.shoot(&light, exposure).expect("a picture");
    let exact: Vec<f32> =
        code.iter().map(|v| headroom_colour::transfer::eotf_srgb(f64::from(*v)) as f32).collect();
    let judged = Judged { size: [50, 70], prediction: &exact, truth: &truth, code: &code };
    let measures = results.cells[0].summary.measures();
    let direct = score(measures, &judged, &Pool::new(1)).expect("scores");
    assert_eq!(results.cells[0].summary.scores()[0].picture, "one");
    for ((id, direct), found) in direct.iter().zip(&results.cells[0].summary.scores()[0].values) {
        assert!((direct - found).abs() <= 1e-4 * direct.abs(), "{id}: {found}, not {direct}");
    }
}

#[test]
fn written_predictions_score_as_the_method_that_made_them_and_as_pairs_do() {
    let folder = scenes();
    let exr = folder.path().join("exr");
    let mut first = options(data(folder.path()), vec![inverse()]);
    first.exr = Some(exr.clone());
    let method = run(&first);
    let again = Expander::predictions(exr.join("inverse"));
    let predictions = run(&options(data(folder.path()), vec![again]));
    assert_eq!(values(&method.cells[0]), values(&predictions.cells[0]));
    let pairs = Source::Pairs { ldr: exr.join("input/srgb_c5"), hdr: exr.join("truth/srgb_c5") };
    let pairs = run(&options(pairs, vec![inverse()]));
    assert_eq!(values(&method.cells[0]), values(&pairs.cells[0]));
    assert_eq!(pairs.cells[0].condition, "pairs");
    let missing = Expander::predictions(PathBuf::from("/nowhere/at/all"));
    let options = options(data(folder.path()), vec![missing]);
    let error = evaluate(&options, &Pool::new(1), &mut |_, _, _| Ok(())).expect_err("none there");
    assert!(
        error.to_string().starts_with("srgb_c5, one: /nowhere/at/all: one: found no"),
        "{error}"
    );
}

#[test]
fn views_of_a_panorama_are_fixed_by_name_and_numbered() {
    let folder = scenes();
    let source = Source::Light { folder: folder.path().to_owned(), views: 2 };
    let scenes = source.scenes(false).expect("two files");
    let names: Vec<_> = scenes.iter().map(|scene| scene.name.as_str()).collect();
    assert_eq!(names, ["one", "one_view2", "pano", "pano_view2"]);
    let load = |i: usize| scenes[i].load().expect("reads");
    assert!(load(1).is_none(), "a flat picture has one view");
    let (a, b) = (load(2).expect("a view").light, load(3).expect("a view").light);
    assert_eq!((a.width, a.height), (512, 384));
    assert!(a == load(2).expect("a view").light && a != b);
}

#[test]
fn clips_keep_their_exposure_and_flicker_is_measured() {
    let folder = tempfile::tempdir().expect("a folder");
    for frame in 0..3 {
        let mut raster = light(70, 50, 2 * frame);
        // The lights go up: an exposure for each frame would hide it.
        raster.pixels.iter_mut().for_each(|v| *v *= 1.0 + 0.2 * frame as f32);
        save(&folder.path().join(format!("shot.{frame:04}.exr")), &raster);
    }
    let mut options = options(data(folder.path()), vec![inverse()]);
    options.clips = true;
    let results = run(&options);
    let [(clip, numbers)] = &results.cells[0].clips[..] else { panic!("one clip") };
    assert_eq!(clip, "shot");
    assert!(numbers[0] < 0.0 && numbers[1] >= 0.0, "clipped light stands still: {numbers:?}");
    let exposures: Vec<f64> = results.pictures.values().map(|p| p[0]).collect();
    assert!(exposures.len() == 3 && exposures.iter().all(|e| *e == exposures[0]));
    assert!(
        report::csv::csv(&results).lines().any(|line| line.starts_with("srgb_c5,inverse,shot,,"))
    );
    assert!(report::table::table(&results).contains("Flicker"));
}

#[test]
fn reports_are_whole_say_the_alignment_and_need_no_network() {
    let folder = scenes();
    let brighter = Expander::method("inverse-highlights", false).expect("there");
    let results = run(&options(data(folder.path()), vec![inverse(), brighter]));
    let out = folder.path().join("out");
    report::write(&out, &results).expect("writes");
    let read = |name: &str| std::fs::read_to_string(out.join(name)).expect("a file");
    let page = read("report.html");
    for outside in ["http:", "https:", "url(", "@import", "<script", "<link", "src=\"/"] {
        assert!(!page.contains(outside), "{outside}");
    }
    // Of the one picture shown: the input, the truth at three exposures, four of each method.
    assert_eq!(page.matches("data:image/jpeg;base64,").count(), 1 + 3 + 2 * 4);
    let table = read("table.txt");
    assert!(table.starts_with("All figures are scale-aligned"), "{table}");
    let widths: Vec<usize> = table
        .lines()
        .filter(|line| line.starts_with('|'))
        .map(|line| line.chars().count())
        .take(4)
        .collect();
    assert!(widths.len() == 4 && widths.iter().all(|w| *w == widths[0]), "{widths:?}");
    assert_eq!(read("scores.csv").lines().count(), 1 + 2 * 2);
    let json: serde_json::Value = serde_json::from_str(&read("scores.json")).expect("JSON");
    assert_eq!(json["results"][1]["method"], "inverse-highlights");
    assert_eq!(json["results"][0]["metrics"]["psnr_pu21_s"]["count"], 2);
    assert!(json["results"][0]["scores"][0]["clip_share"].is_number());
}
