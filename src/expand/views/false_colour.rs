//! One colour per stop.

use super::{ViewInfo, luminance};
use crate::expand::math::log2;

/// One colour of the false-colour view.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Legend {
    /// The colour stands for this many stops from 18 % grey up to the next entry.
    pub stops: i32,
    /// The colour, as written (meant as sRGB code values).
    pub rgb: [f32; 3],
    /// What lies there in a usual exposure.
    pub meaning: &'static str,
}

const fn legend(stops: i32, rgb: [f32; 3], meaning: &'static str) -> Legend {
    Legend { stops, rgb, meaning }
}

/// The legend, darkest first. The first colour also stands for everything below, the last for
/// everything above. Grey means what it says; warm colours lie above diffuse white (+2.47 stops).
pub static STOPS: &[Legend] = &[
    legend(-8, [0.05, 0.00, 0.10], "seven stops under grey and darker"),
    legend(-7, [0.16, 0.00, 0.30], ""),
    legend(-6, [0.20, 0.05, 0.50], "deep shadow"),
    legend(-5, [0.10, 0.15, 0.70], ""),
    legend(-4, [0.00, 0.30, 0.80], "shadow"),
    legend(-3, [0.00, 0.50, 0.75], ""),
    legend(-2, [0.00, 0.60, 0.55], ""),
    legend(-1, [0.30, 0.30, 0.30], "just under 18 % grey"),
    legend(0, [0.50, 0.50, 0.50], "18 % grey"),
    legend(1, [0.70, 0.70, 0.70], "light skin"),
    legend(2, [0.85, 0.85, 0.85], "diffuse white"),
    legend(3, [0.60, 0.80, 0.10], "first stop above diffuse white"),
    legend(4, [0.90, 0.90, 0.00], ""),
    legend(5, [1.00, 0.70, 0.00], ""),
    legend(6, [1.00, 0.45, 0.00], "four stops above diffuse white"),
    legend(7, [1.00, 0.15, 0.00], ""),
    legend(8, [0.80, 0.00, 0.15], ""),
    legend(9, [1.00, 0.00, 0.60], ""),
    legend(10, [1.00, 0.45, 1.00], "ten stops above grey and brighter"),
];

pub(super) const VIEW: ViewInfo = ViewInfo {
    id: "false-colour",
    label: "False colour by stops",
    description: "One flat colour per stop of the result's luminance relative to 18 % grey: blues \
                  below, greys around, green to yellow, red and magenta from diffuse white up. \
                  Raw data, meant as sRGB code values.",
    raw: true,
    needs_mask: false,
    shade: |context, strip| {
        for i in 0..strip.n {
            let y = luminance(&strip.expanded, context.luminance, i);
            let stops = log2(y * (1.0 / 0.18)).floor() as i32;
            let last = STOPS.len() as i32 - 1;
            let index = (stops - STOPS[0].stops).clamp(0, last) as usize;
            for (plane, v) in strip.expanded.iter_mut().zip(STOPS[index].rgb) {
                plane[i] = v;
            }
        }
    },
};
