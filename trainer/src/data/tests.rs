//! Facts about data sets as a whole, on pictures made here.

use super::*;
use crate::shot::{Batch, Seer};
use headroom_frame::{AlphaKind, Frame, WriteOptions, write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

pub(crate) fn exr(path: &Path, width: usize, height: usize, key: u64) {
    let mut draw = random::Draw::new(&[key]);
    let (a, b) = (draw.range(2.0, 6.0), draw.range(20.0, 60.0));
    let pixels = (0..width * height)
        .flat_map(|i| {
            let (x, y) = ((i % width) as f64, (i / width) as f64);
            let stops = a * libm::sin(x / b) + 3.0 * libm::cos(y / 30.0) - 2.0;
            let light = libm::exp2(stops) as f32;
            [light, light * 0.8, light * 0.5, 1.0]
        })
        .collect();
    let frame = Frame::new(width as u32, height as u32, pixels, AlphaKind::Opaque);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    write(path, &frame, &WriteOptions::default()).expect("written");
}

pub(crate) fn seer() -> Seer {
    Seer::of("grid").expect("a network")
}

pub(crate) fn small(hdr: &Path) -> Settings {
    Settings {
        hdr: Some(hdr.to_owned()),
        view: Some([96, 64]),
        views: 3,
        batch_size: 4,
        workers: 1,
        split: split::Settings { val: 0.25, ..Default::default() },
        ..Settings::default()
    }
}

pub(crate) fn panoramas(count: u64) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let hdr = folder.path().join("hdr");
    for key in 0..count {
        exr(&hdr.join(format!("scene_{key}.exr")), 256, 128, key);
    }
    (folder, hdr)
}

fn bits(batch: &Batch) -> Vec<u32> {
    let values = |shot: &crate::shot::Shot| -> Vec<u32> {
        let all = [&shot.code, &shot.picture, &shot.base, &shot.truth, &shot.clip, &shot.inside];
        all.iter().flat_map(|values| values.iter().map(|v| v.to_bits())).collect()
    };
    batch.shots().flat_map(values).collect()
}

#[test]
fn thinned_views_keep_pixels_as_they_are_and_what_was_seen_of_the_whole() {
    let (_folder, hdr) = panoramas(5);
    let settings = Settings { view: Some([96, 96]), ..small(&hdr) };
    let whole = DataSet::open(&settings, seer()).expect("data").batch(0, 1).expect("a batch");
    let thinned = Settings { thin: 3, ..settings };
    let thinned = DataSet::open(&thinned, seer()).expect("data").batch(0, 1).expect("a batch");
    for (all, few) in whole.shots().zip(thinned.shots()) {
        assert_eq!((all.size, few.size, few.frame), ([96, 96], [32, 32], [32, 32]));
        for name in ["look", "histogram"] {
            assert_eq!(all.seen.tensor(name), few.seen.tensor(name));
        }
        for (all, few) in [
            (&all.code, &few.code),
            (&all.truth, &few.truth),
            (&all.clip, &few.clip),
            (&all.inside, &few.inside),
        ] {
            for (i, pixel) in few.as_chunks::<3>().0.iter().enumerate() {
                let (x, y) = (i % 32 * 3 + 1, i / 32 * 3 + 1);
                assert_eq!(pixel[..], all[(y * 96 + x) * 3..][..3]);
            }
        }
    }
}

#[test]
fn recoded_pictures_are_what_an_srgb_camera_with_the_same_white_records() {
    let (_folder, hdr) = panoramas(5);
    for (family, white) in [("filmic", 0.18 * 4.2f64.exp2()), ("srgb", 1.0), ("bt709", 1.0)] {
        let camera = camera::Settings {
            recoded: true,
            curves: [(family.to_owned(), 1.0)].into(),
            white_balance: 0.0,
            jpeg_probability: 0.0,
            ..Default::default()
        };
        let settings = Settings { camera, ..small(&hdr) };
        let data = DataSet::open(&settings, seer()).expect("data");
        let batch = data.batch(0, 1).expect("a batch");
        let mut compared = 0;
        for shot in batch.shots() {
            let codes = shot.code.as_chunks::<3>().0.iter().zip(shot.picture.as_chunks::<3>().0);
            for ((code, picture), base) in codes.zip(shot.base.as_chunks::<3>().0) {
                if family == "srgb" {
                    assert_eq!(code, picture);
                }
                // In the toe and above the last knot below white the light of a code is told less finely.
                if code.iter().any(|code| !(0.1..0.957).contains(code)) {
                    continue;
                }
                for (found, &light) in picture.iter().zip(base) {
                    let light = (f64::from(light) / white).max(0.0);
                    let expected = headroom_colour::transfer::inverse_eotf_srgb(light);
                    let off = f64::from(*found) - expected;
                    // Between knots light is straight in stops.
                    assert!(off.abs() < 0.012, "{family} {code:?}: {found}, {expected}");
                    compared += 1;
                }
            }
            // White is white, whatever the curve.
            let codes = shot.code.as_chunks::<3>().0.iter().zip(shot.picture.as_chunks::<3>().0);
            for (_, picture) in codes.filter(|(code, _)| **code == [1.0; 3]) {
                assert!(picture.iter().all(|v| (v - 1.0).abs() < 1e-5), "{picture:?}");
            }
        }
        assert!(compared > 1000, "{family}: {compared}");
    }
}

