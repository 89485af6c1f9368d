//! `headroom sample`.

use crate::support::*;

#[test]
fn the_same_arguments_give_the_same_files_with_any_threads() {
    let (a, b) = (folder(), folder());
    succeed(&a, "sample {}/s --size 80x45 --frames 2 --threads 1");
    succeed(&b, "sample {}/s --size 80x45 --frames 2 --threads 3");
    let (a, b) = (files(&a.path().join("s")), files(&b.path().join("s")));
    assert_eq!(a.len(), 4);
    assert!(a == b);
}

#[test]
fn both_cameras_clip_the_share_that_was_asked_for() {
    let folder = folder();
    for camera in ["srgb", "filmic"] {
        succeed(&folder, &format!("sample {{}} --size 160x90 --camera {camera} --clip 0.15"));
        let sdr = open(&folder.path().join(format!("sample_{camera}.png")));
        let clips = |p: &&[f32]| p[..3].iter().any(|v| *v >= 249.5 / 255.0);
        let share = sdr.pixels.chunks_exact(4).filter(clips).count() as f64 / (160.0 * 90.0);
        assert!((share - 0.15).abs() < 0.002, "{camera}: {share}");
    }
}

#[test]
fn the_truth_is_one_where_the_plain_camera_clips() {
    let folder = still("160x90");
    let sdr = open(&folder.path().join("sample_srgb.png")).pixels;
    let truth = open(&folder.path().join("sample_srgb_truth.exr")).pixels;
    for (code, light) in sdr.iter().zip(&truth) {
        if *code >= 1.0 {
            assert!(*light > 0.99, "code 255 from light {light}");
        } else {
            assert!(*light < 1.0, "code {} from light {light}", code * 255.0);
        }
    }
}
