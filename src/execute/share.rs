//! Decides which tensors share memory, before any size is known.
//!
//! Three things cost no memory and no copy: channels that are read where they lie, pointwise
//! operations that write over an operand nobody reads any more, and parts of a concatenation that
//! are made where the concatenation lies.

use super::lower::{Step, is_output};
use super::operation::Operation;
use crate::graph::{Graph, Op};

/// Never read for the last time: outputs, and inputs, which hold from run to run.
const FOREVER: usize = usize::MAX;

/// Where the tensor of every node lies: in its own memory, or in another's from some channel on.
#[derive(Clone, Debug)]
pub(super) struct Homes {
    links: Vec<Option<(usize, usize)>>,
}

impl Homes {
    /// The node whose memory it is, and the first channel there.
    pub(super) fn of(&self, node: usize) -> (usize, usize) {
        let (mut node, mut channel) = (node, 0);
        while let Some((next, first)) = self.links[node] {
            node = next;
            channel += first;
        }
        (node, channel)
    }

    fn root(&self, node: usize) -> usize {
        self.of(node).0
    }
}

/// The homes of all nodes. With `on` false only channels are read where they lie. Steps that work in
/// place are marked, their operands swapped where that makes it possible.
pub(super) fn homes<C>(graph: &Graph, steps: &mut [Step<C>], on: bool) -> Homes {
    let mut homes = Homes { links: vec![None; graph.nodes().len()] };
    for (index, node) in graph.nodes().iter().enumerate() {
        if let Op::Channels { first } = node.op
            && !is_output(graph, index)
        {
            homes.links[index] = Some((node.operands[0].index(), first));
        }
    }
    if on {
        let mut sharing = Sharing::new(graph, steps, homes);
        sharing.in_place(steps);
        sharing.concatenations(steps);
        homes = sharing.homes;
    }
    homes
}

struct Sharing<'g> {
    graph: &'g Graph,
    homes: Homes,
    /// Per node that owns memory: the step that reads any of it last.
    last_read: Vec<usize>,
    /// Per node that owns memory: the step that writes any of it last.
    last_write: Vec<usize>,
    /// Per node that owns memory: the step that first writes over it.
    overwritten: Vec<usize>,
}

impl<'g> Sharing<'g> {
    fn new<C>(graph: &'g Graph, steps: &[Step<C>], homes: Homes) -> Self {
        let nodes = graph.nodes().len();
        let mut sharing = Self {
            graph,
            homes,
            last_read: vec![0; nodes],
            last_write: vec![0; nodes],
            overwritten: vec![FOREVER; nodes],
        };
        for (index, step) in steps.iter().enumerate() {
            sharing.last_write[step.output] = index;
            for &input in &step.inputs {
                sharing.last_read[sharing.homes.root(input)] = index;
            }
        }
        let kept = graph.outputs().iter().map(|output| output.node.index());
        let given = graph.inputs().iter().map(|input| input.node.index());
        for node in kept.chain(given) {
            let root = sharing.homes.root(node);
            sharing.last_read[root] = FOREVER;
        }
        sharing
    }

    fn channels(&self, node: usize) -> usize {
        self.graph.nodes()[node].shape.channels
    }

    /// Lets pointwise steps write over the operand they read last.
    fn in_place<C>(&mut self, steps: &mut [Step<C>]) {
        for (index, step) in steps.iter_mut().enumerate() {
            let output = step.output;
            let shape = self.graph.nodes()[output].shape;
            for &place in step.operation.places() {
                let input = step.inputs[place];
                let root = self.homes.root(input);
                let others = step.inputs.iter().enumerate().filter(|&(other, _)| other != place);
                let free = self.graph.nodes()[input].shape == shape
                    && self.channels(root) == shape.channels
                    && self.last_read[root] <= index
                    && others.into_iter().all(|(_, &other)| self.homes.root(other) != root);
                if !free {
                    continue;
                }
                self.homes.links[output] = Some((input, 0));
                self.last_read[root] = self.last_read[output];
                self.last_write[root] = index;
                self.overwritten[root] = self.overwritten[root].min(index);
                if matches!(step.operation, Operation::Combine(_)) {
                    step.inputs.swap(0, place);
                    step.in_place = Some(0);
                } else {
                    step.in_place = Some(place);
                }
                break;
            }
        }
    }

    /// Lets what is concatenated be made where the concatenation lies.
    fn concatenations<C>(&mut self, steps: &[Step<C>]) {
        for (index, step) in steps.iter().enumerate() {
            if !matches!(step.operation, Operation::Concat) {
                continue;
            }
            let whole = step.output;
            let mut first = 0;
            for &part in &step.inputs {
                self.host(steps, index, whole, (part, first));
                first += self.channels(part);
            }
        }
    }

    fn host<C>(
        &mut self,
        steps: &[Step<C>],
        index: usize,
        whole: usize,
        (part, first): (usize, usize),
    ) {
        let root = self.homes.root(part);
        let fits = root != whole
            && self.channels(root) == self.channels(part)
            && self.last_read[root] != FOREVER
            // The part as it is concatenated is the last that is written there, ...
            && self.last_write[root] < index
            // ... and nobody reads it once the concatenation is written over.
            && self.last_read[root] < self.overwritten[whole];
        if !fits {
            return;
        }
        self.homes.links[root] = Some((whole, first));
        if self.collides(steps, whole) {
            self.homes.links[root] = None;
            return;
        }
        self.last_read[whole] = self.last_read[whole].max(self.last_read[root]);
    }

    /// True when a step would read and write one memory in different places: slices that are read
    /// and written must not overlap.
    fn collides<C>(&self, steps: &[Step<C>], root: usize) -> bool {
        steps.iter().any(|step| {
            let output = self.homes.of(step.output);
            output.0 == root
                && step.inputs.iter().enumerate().any(|(place, &input)| {
                    let home = self.homes.of(input);
                    home.0 == root
                        && step.in_place != Some(place)
                        && !(matches!(step.operation, Operation::Concat)
                            && home == (root, output.1 + self.offset(step, place)))
                })
        })
    }

    /// First channel of a part in its concatenation.
    fn offset<C>(&self, step: &Step<C>, place: usize) -> usize {
        step.inputs[..place].iter().map(|&input| self.channels(input)).sum()
    }
}
