//! The working memory of one run of pixels, small enough for the first cache levels.

use headroom_kernel::Planes;
use headroom_kernel::nn::PlaceRow;

/// Pixels of a row that are worked on at a time.
pub(super) const STRIP: usize = 256;

pub(super) type Plane = [f32; STRIP];

/// One run of pixels on its way. Only the first `n` of each plane count.
pub(super) struct Strip {
    /// Pixels in the run.
    pub(super) n: usize,
    /// First column and row, in raster coordinates.
    pub(super) x: i32,
    pub(super) y: i32,
    /// Alpha as it came.
    pub(super) alpha: Plane,
    /// What came in, unpremultiplied, full range: code values of the input space.
    pub(super) code: [Plane; 3],
    /// Code values in which clipping is judged, unless these are `code` itself: [`Self::signal`].
    pub(super) signal: [Plane; 3],
    pub(super) signal_is_code: bool,
    /// Linear light in the input's primaries, exposed: the pure colour transform half-way.
    pub(super) linear: [Plane; 3],
    /// The clip mask, 0 to 1.
    pub(super) clip: Plane,
    /// The clip mask of each channel by itself; only where a network asks for it.
    pub(super) channel_clip: [Plane; 3],
    /// How far inside what clips each channel lies, as a share; only where stops are predicted.
    pub(super) inside: [Plane; 3],
    /// Stops that a method would add where the mask is full, to all channels alike.
    pub(super) gain: Plane,
    /// Linear light that a method would put where the mask is full; or the stops that it adds to each
    /// channel, mask included.
    pub(super) target: [Plane; 3],
    /// Linear light in the input's primaries, expanded.
    pub(super) expanded: [Plane; 3],
    /// What came in before any repair, then the pure colour transform of it in the output space;
    /// only where the result is mixed with it.
    pub(super) pure: [Plane; 3],
    /// Share of the result as the Mask input, its switches and the mix want it.
    pub(super) mix: Plane,
    /// Working memory of the network's full-size part.
    pub(super) place: PlaceRow,
}

impl Strip {
    pub(super) fn new() -> Box<Self> {
        let plane = [0.0; STRIP];
        let planes = [plane; 3];
        Box::new(Self {
            n: 0,
            x: 0,
            y: 0,
            alpha: plane,
            code: planes,
            signal: planes,
            signal_is_code: true,
            linear: planes,
            clip: plane,
            channel_clip: planes,
            inside: planes,
            gain: plane,
            target: planes,
            expanded: planes,
            pure: planes,
            mix: plane,
            place: PlaceRow::default(),
        })
    }

    /// The code values in which clipping is judged, once `ingest` took them.
    pub(super) fn signal(&self) -> &[Plane; 3] {
        if self.signal_is_code { &self.code } else { &self.signal }
    }
}

/// The planes of a colour and an alpha, to load into.
pub(super) fn planes<'a>(rgb: &'a mut [Plane; 3], a: &'a mut Plane, n: usize) -> Planes<'a> {
    let [r, g, b] = rgb;
    Planes { r: &mut r[..n], g: &mut g[..n], b: &mut b[..n], a: &mut a[..n] }
}

/// The first `n` of three planes.
pub(super) fn head(rgb: &mut [Plane; 3], n: usize) -> [&mut [f32]; 3] {
    rgb.each_mut().map(|plane| &mut plane[..n])
}
