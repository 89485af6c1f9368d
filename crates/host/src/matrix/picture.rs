//! The picture that the matrix renders: gradients, a clipped disc, edges, an alpha ramp.

use crate::{HostImage, Premult, RenderRequest};

/// A picture of display-referred values with clipped highlights and soft alpha.
pub(crate) fn picture((width, height): (usize, usize)) -> HostImage {
    let mut pixels = Vec::with_capacity(4 * width * height);
    for y in 0..height {
        for x in 0..width {
            let (u, v) = (x as f32 / width as f32, y as f32 / height as f32);
            let distance = (u - 0.6) * (u - 0.6) + (v - 0.4) * (v - 0.4);
            let disc = (1.3 - 20.0 * distance).clamp(0.0, 1.0);
            let bars = if (x / 5) % 2 == 0 { 0.1 } else { 0.0 };
            let colour = [0.8 * u + bars, 0.7 * v, 0.3 + 0.3 * u * v];
            // 8-bit steps, as a picture from a camera has.
            pixels.extend(colour.map(|value| {
                let value = (value + disc).clamp(0.0, 1.0);
                (value * 255.0).round() / 255.0
            }));
            pixels.push(1.0);
        }
    }
    HostImage::new(width, height, pixels)
}

/// The picture with an alpha ramp, multiplied in or not.
pub(crate) fn with_alpha(image: &HostImage, premult: Premult) -> HostImage {
    let width = image.bounds.width();
    let mut pixels = image.pixels.to_vec();
    for (at, pixel) in pixels.chunks_exact_mut(4).enumerate() {
        let alpha = ((at % width) as f32 / (width - 1) as f32 * 4.0).floor() / 4.0;
        pixel[3] = alpha;
        if premult == Premult::Premultiplied {
            pixel[..3].iter_mut().for_each(|value| *value *= alpha);
        }
    }
    let mut new = HostImage::new(width, image.bounds.height(), pixels).with_premult(premult);
    new.bounds = image.bounds;
    new.definition = image.definition;
    new
}

/// Every case starts from this: the way that matters least to a plug-in.
pub(crate) fn request() -> RenderRequest {
    RenderRequest { honour_identity: false, ..RenderRequest::default() }
}

/// The picture on clip Source at every time, nothing elsewhere.
pub(crate) fn sources(image: &HostImage) -> impl Fn(&str, f64) -> Option<HostImage> + Sync {
    let image = image.clone();
    move |clip, _| (clip == "Source").then(|| image.clone())
}
