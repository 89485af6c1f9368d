//! Between interleaved pixels and one slice per component.

use crate::Components;

/// How written pixels reach memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stores {
    /// Through the caches: for pictures that fit there.
    Cached,
    /// Past the caches, where the processor can: a large picture is not read again before it is
    /// pushed out, and reading each line before overwriting it costs as much as writing it.
    Streaming,
}

/// Splits a row into planes of one length.
pub(crate) fn deinterleave(
    row: &[f32],
    components: Components,
    r: &mut [f32],
    g: &mut [f32],
    b: &mut [f32],
    a: &mut [f32],
) {
    match components {
        Components::Rgba => {
            let pixels = row.as_chunks::<4>().0;
            let done = simd::split(pixels, r, g, b, a);
            let rest = pixels[done..].iter().zip(&mut r[done..]).zip(&mut g[done..]);
            for ((((p, r), g), b), a) in rest.zip(&mut b[done..]).zip(&mut a[done..]) {
                [*r, *g, *b, *a] = *p;
            }
        }
        Components::Rgb => {
            let pixels = row.as_chunks::<3>().0;
            for ((((p, r), g), b), a) in pixels.iter().zip(r).zip(g).zip(b).zip(a) {
                [*r, *g, *b] = *p;
                *a = 1.0;
            }
        }
        Components::Alpha => {
            r.fill(0.0);
            g.fill(0.0);
            b.fill(0.0);
            a.copy_from_slice(row);
        }
    }
}

/// Joins planes of one length to a row.
pub(crate) fn interleave(
    row: &mut [f32],
    components: Components,
    planes: [&[f32]; 4],
    stores: Stores,
) {
    let [r, g, b, a] = planes;
    match components {
        Components::Rgba => {
            let pixels = row.as_chunks_mut::<4>().0;
            let done = simd::join(pixels, planes, stores);
            let rest = pixels[done..].iter_mut().zip(&r[done..]).zip(&g[done..]);
            for ((((p, r), g), b), a) in rest.zip(&b[done..]).zip(&a[done..]) {
                *p = [*r, *g, *b, *a];
            }
        }
        Components::Rgb => {
            let pixels = row.as_chunks_mut::<3>().0;
            for (((p, r), g), b) in pixels.iter_mut().zip(r).zip(g).zip(b) {
                *p = [*r, *g, *b];
            }
        }
        Components::Alpha => row.copy_from_slice(a),
    }
}

/// 4x4 transposes with what every x86-64 has.
#[cfg(target_arch = "x86_64")]
mod simd {
    use super::Stores;
    use std::arch::x86_64::{
        __m128, _mm_loadu_ps, _mm_movehl_ps, _mm_movelh_ps, _mm_sfence, _mm_storeu_ps,
        _mm_stream_ps, _mm_unpackhi_ps, _mm_unpacklo_ps,
    };

    fn transpose([a, b, c, d]: [__m128; 4]) -> [__m128; 4] {
        // SAFETY: SSE is part of x86-64.
        unsafe {
            let (ab_low, ab_high) = (_mm_unpacklo_ps(a, b), _mm_unpackhi_ps(a, b));
            let (cd_low, cd_high) = (_mm_unpacklo_ps(c, d), _mm_unpackhi_ps(c, d));
            [
                _mm_movelh_ps(ab_low, cd_low),
                _mm_movehl_ps(cd_low, ab_low),
                _mm_movelh_ps(ab_high, cd_high),
                _mm_movehl_ps(cd_high, ab_high),
            ]
        }
    }

    /// Splits as many pixels as fit whole vectors; returns how many.
    pub(super) fn split(
        pixels: &[[f32; 4]],
        r: &mut [f32],
        g: &mut [f32],
        b: &mut [f32],
        a: &mut [f32],
    ) -> usize {
        let n = pixels.len();
        let (r, g) = (r[..n].as_chunks_mut::<4>().0, g[..n].as_chunks_mut::<4>().0);
        let (b, a) = (b[..n].as_chunks_mut::<4>().0, a[..n].as_chunks_mut::<4>().0);
        let fours = pixels.as_chunks::<4>().0;
        for ((((four, r), g), b), a) in fours.iter().zip(r).zip(g).zip(b).zip(a) {
            // SAFETY: every load reads one pixel of four floats.
            let rows = four.each_ref().map(|p| unsafe { _mm_loadu_ps(p.as_ptr()) });
            for (to, column) in [r, g, b, a].into_iter().zip(transpose(rows)) {
                // SAFETY: every store writes four floats of a plane.
                unsafe { _mm_storeu_ps(to.as_mut_ptr(), column) };
            }
        }
        n / 4 * 4
    }

    /// Joins as many pixels as fit whole vectors; returns how many.
    pub(super) fn join(pixels: &mut [[f32; 4]], planes: [&[f32]; 4], stores: Stores) -> usize {
        let n = pixels.len();
        let aligned = pixels.as_ptr().cast::<__m128>().is_aligned();
        let stream = stores == Stores::Streaming && aligned;
        let [r, g, b, a] = planes.map(|p| p[..n].as_chunks::<4>().0);
        let fours = pixels.as_chunks_mut::<4>().0;
        for ((((four, r), g), b), a) in fours.iter_mut().zip(r).zip(g).zip(b).zip(a) {
            // SAFETY: every load reads four floats of a plane.
            let rows = [r, g, b, a].map(|p| unsafe { _mm_loadu_ps(p.as_ptr()) });
            for (pixel, values) in four.iter_mut().zip(transpose(rows)) {
                // SAFETY: each store writes one pixel of four floats; the aligned form is used
                // when the first pixel is aligned, and pixels are as long as the alignment.
                unsafe {
                    if stream {
                        _mm_stream_ps(pixel.as_mut_ptr(), values);
                    } else {
                        _mm_storeu_ps(pixel.as_mut_ptr(), values);
                    }
                }
            }
        }
        if stream {
            // SAFETY: SSE is part of x86-64. Streaming stores are not ordered with later ones,
            // such as the one that tells another thread that this row is done.
            unsafe { _mm_sfence() };
        }
        n / 4 * 4
    }
}

/// Elsewhere the compiler's own vectors do.
#[cfg(not(target_arch = "x86_64"))]
mod simd {
    use super::Stores;

    pub(super) fn split(
        _: &[[f32; 4]],
        _: &mut [f32],
        _: &mut [f32],
        _: &mut [f32],
        _: &mut [f32],
    ) -> usize {
        0
    }

    pub(super) fn join(_: &mut [[f32; 4]], _: [&[f32]; 4], _: Stores) -> usize {
        0
    }
}
