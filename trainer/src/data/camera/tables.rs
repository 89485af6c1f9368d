//! A curve as tables of its 256 codes: light to code exactly as rounding half up gives it, fast.

use super::curve::Curve;

/// Bits of an f32 below those that number a bucket: 6 bits of the mantissa are kept.
const SHIFT: u32 = 17;
const BUCKETS: usize = 1 << (31 - SHIFT);

/// Both ways of a curve, for codes of 8 bits.
#[derive(Clone, Debug)]
pub struct Tables {
    /// The least light of each code.
    least: [f32; 256],
    /// The code at the low end of each bucket of floats.
    start: Vec<u8>,
    /// The light whose signal is exactly the code.
    light: [f32; 256],
}

/// The least code that counts as clipped, of 255; that of [`headroom::camera`].
const CLIPPED: u8 = headroom::camera::CLIPPED_CODE;

impl Tables {
    /// Of a curve whose full signal is the code `top`.
    #[must_use]
    pub fn new(curve: &Curve, top: u8) -> Self {
        let inverse = |code: f64| curve.inverse((code / f64::from(top)).min(1.0)) as f32;
        let least = std::array::from_fn(|code| match code {
            0 => f32::NEG_INFINITY,
            // No light is enough for these, infinite light neither.
            code if code > usize::from(top) => f32::NAN,
            code => inverse(code as f64 - 0.5),
        });
        Self::of(least, std::array::from_fn(|code| inverse(code as f64)))
    }

    /// The least light that counts as clipped by a curve whose full signal is the code `top`.
    #[must_use]
    pub fn clipping(&self, top: u8) -> f32 {
        let code = (u32::from(CLIPPED) * u32::from(top) + 127) / 255;
        self.least[code as usize]
    }

    /// From the least light of each code and the light that is exactly the code; both must not fall.
    #[must_use]
    pub fn of(least: [f32; 256], light: [f32; 256]) -> Self {
        let mut code = 0;
        let start = (0..BUCKETS as u32)
            .map(|bucket| {
                code = advance(&least, code, f32::from_bits(bucket << SHIFT));
                code
            })
            .collect();
        Self { least, start, light }
    }

    /// Light to code; NaN counts as 0.
    #[inline]
    #[must_use]
    pub fn code(&self, light: f32) -> u8 {
        if light > 0.0 {
            advance(&self.least, self.start[(light.to_bits() >> SHIFT) as usize], light)
        } else {
            0
        }
    }

    /// Code to light, the exact inverse of the curve.
    #[inline]
    #[must_use]
    pub fn light(&self, code: u8) -> f32 {
        self.light[usize::from(code)]
    }
}

fn advance(least: &[f32; 256], mut code: u8, light: f32) -> u8 {
    while code < 255 && light >= least[usize::from(code) + 1] {
        code += 1;
    }
    code
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::camera::curve::CURVES;
    use crate::data::random::Draw;

    #[test]
    fn the_table_gives_what_rounding_the_curve_gives() {
        for family in CURVES {
            let curve = family.draw(&mut Draw::new(&[4]));
            let tables = Tables::new(&curve, 255);
            for step in 0..4000 {
                let light = libm::exp2(f64::from(step) / 150.0 - 20.0) as f32;
                let exact = 255.0 * curve.signal(f64::from(light));
                let near_a_border = ((exact + 0.5).fract() - 0.5).abs() > 0.4999;
                let expected = (exact + 0.5).floor() as u8;
                assert!(tables.code(light) == expected || near_a_border, "{} {light}", family.id);
            }
            let lower = Tables::new(&curve, 240);
            assert_eq!([f32::INFINITY, 1e9].map(|light| lower.code(light)), [240; 2]);
            for code in 0..=240 {
                assert_eq!(lower.code(lower.light(code)), code, "{}", family.id);
            }
            assert_eq!(lower.code(lower.clipping(240)), 235);
            assert_eq!(lower.light(250), tables.light(255));
            assert_eq!(tables.code(f32::NAN), 0);
            assert_eq!(tables.code(f32::INFINITY), 255);
            assert_eq!(tables.code(-1.0), 0);
            for code in 0..=255 {
                assert_eq!(tables.code(tables.light(code)), code, "{}", family.id);
            }
        }
    }
}
