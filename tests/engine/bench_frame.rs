//! Frames that the other tests look at.

use headroom_kernel::Rect;
use headroom_scene::Scene;

/// A small generator of repeatable noise (Marsaglia's xorshift), 0 to 1.
pub(crate) struct Noise(u32);

impl Noise {
    pub(crate) fn new(seed: u32) -> Self {
        Self(seed.wrapping_mul(2_654_435_761).max(1))
    }

    pub(crate) fn next(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0 as f32 / u32::MAX as f32
    }
}

/// RGBA floats of a picture with a clipped disc (white with an orange rim), a small clipped spot,
/// text-like bars, a gradient and noise in the rest; quantised to 8 bits.
pub(crate) fn picture(rect: Rect) -> Vec<f32> {
    let (w, h) = (rect.width(), rect.height());
    let mut noise = Noise::new(7);
    let mut out = Vec::with_capacity(w * h * 4);
    for y in 0..h {
        for x in 0..w {
            let (u, v) = (x as f32 / w as f32, y as f32 / h as f32);
            let r = ((u - 0.3).powi(2) + (v - 0.4).powi(2)).sqrt();
            let glow = 1.3 / (1.0 + (r * 9.0).powi(2));
            let spot = if (u - 0.8).abs() < 0.02 && (v - 0.2).abs() < 0.02 { 1.0 } else { 0.0 };
            let bars = if v > 0.8 && (x / 3) % 4 == 0 { 0.9 } else { 0.0 };
            let grain = 0.02 * noise.next();
            let rgb = [glow * 1.1 + 0.3 * u, glow * 0.95 + 0.25 * v, glow * 0.7 + 0.2 * (1.0 - u)];
            for c in rgb {
                let code = (c * 0.9 + spot + bars + grain).clamp(0.0, 1.0);
                out.push((code * 255.0).round() / 255.0);
            }
            out.push(1.0);
        }
    }
    out
}

/// The scene that `headroom sample` renders, and what an 8-bit camera makes of it, in that order.
pub(crate) fn terrace(rect: Rect, camera: &str, exposure: f64) -> (Vec<f32>, Vec<f32>) {
    let camera = headroom::camera::find(camera).expect("a camera");
    let light = Scene::new(rect.width(), rect.height()).render();
    let seen = |p: &[f32]| {
        let [r, g, b] = camera.codes([p[0], p[1], p[2]], exposure);
        [r, g, b, 255].map(|code| f32::from(code) / 255.0)
    };
    let seen = light.chunks_exact(4).flat_map(seen).collect();
    (light, seen)
}
