//! Facts about pairs, LogC3 pictures, clips and caches.

use super::tests::{exr, panoramas, seer, small};
use super::*;
use crate::shot::Shot;
use headroom_colour::find;
use headroom_frame::{AlphaKind, Frame, Sample, WriteOptions, write};
use settings::{Auto, Panoramas, Scale};
use std::path::Path;

fn picture(path: &Path, sample: Sample, size: [usize; 2], at: impl Fn(usize, usize) -> [f32; 3]) {
    let [width, height] = size;
    let pixels = (0..width * height)
        .flat_map(|i| {
            let [r, g, b] = at(i % width, i / width);
            [r, g, b, 1.0]
        })
        .collect();
    let frame = Frame::new(width as u32, height as u32, pixels, AlphaKind::Opaque);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    write(path, &frame, &WriteOptions { sample, ..Default::default() }).expect("written");
}

/// Codes of a ramp and their light.
fn code(x: usize, y: usize) -> [f32; 3] {
    [x, y, (x + y) / 2].map(|v| (v * 2 % 256) as f32 / 255.0)
}

fn srgb(code: f32) -> f32 {
    headroom_colour::transfer::eotf_srgb(f64::from(code)) as f32
}

fn near(a: f32, b: f32, what: &str) {
    assert!((a - b).abs() <= 1e-5 * b.abs().max(1e-3), "{what}: {a} {b}");
}

fn all(data: &DataSet) -> Vec<Shot> {
    let batches = 0..data.batches_per_epoch();
    batches
        .flat_map(|i| data.batch(0, i).expect("a batch").shots().cloned().collect::<Vec<_>>())
        .collect()
}

fn pairs(folder: &Path, count: usize) -> Settings {
    for i in 0..count {
        let name = format!("pair {i}");
        picture(&folder.join(format!("ldr/{name}.png")), Sample::Auto, [160, 128], code);
        // Twice as much light as the codes say, and what clips is brighter still.
        picture(&folder.join(format!("hdr/{name}.exr")), Sample::Float, [160, 128], |x, y| {
            code(x, y).map(|code| 2.0 * srgb(code) + if code == 1.0 { 5.0 } else { 0.0 })
        });
    }
    Settings {
        ldr: Some(folder.join("ldr")),
        min_size: Some(128),
        scale_jitter: 1.0,
        ..small(&folder.join("hdr"))
    }
}

#[test]
fn pairs_are_found_by_name_and_what_has_no_partner_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = pairs(folder.path(), 4);
    exr(&folder.path().join("hdr/lonely.exr"), 160, 128, 1);
    picture(&folder.path().join("ldr/alone.png"), Sample::Auto, [160, 128], code);
    picture(&folder.path().join("ldr/other.png"), Sample::Auto, [160, 130], code);
    exr(&folder.path().join("hdr/other.exr"), 160, 128, 1);
    exr(&folder.path().join("hdr/tiny.exr"), 100, 128, 1);
    picture(&folder.path().join("ldr/tiny.png"), Sample::Auto, [100, 128], code);
    let data = DataSet::open(&settings, seer()).expect("data");
    let report = data.report();
    assert_eq!(report.pictures.iter().sum::<usize>(), 4, "{report}");
    let reason = |name: &str| {
        let mut all = report.skipped.iter().chain(&report.unreadable);
        all.find(|(found, _)| found == name).map(|(_, reason)| reason.clone()).unwrap_or_default()
    };
    assert!(reason("lonely").contains("no SDR"), "{report}");
    assert!(reason("alone").contains("no HDR"), "{report}");
    assert!(reason("other").contains("160 x 130"), "{report}");
    assert!(reason("tiny").contains("100 x 128"), "{report}");
    assert!(report.to_png().expect("a chart").starts_with(b"\x89PNG"));
    for shot in all(&data) {
        for ((code, base), truth) in shot.code.iter().zip(&*shot.base).zip(&*shot.truth) {
            assert!(((code * 255.0).round() / 255.0 - code).abs() < 1e-6, "an 8-bit code: {code}");
            near(*base, srgb(*code), "base");
            if *code < 0.999 {
                assert!((truth - 2.0 * base).abs() < 1e-4, "{truth} {base}");
            }
        }
    }
    // Pairs under 1024 pixels are not used unless asked for.
    let error = DataSet::open(&Settings { min_size: None, ..settings }, seer()).expect_err("none");
    assert_eq!(error.code(), 3);
    assert!(error.to_string().contains("1024 x 1024"), "{error}");
}