#[test]
fn batches_are_the_same_with_any_number_of_workers_and_in_any_order() {
    let (_folder, hdr) = panoramas(5);
    let mut seen: Vec<Vec<Vec<u32>>> = Vec::new();
    for workers in [1, 2, 5] {
        let data = DataSet::open(&Settings { workers, ..small(&hdr) }, seer()).expect("data");
        assert_eq!(data.batches_per_epoch(), 3);
        let batches: Vec<Batch> = data.loader(1, 0).collect::<Result<_, _>>().expect("batches");
        assert_eq!(batches.iter().map(|batch| batch.index).collect::<Vec<_>>(), [0, 1, 2]);
        seen.push(batches.iter().map(bits).collect());
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!(seen[0], seen[2]);
    let data = DataSet::open(&small(&hdr), seer()).expect("data");
    let last = data.batch(1, 2).expect("a batch");
    assert_eq!(bits(&last), seen[0][2]);
    assert_ne!(bits(&data.batch(2, 2).expect("a batch")), seen[0][2], "another epoch");
    let rest: Vec<Batch> = data.loader(1, 2).collect::<Result<_, _>>().expect("batches");
    assert_eq!(rest.len(), 1);
    let other = DataSet::open(&Settings { seed: 1, ..small(&hdr) }, seer()).expect("data");
    assert_ne!(bits(&other.batch(1, 2).expect("a batch")), seen[0][2], "another seed");
}

#[test]
fn a_loader_that_is_dropped_stops_and_names_in_an_epoch_are_unique() {
    let (_folder, hdr) = panoramas(4);
    let data = DataSet::open(&Settings { workers: 2, ..small(&hdr) }, seer()).expect("data");
    let mut loader = data.loader(0, 0);
    loader.next().expect("one").expect("a batch");
    drop(loader);
    assert_eq!(Arc::strong_count(&data), 1, "threads are gone");
    let batches: Vec<Batch> = data.loader(0, 0).collect::<Result<_, _>>().expect("batches");
    let names: std::collections::BTreeSet<_> =
        batches.iter().flat_map(Batch::shots).map(|shot| shot.name.clone()).collect();
    assert_eq!(names.len(), batches.iter().flat_map(Batch::shots).count());
}

#[test]
fn a_file_that_cannot_be_read_is_named_and_skipped_or_fatal_as_chosen() {
    let (_folder, hdr) = panoramas(4);
    let bytes = std::fs::read(hdr.join("scene_1.exr")).expect("read");
    std::fs::write(hdr.join("broken.exr"), &bytes[..bytes.len() / 2]).expect("written");
    let data = DataSet::open(&small(&hdr), seer()).expect("data");
    assert_eq!(data.report().unreadable.len(), 1);
    assert_eq!(data.report().unreadable[0].0, "broken");
    assert!(data.report().to_string().contains("broken"), "{}", data.report());
    let settings = Settings { unreadable: settings::Unreadable::Fatal, ..small(&hdr) };
    let error = DataSet::open(&settings, seer()).expect_err("an error").to_string();
    assert!(error.contains("broken.exr"), "{error}");
}

#[test]
fn what_is_measured_does_not_depend_on_the_seed_nor_on_other_pictures() {
    let (_folder, hdr) = panoramas(4);
    let val = hdr.parent().expect("a folder").join("val");
    exr(&val.join("a.exr"), 256, 128, 90);
    let settings = Settings { val: Some(val.clone()), ..small(&hdr) };
    let one = DataSet::open(&settings, seer()).expect("data");
    assert_eq!(one.validation(), 2);
    exr(&val.join("0.exr"), 256, 128, 91);
    let settings = Settings { seed: 5, ..settings };
    let two = DataSet::open(&settings, seer()).expect("data");
    assert_eq!(two.validation(), 4);
    let (a, b) = (one.validation_shot(1).expect("shot"), two.validation_shot(3).expect("shot"));
    assert_eq!(a.name, b.name);
    assert_eq!(a.code, b.code);
    assert_ne!(one.manifest(), two.manifest());
    assert!(two.validation_shot(4).is_err());
}
