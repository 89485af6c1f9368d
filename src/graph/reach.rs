//! How far an output sees.

use super::{Extent, Graph, NodeId, Op};

/// What of the free inputs an output depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Pixels up to this far from its own, in pixels of the input; an upper bound, so tiles that
    /// overlap by it give what the whole picture gives.
    Pixels(usize),
    /// All of them: such a graph cannot run in tiles.
    Everything,
}

impl Graph {
    /// How far the outputs see, over all of them.
    #[must_use]
    pub fn reach(&self) -> Reach {
        // Per node in pixels of the free input; none for everything.
        let mut reaches: Vec<Option<f64>> = Vec::with_capacity(self.nodes().len());
        for node in self.nodes() {
            let own = pixel(node.shape.extent);
            let mut reach = Some(0.0f64);
            for &operand in &node.operands {
                let from = self.node(operand).shape.extent;
                let step = pixel(from);
                let adds = match &node.op {
                    Op::Conv { kernel: [1, 1], stride: 1, .. } => 0.0,
                    Op::Conv { kernel, dilation, .. } => {
                        let span = kernel[0].max(kernel[1]) - 1;
                        (span * dilation) as f64 * 0.5 * step + step
                    }
                    Op::AveragePool { .. } | Op::PixelUnshuffle { .. } => own,
                    Op::Upsample { .. } | Op::PixelShuffle { .. } => step,
                    _ => 0.0,
                };
                let sees_all = matches!(node.op, Op::GlobalMean | Op::GroupNorm { .. })
                    && matches!(from, Extent::Of { .. });
                let of = reaches[operand.index()];
                reach = match (reach, of) {
                    (Some(a), Some(b)) if !sees_all => Some(a.max(b + adds)),
                    _ => None,
                };
            }
            reaches.push(reach);
        }
        let of = |id: NodeId| reaches[id.index()];
        self.outputs().iter().fold(Reach::Pixels(0), |all, output| match (all, of(output.node)) {
            (Reach::Pixels(a), Some(b)) => Reach::Pixels(a.max(b.ceil() as usize)),
            _ => Reach::Everything,
        })
    }
}

/// Side of a pixel in pixels of the free input; 0 for what shows the whole frame, whose own
/// inputs do not depend on the tile.
fn pixel(extent: Extent) -> f64 {
    match extent {
        Extent::Of { scale, .. } => f64::from(scale.down) / f64::from(scale.up),
        Extent::Fixed(_) => 0.0,
    }
}