#[test]
fn the_scale_of_a_pair_is_found_from_what_did_not_clip() {
    let folder = tempfile::tempdir().expect("a folder");
    let auto = Scale::Named(Auto::Auto);
    let settings = Settings { scale_hdr: auto, ..pairs(folder.path(), 4) };
    let data = DataSet::open(&settings, seer()).expect("data");
    let text = toml::to_string(&settings).expect("text");
    assert!(text.contains("scale_hdr = \"auto\""), "{text}");
    assert_eq!(toml::from_str::<Settings>(&text).expect("settings"), settings);
    for shot in all(&data) {
        for (base, truth) in shot.base.iter().zip(&*shot.truth).filter(|(base, _)| **base < 0.99) {
            assert!((truth - base).abs() < 1e-3, "{truth} {base}");
        }
    }
}

/// LogC3 of a pixel, and its linear Rec.709 light by the exact conversion.
fn logc(x: usize, y: usize) -> ([f32; 3], [f64; 3]) {
    let log = [x, y, (x + 2 * y) / 3].map(|v| ((v * 13) % 4096) as f64 / 4095.0 * 0.55 + 0.2);
    // What 12 bits hold.
    let log = log.map(|v| (v * 4095.0).round() / 4095.0);
    let conversion = headroom_colour::Conversion::new(
        find("arri_logc3_ei800").expect("LogC3"),
        find("lin_rec709_srgb").expect("Rec.709"),
        Default::default(),
    );
    (log.map(|v| v as f32), conversion.convert(log))
}

#[test]
fn logc_pictures_of_12_bits_in_16_and_of_floats_become_light_and_codes() {
    for (bits, sample, scale) in
        [(Some(12), Sample::U16, 4095.0 / 65535.0), (None, Sample::Float, 1.0)]
    {
        let folder = tempfile::tempdir().expect("a folder");
        for i in 0..4 {
            picture(&folder.path().join(format!("shot {i}.tif")), sample, [128, 96], |x, y| {
                logc(x, y).0.map(|v| v * scale as f32)
            });
        }
        let settings = Settings {
            hdr: None,
            logc: logc::Settings { folder: Some(folder.path().into()), bits, ..Default::default() },
            scale_jitter: 1.0,
            flip_horizontal: false,
            ..small(folder.path())
        };
        let data = DataSet::open(&settings, seer()).expect("data");
        assert_eq!(data.report().kind, "LogC3");
        for shot in all(&data) {
            // Where the tile lies in the picture is in the record: "at left,top".
            let at = shot.camera.split("at ").nth(1).expect("a place");
            let mut numbers = at.split([',', ' ']).map(|n| n.parse::<f64>().expect("a number"));
            let (left, top) = (numbers.next().expect("left"), numbers.next().expect("top"));
            let (left, top) = (left as usize + shot.at[1], top as usize + shot.at[0]);
            for (i, truth) in shot.truth.as_chunks::<3>().0.iter().enumerate() {
                let (x, y) = (left + i % shot.size[1], top + i / shot.size[1]);
                let expected = logc(x, y).1;
                for channel in 0..3 {
                    let difference = f64::from(truth[channel]) - expected[channel];
                    assert!(difference.abs() < 2e-4 * expected[channel].abs() + 2e-4);
                }
            }
            let unclipped = shot.code.iter().zip(&*shot.base).zip(&*shot.truth);
            for ((code, base), truth) in unclipped.filter(|((c, _), _)| (0.1..0.9).contains(*c)) {
                assert!((base / truth - 1.0).abs() < 0.1, "{code}: {base} {truth}");
            }
        }
    }
}

