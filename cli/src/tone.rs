//! Tone maps for looking at HDR on an SDR display. They are for eyes, not for data.

use clap::ValueEnum;
use headroom::camera;
use headroom_colour::transfer::inverse_eotf_srgb;

/// A tone map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ToneMap {
    /// Cut at white.
    None,
    /// v / (1 + v) on the luminance (Reinhard et al. 2002), white pushed to 8.
    Reinhard,
    /// The curve of the filmic camera, without rounding.
    Filmic,
    /// A rational S-curve near the ACES SDR output (Narkowicz 2015).
    AcesLike,
}

/// Luminance that Reinhard's curve takes to white.
const REINHARD_WHITE: f64 = 8.0;

impl ToneMap {
    /// Linear Rec.709 light to the sRGB signal, 0 to 1.
    pub(crate) fn signal(self, rgb: [f64; 3]) -> [f64; 3] {
        // max turns NaN into 0.
        let rgb = rgb.map(|v| v.max(0.0));
        let srgb = |v: f64| inverse_eotf_srgb(v.min(1.0));
        match self {
            Self::None => rgb.map(srgb),
            Self::Reinhard => {
                let y = 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2];
                let scale = (1.0 + y / (REINHARD_WHITE * REINHARD_WHITE)) / (1.0 + y);
                rgb.map(|v| srgb(v * scale))
            }
            Self::Filmic => match camera::find("filmic") {
                Some(camera) => camera.signal(rgb),
                None => rgb.map(srgb),
            },
            Self::AcesLike => rgb.map(|v| {
                let x = v * 0.6;
                srgb(x * (2.51 * x + 0.03) / (x * (2.43 * x + 0.59) + 0.14))
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_map_keeps_black_rises_and_stays_below_one() {
        for map in ToneMap::value_variants() {
            assert!(map.signal([0.0; 3])[0].abs() < 1e-9, "{map:?}");
            let mut last = 0.0;
            for stop in -9..=6 {
                let v = map.signal([2f64.powi(stop); 3])[0];
                assert!(v >= last && v <= 1.0, "{map:?} at {stop}: {v} after {last}");
                last = v;
            }
            assert!(last > 0.9, "{map:?} reaches {last}");
            assert!(map.signal([f64::NAN, -1.0, 0.2]).iter().all(|v| v.is_finite()));
        }
    }
}
