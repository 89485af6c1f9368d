//! How much of a pixel was measured by the camera.

use super::{ViewInfo, grey, luminance};

pub(super) const VIEW: ViewInfo = ViewInfo {
    id: "confidence",
    label: "Confidence",
    description: "1 where the camera measured the pixel. In the clip mask it falls to half the \
                  share of the result's luminance that was in the source: one half where a \
                  clipped pixel kept its value, 1/16 where it gained three stops. Raw data.",
    raw: true,
    needs_mask: true,
    shade: |context, strip| {
        grey(strip, |strip, i| {
            let before = luminance(&strip.linear, context.luminance, i);
            let after = luminance(&strip.expanded, context.luminance, i);
            let kept = if after > before && before > 0.0 { before / after } else { 1.0 };
            1.0 - strip.clip[i] * (1.0 - 0.5 * kept)
        });
    },
};
