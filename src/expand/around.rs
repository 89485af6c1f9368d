//! The signal of pixels around a strip, as it is stored: before any repair.

use super::strip::{STRIP, Strip};
use super::{Plan, Report, ingest};
use headroom_colour::Kind;
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
        let Strip { ref code, ref mut linear, ref mut signal, .. } = *scratch;
        let from = if plan.input.kind == Kind::Display {
            code
        } else {
            ingest::decode(plan, code, linear, m);
            ingest::signal(plan, linear, signal, m);
            &*signal
        };
        for (to, from) in row.iter_mut().zip(from) {
            to[at..at + m].copy_from_slice(&from[..m]);
        }
    }
}
