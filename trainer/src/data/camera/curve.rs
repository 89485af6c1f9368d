//! Families of tone curves of cameras, each with its exact inverse.
//!
//! A family is one entry in [`CURVES`]; settings, help and records read it. Curves take exposure (1.0
//! is where the plain sRGB camera clips, 0.18 is mid-grey) to a signal of 0 to 1, and never fall.

use crate::data::random::Draw;
use headroom_colour::transfer::{
    eotf_srgb, inverse_eotf_srgb, inverse_oetf_bt709, log_decoding_logc3, log_encoding_logc3,
    oetf_bt709,
};

/// A family of curves.
#[derive(Debug)]
pub struct Family {
    /// Stable identifier.
    pub id: &'static str,
    /// Text on screen.
    pub label: &'static str,
    /// What it does and where it is from, in one sentence.
    pub hint: &'static str,
    /// How often it is drawn by default, beside the others.
    pub weight: f64,
    /// Least and largest cross-talk between channels: what a channel receives of each other one.
    pub cross_talk: [f64; 2],
    draw: fn(&mut Draw) -> Curve,
}

/// Every family.
pub static CURVES: &[Family] = &[
    Family {
        id: "srgb",
        label: "Plain sRGB",
        hint: "The curve of IEC 61966-2-1; light above 1.0 is cut hard.",
        weight: 0.5,
        cross_talk: [0.0, 0.0],
        draw: |_| Curve::Srgb,
    },
    Family {
        id: "bt709",
        label: "BT.709",
        hint: "The camera curve of ITU-R BT.709; light above 1.0 is cut hard.",
        weight: 0.1,
        cross_talk: [0.0, 0.0],
        draw: |_| Curve::Bt709,
    },
    Family {
        id: "gamma",
        label: "Power",
        hint: "A pure power of 1/1.8 to 1/2.6; light above 1.0 is cut hard.",
        weight: 0.05,
        cross_talk: [0.0, 0.0],
        draw: |draw| Curve::Power(1.0 / draw.range(1.8, 2.6)),
    },
    Family {
        id: "filmic",
        label: "Filmic",
        hint: "The S-curve that methods are scored with: logistic in stops, white 4.2 stops above mid-grey.",
        weight: 0.05,
        cross_talk: [0.1, 0.1],
        draw: |_| Curve::logistic(0.18, -8.0, 4.2, 0.7, 0.5),
    },
    Family {
        id: "logistic",
        label: "Other filmic",
        hint: "Logistic in stops with drawn toe, white, contrast and mid-grey.",
        weight: 0.1,
        cross_talk: [0.0, 0.14],
        draw: |draw| {
            let (toe, white) = (draw.range(-10.0, -6.0), draw.range(2.5, 5.5));
            let (steepness, grey) = (draw.range(0.55, 0.9), draw.range(0.38, 0.52));
            Curve::logistic(0.18, toe, white, steepness, grey)
        },
    },
    Family {
        id: "arri",
        label: "LogC to video",
        hint: "A logistic of LogC3 (EI 800), as camera makers' tables to Rec.709 are, white at 4 to 6.2 stops above mid-grey.",
        weight: 0.1,
        cross_talk: [0.0, 0.1],
        draw: |draw| {
            let white = 0.18 * libm::exp2(draw.range(4.0, 6.2));
            Curve::logc(white, draw.range(6.5, 9.0), draw.range(0.38, 0.48))
        },
    },
    Family {
        id: "measured",
        label: "Measured responses",
        hint: "(1 + s) x^n / (x^n + s) with n = 0.9 and s = 0.6 and deviations of 0.1, fitted to the responses of 201 cameras (Eilertsen et al. 2017, section 5.1).",
        weight: 0.1,
        cross_talk: [0.0, 0.06],
        draw: |draw| Curve::Measured {
            n: (0.9 + 0.1 * f64::from(draw.normal())).max(0.5),
            s: (0.6 + 0.1 * f64::from(draw.normal())).max(0.25),
        },
    },
];

/// The family of that id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Family> {
    CURVES.iter().find(|family| family.id == id)
}

impl Family {
    /// A curve of the family.
    pub fn draw(&self, draw: &mut Draw) -> Curve {
        (self.draw)(draw)
    }
}

/// A logistic of some logarithm of light, scaled so that it is 0 at `low` and 1 at `high`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Logistic {
    low: f64,
    high: f64,
    steepness: f64,
    centre: f64,
}

/// A curve with all its parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Curve {
    /// IEC 61966-2-1.
    Srgb,
    /// ITU-R BT.709.
    Bt709,
    /// A power.
    Power(f64),
    /// Of stops above the second number.
    Stops(Logistic, f64),
    /// Of LogC3 at EI 800.
    LogC(Logistic),
    /// (1 + s) x^n / (x^n + s).
    Measured {
        /// The power.
        n: f64,
        /// Where it bends.
        s: f64,
    },
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-x))
}

impl Logistic {
    /// The centre is found by bisection: the signal falls as it rises.
    fn new(low: f64, high: f64, steepness: f64, at: f64, wanted: f64) -> Self {
        let (mut left, mut right) = (low, high);
        let mut logistic = Self { low, high, steepness, centre: 0.5 * (left + right) };
        for _ in 0..60 {
            if logistic.signal(at) > wanted {
                left = logistic.centre;
            } else {
                right = logistic.centre;
            }
            logistic.centre = 0.5 * (left + right);
        }
        logistic
    }

    fn ends(&self) -> (f64, f64) {
        let at = |x: f64| sigmoid(self.steepness * (x - self.centre));
        (at(self.low), at(self.high))
    }

