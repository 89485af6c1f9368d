//! What the parts work in.

use crate::graph::{Builder, NodeId};
use crate::model::curves;
use headroom_colour::transfer::{eotf_srgb, log_encoding_acescct};
use headroom_colour::{AP1, Matrix3, REC709};
use serde::{Deserialize, Serialize};

/// Three numbers per pixel, about 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Mode {
    /// ACEScct codes; split into chroma and luma by a learned matrix.
    AcesCct,
    /// CIE 1931 chromaticities x and y, and how far the luminance lies above the picture's, 1 being
    /// [`STOPS`] stops. The split is the standard's, exactly.
    Xyy,
}

/// Stops that a 1 of the third number of [`Mode::Xyy`] stands for.
const STOPS: f32 = 8.0;
/// Least divisor: no light has no chromaticity; 0 stands for it, and no light comes back.
const LEAST: f32 = 1.0e-6;

/// The picture in a mode, before anything is found.
pub(super) struct Start {
    /// Its three numbers.
    pub(super) values: NodeId,
    /// Its luminance, where the mode needs it to come back.
    luminance: Option<NodeId>,
}

impl Mode {
    /// Takes sRGB codes into the mode.
    pub(super) fn enter(self, b: &mut Builder, code: NodeId) -> Start {
        match self {
            Self::AcesCct => Start { values: curves::acescct_of_code(b, code), luminance: None },
            Self::Xyy => {
                let light = curves::light_of_code(b, code);
                let xyz = matrix(b, "xyz of rgb", light, &Matrix3::rgb_to_xyz(&REC709));
                let [x, y, z] = std::array::from_fn(|c| b.channels_of(xyz, c, 1));
                let sum = b.add(x, y);
                let sum = b.add(sum, z);
                let small = [x, y].map(|part| b.divide(part, sum, LEAST));
                let nothing_found = b.affine(y, 0.0, 0.0);
                let values = b.concat(&[small[0], small[1], nothing_found]);
                Start { values, luminance: Some(y) }
            }
        }
    }

    /// The numbers that stand for `truth`, linear Rec.709, where the picture has those sRGB codes.
    pub(super) fn wanted(self, code: [f32; 3], truth: [f32; 3]) -> [f32; 3] {
        let truth = truth.map(f64::from);
        match self {
            Self::AcesCct => {
                let ap1 = Matrix3::between(&REC709, &AP1).apply(truth);
                ap1.map(|v| log_encoding_acescct(v) as f32)
            }
            Self::Xyy => {
                let to_xyz = Matrix3::rgb_to_xyz(&REC709);
                let [x, y, z] = to_xyz.apply(truth);
                let sum = x + y + z;
                if y <= 0.0 || sum <= f64::from(LEAST) {
                    return [0.0; 3];
                }
                let [_, seen, _] = to_xyz.apply(code.map(|v| eotf_srgb(f64::from(v))));
                let found = libm::log2(y / seen.max(f64::from(LEAST))) / f64::from(STOPS);
                [(x / sum) as f32, (y / sum) as f32, found as f32]
            }
        }
    }

    /// Takes the mode's numbers to what the network gives: ACEScct, or linear Rec.709 by
    /// X = Y / y * x and Z = Y / y * (1 - x - y).
    pub(super) fn leave(self, b: &mut Builder, values: NodeId, start: &Start) -> NodeId {
        let (Self::Xyy, Some(luminance)) = (self, start.luminance) else {
            return values;
        };
        let [x, y, found] = std::array::from_fn(|c| b.channels_of(values, c, 1));
        let stops = b.affine(found, STOPS, 0.0);
        let factor = Builder::exp2(b, stops);
        let luminance = b.multiply(luminance, factor);
        let sum = b.divide(luminance, y, LEAST);
        let other = b.add(x, y);
        let z = b.affine(other, -1.0, 1.0);
        let [x, z] = [x, z].map(|part| b.multiply(part, sum));
        let xyz = b.concat(&[x, luminance, z]);
        matrix(b, "rgb of xyz", xyz, &Matrix3::rgb_to_xyz(&REC709).inverse())
    }
}

/// A fixed matrix: a map of one cell read everywhere.
fn matrix(b: &mut Builder, name: &str, x: NodeId, by: &Matrix3) -> NodeId {
    let rows = by.0.map(|row| [row[0] as f32, row[1] as f32, row[2] as f32, 0.0]);
    let cell = b.constant(name, [1, 1], rows.as_flattened());
    let everywhere = b.from_frame(cell, x);
    b.apply_matrix(everywhere, x)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::execute::{FrameInputs, Runner};
    use crate::model::{Domain, Network, Run, Stage, Weights};
    use headroom_kernel::Pool;
    use headroom_kernel::nn::{Machine, Precision};

    /// Enters the mode with codes, leaves it with `values`.
    fn back(mode: Mode, code: [f32; 3], values: [f32; 3]) -> Vec<f32> {
        let mut b = Builder::new();
        let picture = b.fixed("frame", [1, 1], 3);
        let start = mode.enter(&mut b, picture);
        let numbers = b.constant("numbers", [1, 1], &values);
        let left = mode.leave(&mut b, numbers, &start);
        let graph = b.finish(&[("result", left)]).expect("a graph");
        let stage = Stage { name: "only".to_owned(), graph, run: Run::Frame };
        let network = Network {
            encoding: crate::model::Encoding::Srgb,
            domain: Domain::Linear,
            stages: vec![stage],
        };
        let machine = Machine::capped(Precision::Full, None);
        let runner = Runner::new(&network, &Weights::new(), machine).expect("runs");
        let inputs = FrameInputs::new().with("frame", [1, 1, 3], &code);
        let made = runner.frame(&inputs, &Pool::new(1), &|| false).expect("a frame");
        made.get("result").expect("a result").values.to_vec()
    }

    #[test]
    fn what_is_wanted_of_the_mode_comes_back_as_the_light_it_stands_for() {
        let (code, truth) = ([0.9, 0.8, 1.0], [3.0f32, 0.7, 12.0]);
        let light = back(Mode::Xyy, code, Mode::Xyy.wanted(code, truth));
        for (found, expected) in light.iter().zip(truth) {
            assert!((found - expected).abs() < 1e-4 * expected, "{light:?}");
        }
        // S-2016-001: mid-grey is 0.4135884.
        let grey = Mode::AcesCct.wanted(code, [0.18; 3]);
        assert!(grey.iter().all(|v| (v - 0.413_588_4).abs() < 1e-6), "{grey:?}");
    }
}
