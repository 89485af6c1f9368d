//! The light that was added.

use super::ViewInfo;
use crate::expand::strip::head;

pub(super) const VIEW: ViewInfo = ViewInfo {
    id: "expansion-only",
    label: "Expansion only",
    description: "Linear light added by the expansion, in the output's primaries: plus the pure \
                  colour transform (linear) it gives the result; also a source for glows. Raw data.",
    raw: true,
    needs_mask: false,
    shade: |context, strip| {
        let n = strip.n;
        for (to, from) in strip.expanded.iter_mut().zip(&strip.linear) {
            for (to, from) in to[..n].iter_mut().zip(&from[..n]) {
                *to -= from;
            }
        }
        let [r, g, b] = head(&mut strip.expanded, n);
        context.conversion.primaries_planar(r, g, b);
    },
};
