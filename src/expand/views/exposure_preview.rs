//! The result at another exposure.

use super::ViewInfo;

pub(super) const VIEW: ViewInfo = ViewInfo {
    id: "exposure-preview",
    label: "Exposure preview",
    description: "The result with its light multiplied by the preview exposure, in the output \
                  colour space: at -4 stops the structure of highlights shows on any monitor.",
    raw: false,
    needs_mask: false,
    shade: |context, strip| {
        let n = strip.n;
        for plane in &mut strip.expanded {
            plane[..n].iter_mut().for_each(|v| *v *= context.preview);
        }
    },
};
