//! Where every tensor lies, for one size of picture.

use super::lower::Step;
use super::pack::{Block, pack};
use super::share::Homes;
use crate::graph::{Graph, GraphError, NodeId, Sizes};
use headroom_kernel::nn::{Tensor, TensorMut};
use std::ops::Range;

/// The memory that a program needs for one size of picture and number of threads.
#[derive(Clone, Debug)]
pub struct Plan {
    pub(super) picture: [usize; 2],
    pub(super) threads: usize,
    pub(super) floats: usize,
    pub(super) steps: Vec<Places>,
    /// In the order of the graph's.
    pub(super) inputs: Vec<View>,
    /// In the order of the graph's.
    pub(super) outputs: Vec<View>,
}

/// What is laid out: a graph's steps, and which tensors share memory.
pub(super) struct Laid<'a, C> {
    pub(super) graph: &'a Graph,
    pub(super) steps: &'a [Step<C>],
    pub(super) homes: &'a Homes,
}

/// Where a step finds its tensors.
#[derive(Clone, Debug)]
pub(super) struct Places {
    pub(super) output: View,
    pub(super) inputs: Vec<View>,
    pub(super) scratch: Range<usize>,
}

/// A tensor in the arena.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct View {
    pub(super) start: usize,
    pub(super) height: usize,
    pub(super) width: usize,
    pub(super) channels: usize,
    pub(super) pixel_stride: usize,
}

impl View {
    pub(super) fn is_empty(&self) -> bool {
        self.height * self.width * self.channels == 0
    }

    /// From its first number to its last.
    pub(super) fn range(&self) -> Range<usize> {
        if self.is_empty() {
            return self.start..self.start;
        }
        let pixels = self.height * self.width;
        self.start..self.start + (pixels - 1) * self.pixel_stride + self.channels
    }

    pub(super) fn size(&self) -> [usize; 3] {
        [self.height, self.width, self.channels]
    }

    pub(super) fn tensor<'a>(&self, data: &'a [f32]) -> Tensor<'a> {
        let Self { height, width, channels, pixel_stride, .. } = *self;
        Tensor { data, height, width, channels, pixel_stride, row_stride: width * pixel_stride }
    }

    pub(super) fn tensor_mut<'a>(&self, data: &'a mut [f32]) -> TensorMut<'a> {
        let Self { height, width, channels, pixel_stride, .. } = *self;
        TensorMut { data, height, width, channels, pixel_stride, row_stride: width * pixel_stride }
    }
}

impl Plan {
    /// Bytes of all tensors and scratch together.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.floats * size_of::<f32>()
    }

    /// Height and width of the picture.
    #[must_use]
    pub fn picture(&self) -> [usize; 2] {
        self.picture
    }

    /// Plans; see [`super::Program::plan`]. `scratch` says how many numbers a step needs for an output
    /// and inputs of those sizes.
    pub(super) fn new<C>(
        laid: &Laid<'_, C>,
        picture: [usize; 2],
        threads: usize,
        scratch: impl Fn(&Step<C>, [usize; 3], &[[usize; 3]]) -> usize,
    ) -> Result<Self, GraphError> {
        let sizes = laid.graph.sizes(picture)?;
        let mut steps: Vec<Places> = laid
            .steps
            .iter()
            .map(|step| {
                let output = view(laid, &sizes, step.output);
                let inputs: Vec<View> =
                    step.inputs.iter().map(|&input| view(laid, &sizes, input)).collect();
                let read: Vec<[usize; 3]> = inputs.iter().map(View::size).collect();
                let scratch = scratch(step, output.size(), &read);
                Places { output, inputs, scratch: 0..scratch }
            })
            .collect();
        let (blocks, of_node) = blocks(laid, &sizes, &steps);
        let Some((starts, floats)) = pack(&blocks).filter(|&(_, n)| n <= isize::MAX as usize / 4)
        else {
            return Err(GraphError::new("picture", "more numbers than can be counted"));
        };
        let settle = |view: &mut View, node: usize| {
            let root = laid.homes.of(node).0;
            view.start += of_node[root].map_or(0, |block| starts[block]);
        };
        let tensors = blocks.len() - steps.len();
        for (index, (places, step)) in steps.iter_mut().zip(laid.steps).enumerate() {
            settle(&mut places.output, step.output);
            for (view, &node) in places.inputs.iter_mut().zip(&step.inputs) {
                settle(view, node);
            }
            let start = starts[tensors + index];
            places.scratch = start..start + places.scratch.end;
        }
        let settled = |id: NodeId| {
            let mut view = view(laid, &sizes, id.index());
            settle(&mut view, id.index());
            view
        };
        let inputs = laid.graph.inputs().iter().map(|input| settled(input.node)).collect();
        let outputs = laid.graph.outputs().iter().map(|output| settled(output.node)).collect();
        Ok(Self { picture, threads, floats, steps, inputs, outputs })
    }
}

/// A tensor with its start counted from that of the memory it lies in.
fn view<C>(laid: &Laid<'_, C>, sizes: &Sizes, node: usize) -> View {
    let (root, first) = laid.homes.of(node);
    let [height, width] = sizes.of(NodeId(node));
    let channels = |node: usize| laid.graph.nodes()[node].shape.channels;
    let (channels, pixel_stride) = (channels(node), channels(root));
    View { start: first, height, width, channels, pixel_stride }
}

/// Memory by node, then the scratch of each step; and the block of each node that has one.
fn blocks<C>(
    laid: &Laid<'_, C>,
    sizes: &Sizes,
    places: &[Places],
) -> (Vec<Block>, Vec<Option<usize>>) {
    let nodes = laid.graph.nodes();
    let last = places.len();
    let mut lives: Vec<Option<(usize, usize)>> = vec![None; nodes.len()];
    let mut alive = |node: usize, from: usize, to: usize| {
        let life = &mut lives[laid.homes.of(node).0];
        *life = Some(life.map_or((from, to), |(a, b)| (a.min(from), b.max(to))));
    };
    for input in laid.graph.inputs() {
        alive(input.node.index(), 0, last);
    }
    for (index, step) in laid.steps.iter().enumerate() {
        alive(step.output, index, index);
        for &input in &step.inputs {
            alive(input, index, index);
        }
    }
    for output in laid.graph.outputs() {
        alive(output.node.index(), last, last);
    }
    let mut blocks = Vec::new();
    let mut of_node = vec![None; nodes.len()];
    for (index, life) in lives.into_iter().enumerate() {
        if let Some((from, to)) = life {
            let [height, width] = sizes.of(NodeId(index));
            let size = height * width * nodes[index].shape.channels;
            of_node[index] = Some(blocks.len());
            blocks.push(Block { size, life: from..=to });
        }
    }
    let scratch = places.iter().enumerate();
    blocks.extend(scratch.map(|(i, place)| Block { size: place.scratch.end, life: i..=i }));
    (blocks, of_node)
}
