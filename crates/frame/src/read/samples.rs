//! Rows of integer codes to rows of float RGBA.

use std::sync::LazyLock;

/// Every 8-bit code divided by 255.
static BYTES: LazyLock<[f32; 256]> =
    LazyLock::new(|| std::array::from_fn(|code| code as f32 / 255.0));

/// How the samples of a pixel are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    Grey,
    GreyAlpha,
    Rgb,
    RgbAlpha,
}

impl Layout {
    pub(super) fn channels(self) -> usize {
        match self {
            Self::Grey => 1,
            Self::GreyAlpha => 2,
            Self::Rgb => 3,
            Self::RgbAlpha => 4,
        }
    }

    pub(super) fn has_alpha(self) -> bool {
        matches!(self, Self::GreyAlpha | Self::RgbAlpha)
    }
}

/// Spreads samples of type `S` over RGBA.
pub(super) fn spread<S: Copy>(
    layout: Layout,
    from: &[S],
    to: &mut [f32],
    decode: impl Fn(S) -> f32,
) {
    let pairs = to.chunks_exact_mut(4).zip(from.chunks_exact(layout.channels()));
    match layout {
        Layout::Grey => {
            for (to, from) in pairs {
                let grey = decode(from[0]);
                to.copy_from_slice(&[grey, grey, grey, 1.0]);
            }
        }
        Layout::GreyAlpha => {
            for (to, from) in pairs {
                let grey = decode(from[0]);
                to.copy_from_slice(&[grey, grey, grey, decode(from[1])]);
            }
        }
        Layout::Rgb => {
            for (to, from) in pairs {
                to.copy_from_slice(&[decode(from[0]), decode(from[1]), decode(from[2]), 1.0]);
            }
        }
        Layout::RgbAlpha => {
            for (to, from) in pairs {
                let from = [from[0], from[1], from[2], from[3]];
                to.copy_from_slice(&from.map(&decode));
            }
        }
    }
}

/// 8-bit codes.
pub(super) fn spread_u8(layout: Layout, from: &[u8], to: &mut [f32]) {
    let table = &*BYTES;
    spread(layout, from, to, |code| table[usize::from(code)]);
}

/// 16-bit codes, most significant byte first.
pub(super) fn spread_u16_be(layout: Layout, from: &[u8], to: &mut [f32]) {
    let (codes, _) = from.as_chunks::<2>();
    spread(layout, codes, to, |code| f32::from(u16::from_be_bytes(code)) / 65535.0);
}
