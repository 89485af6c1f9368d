//! The signal of pixels around a strip, as it is stored: before any repair.

use super::strip::{STRIP, Strip};
use super::{Plan, Report, ingest};
use headroom_kernel::ImageRef;

/// Fills the first `n` columns of `row` with the signal in which clipping is judged, of pixels from `x`
/// on in row `y`; black outside the source. `scratch` is working memory.
pub(super) fn signal<const WIDE: usize>(
    plan: &Plan,
    source: &ImageRef<'_>,
    scratch: &mut Strip,
    row: &mut [[f32; WIDE]; 3],
    (x, y, n): (i32, i32, usize),
) {
    // Counted where the pixels themselves are loaded.
    let mut uncounted = Report::default();
    for at in (0..n).step_by(STRIP) {
        scratch.n = STRIP.min(n - at);
        scratch.x = x.saturating_add(at as i32);
        scratch.y = y;
        let m = scratch.n;
        ingest::load(plan, source, scratch, &mut uncounted);
        ingest::take_signal(plan, scratch);
        for (to, from) in row.iter_mut().zip(scratch.signal()) {
            to[at..at + m].copy_from_slice(&from[..m]);
        }
    }
}
