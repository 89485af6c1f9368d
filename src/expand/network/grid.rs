//! The network `grid` at full size, by the fused kernel instead of its graph.

use crate::execute::FrameTensors;
use crate::expand::Plan;
use crate::expand::methods::{Predict, Prediction};
use crate::expand::network::picture::Picture;
use crate::expand::strip::{STRIP, Strip};
use crate::model::{Encoding, Model};
use headroom_kernel::Rect;
use headroom_kernel::nn::{COEFFICIENTS, Guide, HIDDEN, Isa, Place, PlaceGrid, PlaceMaps};
use std::sync::Arc;

/// As in the graph.
const LEAST_COVERAGE: f32 = 1.0e-5;

/// The weights of the full-size part.
#[derive(Debug)]
pub(in crate::expand) struct GridWeights {
    guide: Option<Guide>,
}

impl GridWeights {
    /// The guide, where the weights have one, and the least coverage, as a device's kernels take them:
    /// `kernels/place.h`.
    pub(in crate::expand) fn for_device(&self) -> Vec<f32> {
        let mut numbers = match self.guide {
            Some(Guide { hidden, hidden_bias, out, out_bias }) => {
                [hidden.as_flattened(), &hidden_bias, &out, &[out_bias]].concat()
            }
            None => vec![0.0; 5 * HIDDEN + 1],
        };
        numbers.push(LEAST_COVERAGE);
        numbers
    }

    /// True where a bilateral grid adds to the maps.
    pub(in crate::expand) fn has_guide(&self) -> bool {
        self.guide.is_some()
    }

    /// Those of a model of the architecture `grid`; none for others.
    pub(super) fn new(model: &Model) -> Option<Self> {
        if model.info.id != "grid" {
            return None;
        }
        let values = |name: &str| model.weights.get(name).map(|weight| &*weight.values);
        let Some(hidden) = values("place.guide1.weight") else {
            return Some(Self { guide: None });
        };
        let (rows, _) = hidden.as_chunks::<3>();
        let guide = Guide {
            hidden: rows.try_into().ok()?,
            hidden_bias: values("place.guide1.bias")?.try_into().ok()?,
            out: values("place.guide2.weight")?.try_into().ok()?,
            out_bias: *values("place.guide2.bias")?.first()?,
        };
        let _: [f32; HIDDEN] = guide.out;
        Some(Self { guide: Some(guide) })
    }

    /// For a frame whose stages gave `tensors`.
    pub(super) fn place(
        &self,
        tensors: &FrameTensors,
        frame: [usize; 2],
        isa: Isa,
    ) -> Result<Place, String> {
        let get = |name: &str| tensors.get(name).ok_or_else(|| format!("{name}: found no tensor"));
        let (gains, coverage) = (get("gains")?, get("coverage")?);
        let maps = PlaceMaps {
            size: [gains.height, gains.width],
            gains: &gains.values,
            coverage: &coverage.values,
            least: LEAST_COVERAGE,
        };
        let grid = match self.guide {
            Some(guide) => {
                let grid = get("grid")?;
                debug_assert!(grid.channels.is_multiple_of(COEFFICIENTS));
                let size = [grid.height, grid.width];
                Some(PlaceGrid { size, values: &grid.values, guide })
            }
            None => None,
        };
        Place::new(frame, &maps, grid.as_ref(), isa).map_err(|error| error.to_string())
    }
}

/// Stops by the fused kernel.
pub(in crate::expand) struct GridMethod {
    place: Arc<Place>,
    frame: Rect,
    /// Where codes are not taken as they are.
    recoded: Option<Picture>,
}

impl GridMethod {
    /// Of what was said of the frame.
    pub(in crate::expand) fn new(place: Arc<Place>, frame: Rect, plan: &Plan) -> Self {
        let recoded = plan.tone.as_ref().map(|_| Picture::new(plan, Encoding::Srgb, true));
        Self { place, frame, recoded }
    }
}

impl Predict for GridMethod {
    fn predict(&self, strip: &mut Strip) -> Prediction {
        let n = strip.n;
        let at = [(strip.y, self.frame.y1), (strip.x, self.frame.x1)];
        let at = at.map(|(to, from)| i64::from(to) - i64::from(from));
        let mut planes = [[0.0; STRIP]; 3];
        if let Some(picture) = &self.recoded {
            picture.encode(strip, &mut planes);
        }
        let Strip { ref code, ref signal, signal_is_code, ref channel_clip, .. } = *strip;
        let code = match &self.recoded {
            Some(_) => &planes,
            None if signal_is_code => code,
            None => signal,
        };
        let Strip { ref mut target, ref mut place, .. } = *strip;
        self.place.run(
            place,
            at,
            code.each_ref().map(|plane| &plane[..n]),
            channel_clip.each_ref().map(|plane| &plane[..n]),
            target.each_mut().map(|plane| &mut plane[..n]),
        );
        Prediction::Stops
    }

    fn needs_channel_clip(&self) -> bool {
        true
    }
}
