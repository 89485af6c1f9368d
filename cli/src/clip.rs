//! Where a camera clipped, and where it did neither clip nor crush: read from the SDR picture.

use headroom::camera::CLIPPED_CODE;
use headroom_frame::Frame;

/// Codes from here up to just below [`CLIPPED_CODE`] are trusted for alignment.
const LEAST_TRUSTED_CODE: f32 = 13.0;

/// What the codes of an SDR picture tell, per pixel of its display window.
pub(crate) struct Codes {
    /// A channel is at or above the least code that counts as clipped.
    pub(crate) clipped: Vec<bool>,
    /// Every channel is well between black and white.
    pub(crate) trusted: Vec<bool>,
}

/// Reads them; values are codes over their maximum.
pub(crate) fn codes(sdr: &Frame) -> Codes {
    let pixels = sdr.display_pixels();
    // Half a code of room: 16-bit files hold no exact multiples of 1/255.
    let (least, most) = ((LEAST_TRUSTED_CODE - 0.5) / 255.0, f32::from(CLIPPED_CODE) - 0.5);
    let most = most / 255.0;
    let pixels = pixels.as_chunks::<4>().0;
    Codes {
        clipped: pixels.iter().map(|p| p[..3].iter().any(|v| *v >= most)).collect(),
        trusted: pixels.iter().map(|p| p[..3].iter().all(|v| (least..most).contains(v))).collect(),
    }
}
