//! Numbers by a formula: weights and pictures for tests and benchmarks that no file has to hold, and
//! that another implementation makes exactly alike (`tests/golden/networks.py` does).

use super::{Network, Weights};

/// `count` numbers in [-1, 1) that look random, from a name alone; multiples of 2^-23, so exact.
///
/// With the 32-bit FNV-1a hash h of the name (Fowler, Noll, Vo) and the finaliser of MurmurHash3
/// (Appleby 2011), number i is mix(h xor i * 0x9e3779b9) / 2^8, rounded down, / 2^23 - 1, all in
/// 32 bits.
#[must_use]
pub fn pattern(name: &str, count: usize) -> Vec<f32> {
    let hash = name
        .bytes()
        .fold(0x811c_9dc5u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    (0..count)
        .map(|index| {
            let mut x = hash ^ (index as u32).wrapping_mul(0x9e37_79b9);
            x = (x ^ (x >> 16)).wrapping_mul(0x85eb_ca6b);
            x = (x ^ (x >> 13)).wrapping_mul(0xc2b2_ae35);
            x ^= x >> 16;
            (x >> 8) as f32 / (1u32 << 23) as f32 - 1.0
        })
        .collect()
}

impl Weights {
    /// Weights by formula, for tests and benchmarks: signals keep their size on the way through, no
    /// layer is without effect. With [`pattern`] p of the parameter's name, matrices and kernels are
    /// p * sqrt(3 / fan-in), which has variance 1 / fan-in; a norm's weights are 1 + p / 10; biases
    /// p / 10. Computed in f64, rounded once.
    #[must_use]
    pub fn patterned(network: &Network) -> Self {
        let mut all = Self::new();
        for (name, parameter) in network.parameters() {
            let (scale, offset) = match parameter.shape.len() {
                1 => (0.1, if name.ends_with(".weight") { 1.0 } else { 0.0 }),
                _ => (libm::sqrt(3.0 / parameter.fan_in() as f64), 0.0),
            };
            let values: Vec<f32> = pattern(&name, parameter.count())
                .into_iter()
                .map(|p| (f64::from(p) * scale + offset) as f32)
                .collect();
            let values = parameter.fixed().unwrap_or(values);
            all.insert(name, parameter.shape.clone(), values);
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pattern_is_what_another_implementation_gives() {
        // From tests/golden/networks.py, function pattern.
        let expected = [-6_546_953.0, -5_510_711.0, -3_835_316.0].map(|n: f32| n / 8_388_608.0);
        assert_eq!(pattern("picture", 3), expected);
        let many = pattern("a name", 100_000);
        assert!(many.iter().all(|p| (-1.0..1.0).contains(p)));
        let mean = many.iter().map(|&p| f64::from(p)).sum::<f64>() / many.len() as f64;
        let square = many.iter().map(|&p| f64::from(p * p)).sum::<f64>() / many.len() as f64;
        assert!(mean.abs() < 0.01 && (square - 1.0 / 3.0).abs() < 0.01, "{mean} {square}");
    }
}
