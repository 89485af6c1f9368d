//! Value noise from integer hashes: the same on every machine.

fn lattice(x: i64, y: i64) -> f64 {
    let mut h = (x as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)
        ^ (y as u64).wrapping_mul(0xc2b2_ae3d_27d4_eb4f);
    h ^= h >> 29;
    h = h.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    h ^= h >> 32;
    (h >> 11) as f64 / (1u64 << 53) as f64
}

/// Smooth noise from 0 to 1 with cells of size 1.
pub(crate) fn value(x: f64, y: f64) -> f64 {
    let (xf, yf) = (x.floor(), y.floor());
    let ease = |t: f64| t * t * t * (t * (t * 6.0 - 15.0) + 10.0);
    let (u, v) = (ease(x - xf), ease(y - yf));
    let (xi, yi) = (xf as i64, yf as i64);
    let top = lattice(xi, yi) * (1.0 - u) + lattice(xi + 1, yi) * u;
    let bottom = lattice(xi, yi + 1) * (1.0 - u) + lattice(xi + 1, yi + 1) * u;
    top * (1.0 - v) + bottom * v
}

/// Several octaves of [`value`], each half as strong and half as large; 0 to 1.
pub(crate) fn fractal(x: f64, y: f64, octaves: u32) -> f64 {
    let (mut sum, mut weight, mut total, mut scale) = (0.0, 1.0, 0.0, 1.0);
    for octave in 0..octaves {
        let shift = f64::from(octave) * 17.3;
        sum += weight * value(x * scale + shift, y * scale - shift);
        total += weight;
        weight *= 0.5;
        scale *= 2.03;
    }
    sum / total
}
