//! What the engine's benchmarks share: a picture, weights in a file, and copying as the yardstick.

use headroom::model::{Dtype, Header, Model, Weights, find};
use headroom_kernel::{Pool, Rect};
use std::path::Path;

/// Floats per task of the copy.
const BLOCK: usize = 64 * 1024;

/// Copies on all threads of the pool.
pub(crate) fn copy(pool: &Pool, from: &[f32], to: &mut [f32]) {
    let blocks: Vec<_> = from.chunks(BLOCK).zip(to.chunks_mut(BLOCK)).collect();
    pool.for_each(blocks, |(from, to)| to.copy_from_slice(from));
}

/// Smooth shades with some clipped discs, stored in 8 bits.
pub(crate) fn frame(rect: Rect) -> Vec<f32> {
    let (w, h) = (rect.width(), rect.height());
    let mut out = Vec::with_capacity(w * h * 4);
    for y in 0..h {
        for x in 0..w {
            let (u, v) = (x as f32 / h as f32, y as f32 / h as f32);
            let (du, dv) = ((u * 3.0).fract() - 0.5, (v * 3.0).fract() - 0.5);
            let glow = 0.05 / (du * du + dv * dv + 0.02);
            for tint in [1.0, 0.8, 0.6] {
                let code = (tint * glow * (0.3 + 0.35 * u) + 0.1 * v).min(1.0);
                out.push((code * 255.0).round() / 255.0);
            }
            out.push(1.0);
        }
    }
    out
}

/// A model file of the usual configuration, with weights by formula.
pub(crate) fn weights(folder: &Path, id: &str) -> String {
    let info = find(id).expect("a network");
    let config = (info.config)();
    let network = (info.build)(&config).expect("sound");
    let header = Header::new(info, config, &network, "bench");
    let bytes = Model::to_bytes(&header, &network, &Weights::patterned(&network), Dtype::F32);
    let path = folder.join(id);
    std::fs::write(&path, bytes.expect("fits")).expect("written");
    path.display().to_string()
}
