//! ITU-R BT.709-6, item 1.2: the camera's curve.

use super::Moncurve;
use std::sync::LazyLock;

/// Exponent 1 / 0.45, offset 0.099.
pub static BT709: LazyLock<Moncurve> = LazyLock::new(|| Moncurve::new(1.0 / 0.45, 0.099));

/// Scene light to signal: `1.099 L^0.45 - 0.099`, `4.5 L` for L below 0.018.
///
/// Break and slope (4.5138) as continuity demands and OpenColorIO has them; the standard prints
/// 0.018 and 4.5. Below zero the toe goes on. Domain: any; 0 to 1 gives 0 to 1.
#[must_use]
pub fn oetf_bt709(l: f64) -> f64 {
    BT709.encode(l)
}

/// Inverse of [`oetf_bt709`].
#[must_use]
pub fn inverse_oetf_bt709(v: f64) -> f64 {
    BT709.decode(v)
}
