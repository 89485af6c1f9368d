//! Candle's operations whose gradients are wrong or missing are called nowhere.

use std::fs;
use std::path::Path;

/// With the reason of each; see `src/stock/mod.rs`. A line that keeps the argument where the gradient
/// is right says so with `// guarded:`.
const FORBIDDEN: [(&str, &str); 23] = [
    (".max_pool2d", "its gradient is a quarter"),
    (".avg_pool2d", "none where the kernel is not the stride"),
    (".upsample_nearest", "overwrites gradients that are there already"),
    (".interpolate", "overwrites gradients that are there already"),
    (".upsample_bilinear", "has no gradient"),
    (".conv_transpose1d", "has no gradient"),
    (".relu(", "its gradient at 0 is 1"),
    (".silu(", "not a number far below 0"),
    (".gelu", "its constants are rounded"),
    (".elu(", "unchecked"),
    (".maximum(", "half the gradient at a tie"),
    (".minimum(", "half the gradient at a tie"),
    (".clamp(", "half the gradient at its limits"),
    (".abs()?", "its gradient at 0 is 1"),
    (".sqrt()", "infinite at 0"),
    (".powf(", "infinite at 0 below 1"),
    (".pow(", "not a number at 0"),
    ("softmax", "the fused one cuts the gradient"),
    ("rms_norm", "the fused one cuts the gradient"),
    ("layer_norm", "the fused one cuts the gradient"),
    (".ceil()", "has no gradient"),
    (".max(D", "a share for each of several largest"),
    (".min(D", "a share for each of several least"),
];

fn look(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            look(&path, found);
            continue;
        }
        let text = fs::read_to_string(&path).expect("a source is text");
        for (index, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            for (call, reason) in FORBIDDEN {
                if code.contains(call) && !line.contains("// guarded:") {
                    found.push(format!("{}:{}: {call}: {reason}", path.display(), index + 1));
                }
            }
        }
    }
}

#[test]
fn nothing_is_called_whose_gradient_is_wrong() {
    let mut found = vec![];
    look(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    assert!(found.is_empty(), "{}", found.join("\n"));
}
