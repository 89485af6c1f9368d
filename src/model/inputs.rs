//! Names of the tensors that the engine gives to networks, and what they hold.
//!
//! Rows run from the top of the picture to its bottom, whatever order a host keeps them in.
//!
//! Where the input space is to be estimated, the network that finds the camera's curve is given codes as they are. One that says
//! stops is then given [`PICTURE`], [`LOOK`] and [`HISTOGRAM`] as a camera with the same white and the sRGB curve would have
//! recorded them: what it says counts from white, and should not hang on how the camera got there (decision 0027).

/// The picture or a tile of it, free size, 3 channels, as [`super::Encoding`] says; unpremultiplied.
pub const PICTURE: &str = "picture";

/// How far each channel is clipped, as large as [`PICTURE`], 3 channels: 0 below the ramp, 1 from the
/// frame's clip level on.
pub const CLIP: &str = "clip";

/// The whole frame averaged down to whatever fixed size a graph asks for, 3 channels, as
/// [`super::Encoding`] says.
pub const FRAME: &str = "frame";

/// The look at the whole frame: [`LOOK_SIDE`] x [`LOOK_SIDE`] x [`LOOK_CHANNELS`], each number the
/// mean over the part of the frame that the cell covers. Channels:
///
/// | channel | what | range |
/// |---|---|---|
/// | 0 to 2 | sRGB code of R, G, B | 0 to about 1 |
/// | 3 to 5 | share of R, G, B that is clipped ([`CLIP`]) | 0 to 1 |
/// | 6 | distance from the cell to the nearest cell that is less than half clipped in its most clipped channel, in cells, as d / (d + 16); 0 outside | 0 to 1 |
/// | 7 | height in the frame: 1 in the middle of the top row, 0 in that of the bottom row | 0 to 1 |
pub const LOOK: &str = "look";

/// Rows and columns of [`LOOK`].
pub const LOOK_SIDE: usize = 256;

/// Channels of [`LOOK`].
pub const LOOK_CHANNELS: usize = 8;

/// Histograms of the look's channels 0 to 2, a vector of 3 * [`HISTOGRAM_BINS`]: bin i of channel c,
/// at c * bins + i, is the share of cells whose code lies in it. Bins are even in 1 - sqrt(1 - code):
/// the last holds white alone, the first 16 of 255 codes, since it is by the way a picture nears white
/// that a camera's curve is told ([`histogram_bin`]).
pub const HISTOGRAM: &str = "histogram";

/// Bins per channel.
pub const HISTOGRAM_BINS: usize = 32;

/// The bin of a code; codes out of range lie in the first or the last.
#[must_use]
pub fn histogram_bin(code: f32) -> usize {
    let below_white = (1.0 - code).clamp(0.0, 1.0).sqrt();
    ((1.0 - below_white) * HISTOGRAM_BINS as f32).min(HISTOGRAM_BINS as f32 - 1.0) as usize
}

/// What pixels of an edge tell of the camera's curve where the input space is to be estimated, else as without any: a vector of
/// 3 * [`BLEND_LEVELS`]. Where three pixels in a row lie one between the others in all channels, and two channels differ
/// by 16 codes of 255 or more from the first to the last, the share by which the middle one is the last one's light
/// should be the same in both. Per level of the brightest of the six codes (a quarter of the range each): the mean of
/// ln(1 + (difference of shares)^2 / 0.03^2) with the sRGB curve undone; how much greater it is with an S-shaped one
/// undone, so that it is negative where the camera's curve is like that; and log10(pairs of channels + 10) - 2.
pub const BLENDS: &str = "blends";

/// Levels of [`BLENDS`].
pub const BLEND_LEVELS: usize = 4;

/// Share of the frame's pixels with a channel at or above the clip level, one number, times how sure it is that the
/// frame clips. What merely lies in the ramp of [`CLIP`] does not count.
pub const CLIPPED: &str = "clipped";

/// Output of the last stage that is the network's answer.
pub const RESULT: &str = "result";
