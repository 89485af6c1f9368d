//! Random numbers that are a pure function of a key, so that what is drawn does not depend on who
//! draws it, when, or what else was drawn.
//!
//! A key is hashed (xxh3) into the start of a SplitMix64 sequence (Steele, Lea, Flood, "Fast
//! Splittable Pseudorandom Number Generators", OOPSLA 2014).

use xxhash_rust::xxh3::xxh3_64;

/// A sequence of random numbers.
#[derive(Clone, Debug)]
pub struct Draw {
    state: u64,
}

/// A number that stands for a text.
#[must_use]
pub fn of_text(text: &str) -> u64 {
    xxh3_64(text.as_bytes())
}

impl Draw {
    /// The sequence of a key.
    #[must_use]
    pub fn new(key: &[u64]) -> Self {
        let bytes: Vec<u8> = key.iter().flat_map(|number| number.to_le_bytes()).collect();
        Self { state: xxh3_64(&bytes) }
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Uniform in 0 to 1, 1 not included.
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Uniform between two numbers.
    pub fn range(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// Uniform in the logarithm between two numbers above 0.
    pub fn log_range(&mut self, low: f64, high: f64) -> f64 {
        let (a, b) = (libm::log2(low), libm::log2(high));
        libm::exp2(self.range(a, b)).clamp(low.min(high), low.max(high))
    }

    /// A whole number below `count`; 0 where there is none.
    pub fn below(&mut self, count: usize) -> usize {
        ((u128::from(self.bits()) * count as u128) >> 64) as usize
    }

    /// Whether something of that probability happens.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// Nearly a standard normal number: the sum of four uniform ones, cut at 3.46 deviations.
    pub fn normal(&mut self) -> f32 {
        let bits = self.bits();
        let sum: i64 = (0..4).map(|i| ((bits >> (16 * i)) & 0xffff) as i64).sum();
        // Four uniform numbers of deviation 65536 / sqrt(12) each.
        (sum - 2 * 0xffff) as f32 * (1.732_050_8 / 65536.0)
    }

    /// An index by weight; `None` where all weights are 0.
    pub fn pick(&mut self, weights: &[f64]) -> Option<usize> {
        let mut left = self.unit() * weights.iter().sum::<f64>();
        let heavy = |&(_, weight): &(usize, &f64)| *weight > 0.0;
        for (index, weight) in weights.iter().enumerate().filter(heavy) {
            if left < *weight {
                return Some(index);
            }
            left -= weight;
        }
        weights.iter().rposition(|&weight| weight > 0.0)
    }

    /// A random order of 0 .. count.
    pub fn order(&mut self, count: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..count).collect();
        for last in (1..count).rev() {
            order.swap(last, self.below(last + 1));
        }
        order
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sequence_of_a_key_is_its_own_and_always_the_same() {
        let four = |key: &[u64]| -> Vec<u64> {
            let mut draw = Draw::new(key);
            (0..4).map(|_| draw.bits()).collect()
        };
        assert_eq!(four(&[1, 2]), four(&[1, 2]));
        assert_ne!(four(&[1, 2]), four(&[2, 1]));
    }

    #[test]
    fn normal_numbers_have_mean_0_and_deviation_1() {
        let mut draw = Draw::new(&[7]);
        let all: Vec<f64> = (0..100_000).map(|_| f64::from(draw.normal())).collect();
        let mean = all.iter().sum::<f64>() / all.len() as f64;
        let variance = all.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / all.len() as f64;
        assert!(mean.abs() < 0.01, "mean {mean}");
        assert!((variance - 1.0).abs() < 0.01, "variance {variance}");
    }

    #[test]
    fn an_order_holds_everything_once_and_weights_are_kept() {
        let mut draw = Draw::new(&[3]);
        let mut order = draw.order(100);
        assert_ne!(order, (0..100).collect::<Vec<_>>());
        order.sort_unstable();
        assert_eq!(order, (0..100).collect::<Vec<_>>());
        let picked = (0..10_000).filter(|_| draw.pick(&[0.0, 1.0, 3.0]) == Some(2)).count();
        assert!((7300..7700).contains(&picked), "{picked}");
        assert_eq!(draw.pick(&[0.0, 0.0]), None);
    }
}
