//! A network that is shown one picture over and over learns it by heart.

use crate::made::{Made, STILL};
use serde_json::Value;

#[test]
fn one_picture_is_learned_to_40_db() {
    let made = Made::one();
    let own = [
        "train.epochs=40",
        "optimiser.rate=0.005",
        "optimiser.ema=0.9",
        "eval.metrics=[\"psnr_pu21\", \"psnr_pu21_clipped\"]",
        "eval.every=40",
        "model.config.widths=[8, 12, 16, 16]",
    ];
    let more: Vec<&str> = STILL.into_iter().chain(own).collect();
    let done = made.train("grid", &more);
    let text = std::fs::read_to_string(done.folder.join("logs/metrics.jsonl")).expect("figures");
    let last: Value = serde_json::from_str(text.lines().last().expect("a line")).expect("JSON");
    let found = &last["metrics"]["psnr_pu21"];
    let psnr = found.as_f64().or_else(|| found["mean"].as_f64()).expect("a number");
    assert!(psnr > 40.0, "PU21-PSNR {psnr}");
}
