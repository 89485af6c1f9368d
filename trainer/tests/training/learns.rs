//! A network that is shown one picture over and over learns it by heart.

use crate::made::Made;
use serde_json::Value;

#[test]
fn one_picture_is_learned_to_40_db() {
    let made = Made::new();
    for other in ["scene1.exr", "scene2.exr"] {
        std::fs::remove_file(made.path().join("hdr").join(other)).expect("there");
    }
    let more = [
        "data.views=8",
        "data.flip_horizontal=false",
        "data.scale_jitter=1",
        "data.view=[96, 96]",
        "data.camera.share_min=0.05",
        "data.camera.share_max=0.05",
        "data.camera.unclipped=0",
        "data.camera.white_balance=0",
        "data.camera.curves={ srgb = 1.0 }",
        "data.camera.noise_probability=0",
        "data.camera.jpeg_probability=0",
        "data.camera.resize_probability=0",
        "data.batch_size=1",
        "train.epochs=20",
        "optimiser.ema=0.9",
        "eval.metrics=[\"psnr_pu21\", \"psnr_pu21_clipped\"]",
        "eval.every=20",
        "model.config.base=8",
        "record.samples=0",
    ];
    let done = made.train("unet", &more);
    let text = std::fs::read_to_string(done.folder.join("logs/metrics.jsonl")).expect("figures");
    let last: Value = serde_json::from_str(text.lines().last().expect("a line")).expect("JSON");
    let found = &last["metrics"]["psnr_pu21"];
    let psnr = found.as_f64().or_else(|| found["mean"].as_f64()).expect("a number");
    assert!(psnr > 40.0, "PU21-PSNR {psnr}");
}
