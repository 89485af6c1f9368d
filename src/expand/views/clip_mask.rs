//! Where the camera cut off.

use super::{ViewInfo, grey};

pub(super) const VIEW: ViewInfo = ViewInfo {
    id: "clip-mask",
    label: "Clip mask",
    description: "How far a pixel lies in what the camera cut off: 0 is untouched, 1 fully \
                  clipped; times the Mask input and the mix. Raw data.",
    raw: true,
    needs_mask: true,
    shade: |_, strip| grey(strip, |strip, i| strip.clip[i] * strip.mix[i]),
};