    fn signal(&self, x: f64) -> f64 {
        let (low, high) = self.ends();
        let value = sigmoid(self.steepness * (x.clamp(self.low, self.high) - self.centre));
        (value - low) / (high - low)
    }

    fn inverse(&self, signal: f64) -> f64 {
        let (low, high) = self.ends();
        let value = low + signal.clamp(0.0, 1.0) * (high - low);
        let x = self.centre + libm::log(value / (1.0 - value)) / self.steepness;
        x.clamp(self.low, self.high)
    }
}

impl Curve {
    /// Logistic in stops above `grey`, which becomes the signal `at_grey`.
    #[must_use]
    pub fn logistic(grey: f64, toe: f64, white: f64, steepness: f64, at_grey: f64) -> Self {
        Self::Stops(Logistic::new(toe, white, steepness, 0.0, at_grey), grey)
    }

    /// Logistic in LogC3 from no light to `white`, with mid-grey at `at_grey`.
    #[must_use]
    pub fn logc(white: f64, steepness: f64, at_grey: f64) -> Self {
        let logc = |light| log_encoding_logc3(light, 800);
        Self::LogC(Logistic::new(logc(0.0), logc(white), steepness, logc(0.18), at_grey))
    }

    /// Exposure to signal, 0 to 1; negative light and NaN count as 0.
    #[must_use]
    pub fn signal(&self, light: f64) -> f64 {
        let light = if light > 0.0 { light } else { 0.0 };
        let cut = light.min(1.0);
        match *self {
            Self::Srgb => inverse_eotf_srgb(cut),
            Self::Bt709 => oetf_bt709(cut),
            Self::Power(exponent) => libm::pow(cut, exponent),
            Self::Stops(logistic, grey) => {
                if light == 0.0 {
                    0.0
                } else {
                    logistic.signal(libm::log2(light / grey))
                }
            }
            Self::LogC(logistic) => logistic.signal(log_encoding_logc3(light, 800)),
            Self::Measured { n, s } => {
                let power = libm::pow(cut, n);
                (1.0 + s) * power / (power + s)
            }
        }
    }

    /// Signal to the least exposure that gives it. The toe of a filmic curve gives 0 for all light
    /// below it: 0 comes back as no light.
    #[must_use]
    pub fn inverse(&self, signal: f64) -> f64 {
        let signal = signal.clamp(0.0, 1.0);
        if signal == 0.0 {
            return 0.0;
        }
        match *self {
            Self::Srgb => eotf_srgb(signal),
            Self::Bt709 => inverse_oetf_bt709(signal),
            Self::Power(exponent) => libm::pow(signal, 1.0 / exponent),
            Self::Stops(logistic, grey) => grey * libm::exp2(logistic.inverse(signal)),
            Self::LogC(logistic) => log_decoding_logc3(logistic.inverse(signal), 800).max(0.0),
            Self::Measured { n, s } => libm::pow(s * signal / (1.0 + s - signal), 1.0 / n),
        }
    }

    /// Its parameters, for the record; nothing where there are none.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Srgb | Self::Bt709 => String::new(),
            Self::Power(exponent) => format!("gamma {:.3}", 1.0 / exponent),
            Self::Stops(l, _) => format!(
                "toe {:.2} white {:.2} stops, steepness {:.3}, grey {:.3}",
                l.low,
                l.high,
                l.steepness,
                l.signal(0.0)
            ),
            Self::LogC(l) => format!(
                "white at LogC {:.3}, steepness {:.2}, grey {:.3}",
                l.high,
                l.steepness,
                l.signal(log_encoding_logc3(0.18, 800))
            ),
            Self::Measured { n, s } => format!("n {n:.3} s {s:.3}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use headroom::model::grid::MOST_CROSSTALK;

    #[test]
    fn every_family_rises_from_0_to_1_and_its_inverse_is_exact() {
        for family in CURVES {
            for key in 0..20 {
                let curve = family.draw(&mut Draw::new(&[key]));
                assert_eq!(curve.signal(0.0), 0.0, "{}", family.id);
                assert!((curve.signal(1e4) - 1.0).abs() < 1e-9, "{}", family.id);
                let mut before = 0.0;
                for step in 1..=255 {
                    let signal = f64::from(step) / 255.0;
                    let light = curve.inverse(signal);
                    assert!(light > before, "{} rises", family.id);
                    before = light;
                    let back = curve.signal(light);
                    assert!((back - signal).abs() < 1e-9, "{} {signal} {back}", family.id);
                }
            }
        }
    }

    /// What a channel receives of each other one is a third of the share of the mean in it.
    #[test]
    fn networks_can_say_the_cross_talk_of_every_family() {
        for family in CURVES {
            let share = 3.0 * family.cross_talk[1];
            assert!(share < 0.9 * f64::from(MOST_CROSSTALK), "{}: {share}", family.id);
        }
    }

    #[test]
    fn filmic_and_srgb_are_the_cameras_that_methods_are_scored_with() {
        for id in ["filmic", "srgb"] {
            let theirs = headroom::camera::find(id).expect("a camera");
            let ours = find(id).expect("a family").draw(&mut Draw::new(&[0]));
            for step in 0..200 {
                let light = libm::exp2(f64::from(step) / 10.0 - 14.0);
                let difference = theirs.signal([light; 3])[1] - ours.signal(light);
                assert!(difference.abs() < 1e-9, "{id} at {light}");
            }
        }
    }

    #[test]
    fn names_of_families_are_unique_and_weights_sum_to_1() {
        let ids: std::collections::BTreeSet<_> = CURVES.iter().map(|family| family.id).collect();
        assert_eq!(ids.len(), CURVES.len());
        assert!((CURVES.iter().map(|family| family.weight).sum::<f64>() - 1.0).abs() < 1e-12);
    }
}
