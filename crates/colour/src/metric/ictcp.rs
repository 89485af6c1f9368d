//! ICtCp (ITU-R BT.2100-2, table 7, PQ) and the colour difference made of it (ITU-R BT.2124-0).

use crate::Matrix3;
use crate::transfer::{eotf_st2084, inverse_eotf_st2084};

const fn over_4096(m: [[i16; 3]; 3]) -> Matrix3 {
    let mut out = [[0.0; 3]; 3];
    let mut i = 0;
    while i < 9 {
        out[i / 3][i % 3] = m[i / 3][i % 3] as f64 / 4096.0;
        i += 1;
    }
    Matrix3(out)
}

const RGB_TO_LMS: Matrix3 = over_4096([[1688, 2146, 262], [683, 2951, 462], [99, 309, 3688]]);
const LMS_TO_ICTCP: Matrix3 =
    over_4096([[2048, 2048, 0], [6610, -13613, 7003], [17933, -17390, -543]]);

/// Linear BT.2020 RGB in nits to ICtCp; I from 0 to 1, Ct and Cp about -0.5 to 0.5.
#[must_use]
pub fn ictcp_from_rgb(nits: [f64; 3]) -> [f64; 3] {
    LMS_TO_ICTCP.apply(RGB_TO_LMS.apply(nits).map(inverse_eotf_st2084))
}

/// ICtCp to linear BT.2020 RGB in nits: the inverse of [`ictcp_from_rgb`].
#[must_use]
pub fn rgb_from_ictcp(ictcp: [f64; 3]) -> [f64; 3] {
    RGB_TO_LMS.inverse().apply(LMS_TO_ICTCP.inverse().apply(ictcp).map(eotf_st2084))
}

/// Linear BT.2020 RGB in nits to ITP (BT.2124, annex 1): I, half of Ct, Cp.
#[must_use]
pub fn itp_from_rgb(nits: [f64; 3]) -> [f64; 3] {
    let [i, ct, cp] = ictcp_from_rgb(nits);
    [i, 0.5 * ct, cp]
}

/// Colour difference of two linear BT.2020 RGB values in nits (BT.2124, annex 1): 720 times the
/// distance in ITP; 1 is what can just be seen.
#[must_use]
pub fn delta_e_itp(a: [f64; 3], b: [f64; 3]) -> f64 {
    let (a, b) = (itp_from_rgb(a), itp_from_rgb(b));
    let d = [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
    720.0 * libm::sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2])
}