#[test]
fn a_cube_table_makes_the_sdr_side_and_greys_come_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut cube = String::from("TITLE \"half\"\nLUT_3D_SIZE 17\n");
    for i in 0..17 * 17 * 17 {
        let (r, g, b) = (i % 17, i / 17 % 17, i / 289);
        for v in [r, g, b] {
            // From LogC3 0.1 black to 0.8 white.
            cube += &format!("{} ", ((f64::from(v) / 16.0 - 0.1) / 0.7).clamp(0.0, 1.0));
        }
        cube += "\n";
    }
    let lut = folder.path().join("half.cube");
    std::fs::write(&lut, cube).expect("written");
    let settings = logc::Settings { lut: Some(lut), ..Default::default() };
    let transform = settings.transform().expect("a table");
    let greys: Vec<f32> = (0..60).map(|i| libm::exp2f(i as f32 / 8.0 - 6.0)).collect();
    let pixels: Vec<f32> = greys.iter().flat_map(|&v| [v; 3]).collect();
    let greys = raster::Raster { width: 60, height: 1, pixels };
    let codes = transform.codes(&greys);
    let base = transform.base(&codes);
    let mut compared = 0;
    for ((code, base), truth) in codes.iter().zip(&base).zip(&greys.pixels) {
        if (1..255).contains(code) {
            assert!((base / truth - 1.0).abs() < 0.03, "{code}: {base} {truth}");
            compared += 1;
        }
    }
    assert!(compared > 60, "{compared}");
    let missing = logc::Settings { lut: Some("none.cube".into()), ..Default::default() };
    let error = missing.transform().expect_err("no table").to_string();
    assert!(error.contains("data.logc.lut: none.cube"), "{error}");
}

#[test]
fn a_clip_of_a_still_moves_with_one_camera_and_stays_inside() {
    let folder = tempfile::tempdir().expect("a folder");
    let hdr = folder.path().join("hdr");
    for key in 0..4 {
        exr(&hdr.join(format!("flat_{key}.exr")), 160, 100, key);
    }
    let settings = Settings { clip_len: 5, panorama: Panoramas::Never, ..small(&hdr) };
    let data = DataSet::open(&settings, seer()).expect("data");
    let batch = data.batch(0, 0).expect("a batch");
    assert_eq!(batch.clips.len(), 4);
    let mut moved = 0;
    for clip in &batch.clips {
        assert_eq!(clip.shots.len(), 5);
        assert!(clip.shots.iter().all(|shot| shot.camera == clip.shots[0].camera));
        assert!(clip.shots.iter().all(|shot| shot.at == clip.shots[0].at));
        moved += usize::from(clip.shots[1].truth != clip.shots[0].truth);
        for (step, shot) in clip.shots.iter().enumerate() {
            assert!(shot.name.ends_with(&format!(".{step}")), "{}", shot.name);
        }
    }
    assert!(moved > 0);
}

/// Of thinned tiles too: along its motion the light of a scene stays where at the same pixel it changes.
#[test]
fn where_pixels_of_a_clip_were_is_told_in_those_of_its_shots() {
    let (_folder, hdr) = panoramas(4);
    // Wider than a tile, so that it lies somewhere in the view.
    for (thin, view) in [(1, [320, 64]), (3, [288, 192])] {
        let view = Some(view);
        let settings = Settings { view, thin, clip_len: 3, motion: 8.0, ..small(&hdr) };
        let data = DataSet::open(&settings, seer()).expect("data");
        let [mut along, mut still] = [0.0; 2];
        for clip in &data.batch(0, 0).expect("a batch").clips {
            assert!(clip.shots[0].before.is_none());
            for pair in clip.shots.windows(2) {
                let motion = pair[1].before.expect("a view that moves");
                let [height, width] = pair[0].size;
                let stops =
                    |shot: &Shot, x: usize, y: usize| shot.truth[(y * width + x) * 3].log2();
                for (x, y) in (0..height).flat_map(|y| (0..width).map(move |x| (x, y))) {
                    let [u, v] = motion.before(x as f64, y as f64).expect("before the camera");
                    if !(0.0..(width - 1) as f64).contains(&u)
                        || !(0.0..(height - 1) as f64).contains(&v)
                    {
                        continue;
                    }
                    let ((left, dx), (top, dy)) =
                        ((u as usize, u.fract() as f32), (v as usize, v.fract() as f32));
                    let row = |y: usize| {
                        let [a, b] = [left, left + 1].map(|x| stops(&pair[0], x, y));
                        a + (b - a) * dx
                    };
                    let was = row(top) + (row(top + 1) - row(top)) * dy;
                    along += (stops(&pair[1], x, y) - was).abs();
                    still += (stops(&pair[1], x, y) - stops(&pair[0], x, y)).abs();
                }
            }
        }
        assert!(along < 0.1 * still, "{thin}: {along} {still}");
    }
}

