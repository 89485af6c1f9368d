//! The picture as a network takes it.

use crate::expand::compose::row_by_row;
use crate::expand::ingest::srgb_code;
use crate::expand::math::{max, min};
use crate::expand::strip::{Plane, Strip};
use crate::expand::{Plan, ingest};
use crate::model::Encoding;
use crate::simd;
use headroom_colour::{Kind, Matrix3, REC709, find};
use headroom_gpu::layout;

/// Light that networks see at most; they were not made for more.
const MOST: f32 = 65504.0;

/// From strips to a network's encoding: Rec.709 primaries, before exposure.
#[derive(Clone, Debug)]
pub(in crate::expand) struct Picture {
    encoding: Encoding,
    /// The codes are those that the network wants.
    as_is: bool,
    /// From the input's primaries, and the exposure taken back.
    matrix: Matrix3,
    same_primaries: bool,
    unexpose: f32,
    /// Light counts from the white of the curve that was found, and is not negative.
    found: bool,
}

impl Picture {
    /// As codes are; where the plan has a curve that was found, as an sRGB camera would have recorded them if it is `recoded`.
    pub(in crate::expand) fn new(plan: &Plan, encoding: Encoding, recoded: bool) -> Self {
        let tone = plan.tone.as_ref().filter(|_| recoded);
        let is_srgb = find("srgb").is_some_and(|srgb| std::ptr::eq(srgb, plan.input));
        let same_primaries = plan.input.primaries == REC709;
        Self {
            encoding,
            as_is: is_srgb
                && encoding == Encoding::Srgb
                && plan.input.kind == Kind::Display
                && tone.is_none(),
            matrix: Matrix3::between(&plan.input.primaries, &REC709),
            same_primaries,
            unexpose: 1.0 / (plan.exposure * tone.map_or(1.0, |tone| tone.grey(1.0))),
            found: tone.is_some(),
        }
    }

    /// The same for a device's kernels.
    pub(in crate::expand) fn for_device(&self) -> layout::Taken {
        layout::Taken {
            codes: self.encoding == Encoding::Srgb,
            as_is: self.as_is,
            turns: !self.same_primaries,
            matrix: row_by_row(self.matrix.to_f32()),
            unexpose: self.unexpose,
            found: self.found,
        }
    }

    /// Fills `to` from a strip whose `code` and `linear` are there.
    pub(in crate::expand) fn encode(&self, strip: &Strip, to: &mut [Plane; 3]) {
        let n = strip.n;
        if self.as_is {
            for (to, from) in to.iter_mut().zip(&strip.code) {
                for (to, &v) in to[..n].iter_mut().zip(&from[..n]) {
                    *to = max(min(v, MOST), -MOST);
                }
            }
            return;
        }
        for (to, from) in to.iter_mut().zip(&strip.linear) {
            to[..n].copy_from_slice(&from[..n]);
        }
        if !self.same_primaries {
            let [r, g, b] = to.each_mut().map(|plane| &mut plane[..n]);
            self.matrix.apply_planar(r, g, b);
        }
        let least = if self.found { 0.0 } else { -MOST };
        for plane in to {
            simd::run(
                #[inline(always)]
                || {
                    for v in &mut plane[..n] {
                        let light = max(min(*v * self.unexpose, MOST), least);
                        *v = match self.encoding {
                            Encoding::Linear => light,
                            Encoding::Srgb => srgb_code(light),
                        };
                    }
                },
            );
        }
    }

    /// Fills `to` from a strip of which only `code` is there; `linear` is filled on the way.
    pub(in crate::expand) fn of_code(&self, plan: &Plan, strip: &mut Strip, to: &mut [Plane; 3]) {
        if !self.as_is {
            let Strip { n, ref code, ref mut linear, .. } = *strip;
            ingest::decode(plan, code, linear, n);
        }
        self.encode(strip, to);
    }
}
