//! A graph's shapes in numbers, for inputs at hand.

use super::{Extent, Graph, GraphError, NodeId};

/// Where the picture that is worked on lies in the frame, in pixels of its free inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Row of the picture's first pixel in the frame.
    pub y: i64,
    /// Column of the picture's first pixel in the frame.
    pub x: i64,
    /// Height and width of the frame.
    pub frame: [usize; 2],
}

impl Place {
    /// The picture is the whole frame.
    #[must_use]
    pub fn whole(frame: [usize; 2]) -> Self {
        Self { y: 0, x: 0, frame }
    }
}

/// Height and width of every node for one size of the free inputs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sizes(Vec<[usize; 2]>);

impl Sizes {
    /// Height and width of a node.
    #[must_use]
    pub fn of(&self, node: NodeId) -> [usize; 2] {
        self.0[node.index()]
    }
}

impl Graph {
    /// Height and width of every node where free inputs measure `picture` (height, width), which
    /// may be 0.
    ///
    /// # Errors
    /// When a side is no multiple of [`Graph::alignment`] or a node would be too large to count.
    pub fn sizes(&self, picture: [usize; 2]) -> Result<Sizes, GraphError> {
        let alignment = self.alignment();
        if picture.iter().any(|side| !side.is_multiple_of(alignment)) {
            let [height, width] = picture;
            return Err(GraphError::new(
                "picture",
                format!("{height} x {width}, expected multiples of {alignment}"),
            ));
        }
        let mut sizes = Vec::with_capacity(self.nodes.len());
        for node in &self.nodes {
            let size = match node.shape.extent {
                Extent::Fixed(sides) => Some(sides),
                Extent::Of { scale, .. } => {
                    let side = |side: usize| {
                        Some(side.checked_mul(scale.up as usize)? / scale.down as usize)
                    };
                    side(picture[0]).zip(side(picture[1])).map(|(h, w)| [h, w])
                }
            };
            let counts = size.filter(|&[h, w]| {
                let count = h.checked_mul(w).and_then(|n| n.checked_mul(node.shape.channels));
                count.is_some_and(|n| n < usize::MAX / 64)
            });
            let Some(size) = counts else {
                return Err(GraphError::new(&node.name, "more numbers than can be counted"));
            };
            sizes.push(size);
        }
        Ok(Sizes(sizes))
    }

    /// Multiply-adds of one run at that size; what is not a matrix product counts nothing, and what
    /// cannot be counted counts `u64::MAX`.
    #[must_use]
    pub fn multiply_adds(&self, sizes: &Sizes) -> u64 {
        let nodes = (0..self.nodes.len()).map(NodeId);
        nodes.fold(0, |all, id| self.node_multiply_adds(id, sizes).saturating_add(all))
    }

    pub(super) fn node_multiply_adds(&self, id: NodeId, sizes: &Sizes) -> u64 {
        use super::Op;
        let node = self.node(id);
        let [height, width] = sizes.of(id);
        let pixels = height as u64 * width as u64;
        let channels = |id: NodeId| self.node(id).shape.channels as u64;
        let per_pixel = match &node.op {
            Op::Conv { kernel, groups, .. } => {
                let taps = (kernel[0] * kernel[1]) as u64;
                taps * channels(node.operands[0]) / *groups as u64 * channels(id)
            }
            Op::Linear { .. } => channels(node.operands[0]) * channels(id),
            Op::ApplyMatrix => channels(node.operands[0]),
            Op::BilateralSlice { .. } => 8 * channels(id),
            _ => 0,
        };
        pixels.saturating_mul(per_pixel)
    }
}