#[test]
fn a_cache_changes_no_pixel_and_survives_damage() {
    let (folder, hdr) = panoramas(4);
    let plain = small(&hdr);
    let expected = all(&DataSet::open(&plain, seer()).expect("data"));
    let cache = folder.path().join("cache");
    let settings = Settings {
        cache: store::Settings { folder: Some(cache.clone()), memory_mb: 0, disk_mb: 1 << 10 },
        ..plain
    };
    let same = |data: &DataSet| {
        for (a, b) in all(data).iter().zip(&expected) {
            assert_eq!((&a.name, &a.code, &a.truth), (&b.name, &b.code, &b.truth));
        }
    };
    let first = DataSet::open(&settings, seer()).expect("data");
    same(&first);
    let files = || -> Vec<_> {
        std::fs::read_dir(&cache).expect("listed").map(|e| e.expect("entry").path()).collect()
    };
    assert_eq!(files().len(), 4);
    let second = DataSet::open(&settings, seer()).expect("data");
    same(&second);
    assert_eq!(first.manifest(), second.manifest());
    assert_eq!(first.report(), second.report());
    for (i, path) in files().iter().enumerate() {
        let mut bytes = std::fs::read(path).expect("read");
        let place = if i % 2 == 0 { bytes.len() / 2 } else { 30 };
        bytes[place] ^= 0x55;
        std::fs::write(path, &bytes[..bytes.len() - i]).expect("written");
    }
    same(&DataSet::open(&settings, seer()).expect("data"));
    same(&second);
}

#[test]
fn a_cache_stays_within_its_bound() {
    let folder = tempfile::tempdir().expect("a folder");
    let (hdr, cache) = (folder.path().join("hdr"), folder.path().join("cache"));
    for key in 0..4 {
        exr(&hdr.join(format!("{key}.exr")), 512, 256, key);
    }
    let limits = store::Settings { folder: Some(cache.clone()), memory_mb: 0, disk_mb: 2 };
    let data = DataSet::open(&Settings { cache: limits, ..small(&hdr) }, seer()).expect("data");
    data.batch(0, 0).expect("a batch");
    let length = |entry: std::fs::DirEntry| entry.metadata().expect("facts").len();
    let entries = std::fs::read_dir(&cache).expect("listed");
    let total: u64 = entries.map(|entry| length(entry.expect("entry"))).sum();
    assert!(total > 0 && total <= 2 << 20, "{total}");
}

#[test]
fn settings_that_cannot_be_followed_are_named() {
    let hdr = Path::new("hdr");
    let wrong = [
        ("data.tile", Settings { tile: 300, ..small(hdr) }),
        ("data.tile", Settings { tile: 128, ..small(hdr) }),
        ("data.view", Settings { view: Some([100, 64]), ..small(hdr) }),
        ("data.thin", Settings { thin: 2, ..small(hdr) }),
        ("data.thin", Settings { thin: 3, view: Some([96, 64]), ..small(hdr) }),
        ("data.scale_jitter", Settings { scale_jitter: 0.5, ..small(hdr) }),
        ("data.ldr_space", Settings { ldr_space: "none".into(), ..small(hdr) }),
        ("data: found no folder", Settings::default()),
        (
            "data.split.val",
            Settings { split: split::Settings { val: 1.0, ..Default::default() }, ..small(hdr) },
        ),
        (
            "data.camera.curves",
            Settings {
                camera: camera::Settings {
                    curves: [("none".to_owned(), 1.0)].into(),
                    ..Default::default()
                },
                ..small(hdr)
            },
        ),
    ];
    for (field, settings) in wrong {
        let error = settings.check().expect_err(field);
        assert_eq!(error.code(), 2);
        assert!(error.to_string().starts_with(field), "{error}");
    }
    let error = DataSet::open(&small(Path::new("/none")), seer()).expect_err("no folder");
    assert_eq!(error.code(), 3);
}
