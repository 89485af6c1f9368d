//! What the expansion did, in stops.

use super::{ViewInfo, grey, luminance};
use crate::expand::math::log2;

pub(super) const VIEW: ViewInfo = ViewInfo {
    id: "difference",
    label: "Difference in stops",
    description: "log2 of the result's luminance over the pure colour transform's, in stops: 0 is \
                  unchanged, 1 twice as bright, negative darker. Raw data.",
    raw: true,
    needs_mask: false,
    shade: |context, strip| {
        grey(strip, |strip, i| {
            let before = luminance(&strip.linear, context.luminance, i);
            let after = luminance(&strip.expanded, context.luminance, i);
            let known = before > 0.0 && after > 0.0 && after.to_bits() != before.to_bits();
            if known { log2(after) - log2(before) } else { 0.0 }
        });
    },
};
