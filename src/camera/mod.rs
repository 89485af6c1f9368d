//! Simulated cameras: what a standard-range camera would have made of a known HDR scene.
//!
//! Used for sample frames, by `headroom prep` and in training. They take linear Rec.709 light and
//! give 8-bit codes. A camera is one entry in [`CAMERAS`].
//!
//! Everything is computed in f64 with `libm`, so the codes are the same on every machine.

mod exposure;
pub(crate) mod filmic;
mod srgb;

pub use exposure::{CLIPPED_CODE, exposure_for};

/// A camera.
#[derive(Debug)]
pub struct Camera {
    /// Stable identifier.
    pub id: &'static str,
    /// Text on screen.
    pub label: &'static str,
    /// What it does, in one sentence.
    pub hint: &'static str,
    /// How much of each other channel a channel receives; before the curve.
    cross_talk: f64,
    /// Exposure of one channel (not below 0) to its signal, 0 to 1; never falls.
    curve: fn(f64) -> f64,
}

/// Every camera.
pub static CAMERAS: &[Camera] = &[
    Camera {
        id: "srgb",
        label: "Plain sRGB",
        hint: "The sRGB curve; light above 1.0 is cut hard.",
        cross_talk: 0.0,
        curve: srgb::curve,
    },
    Camera {
        id: "filmic",
        label: "Filmic",
        hint: "An S-curve from 8 stops below to 4.2 stops above mid-grey; bright colours go to white.",
        cross_talk: 0.10,
        curve: filmic::curve,
    },
];

/// The camera of that id; case does not matter.
#[must_use]
pub fn find(id: &str) -> Option<&'static Camera> {
    CAMERAS.iter().find(|camera| camera.id.eq_ignore_ascii_case(id))
}

impl Camera {
    /// Light on the sensor's channels: a tenth of cross-talk leaves 80 % of a channel its own and
    /// takes 10 % from each other one, so white stays white. Negative light and NaN count as 0.
    fn sensor(&self, rgb: [f64; 3]) -> [f64; 3] {
        let rgb = rgb.map(|v| if v > 0.0 { v } else { 0.0 });
        let sum = rgb[0] + rgb[1] + rgb[2];
        rgb.map(|v| (1.0 - 3.0 * self.cross_talk) * v + self.cross_talk * sum)
    }

    /// Exposed linear Rec.709 light to the signal, 0 to 1, before rounding.
    #[must_use]
    pub fn signal(&self, rgb: [f64; 3]) -> [f64; 3] {
        self.sensor(rgb).map(|v| (self.curve)(v).clamp(0.0, 1.0))
    }

    /// One pixel of linear Rec.709 light to codes of 8 bits.
    #[must_use]
    pub fn codes(&self, rgb: [f32; 3], exposure: f64) -> [u8; 3] {
        self.signal(rgb.map(|v| f64::from(v) * exposure)).map(code)
    }
}

/// Rounds half up, as cameras and image writers do.
fn code(signal: f64) -> u8 {
    (signal * 255.0 + 0.5).floor() as u8
}

#[cfg(test)]
mod tests;
