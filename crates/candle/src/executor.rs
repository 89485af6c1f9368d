//! Runs a graph node by node.

use crate::fast::{self, Fast};
use crate::given::{input, measure, uses};
use crate::line::Line;
use crate::{Error, Variables, stock};
use candle_core::Tensor;
use headroom::graph::{Extent, Graph, Node, Op, Place, Resample, Sizes};
use headroom_kernel::Pool;
use std::collections::HashMap;
use std::sync::Arc;

/// Which operations are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ops {
    /// Candle's own, put together where Candle's gradient is wrong or missing.
    Stock,
    /// Those on our kernels, where the tensors are f32 and on the CPU; the stock ones elsewhere.
    Fast,
}

/// Runs graphs on Candle tensors.
#[derive(Clone, Debug)]
pub struct Executor {
    fast: Option<Fast>,
}

/// What a node needs beyond its operands.
struct Surroundings<'a> {
    graph: &'a Graph,
    sizes: Sizes,
    places: &'a [Place],
    batch: usize,
    prefix: &'a str,
    variables: &'a Variables,
}

impl Executor {
    /// An executor; `pool` runs the fast operations.
    #[must_use]
    pub fn new(ops: Ops, pool: Arc<Pool>) -> Self {
        Self { fast: (ops == Ops::Fast).then(|| Fast::new(pool)) }
    }

    /// Runs a graph whose parameters are called `prefix.node.weight`, `prefix.node.bias`. `inputs`
    /// may hold more than the graph takes. `places` says where in the frame each sample of the batch
    /// lies, or one place says it for all; a graph that reads nothing of the whole frame needs none.
    ///
    /// # Errors
    /// When a tensor is missing or has another size than the graph and the other tensors ask for, a
    /// variable is missing, or Candle refuses.
    pub fn run(
        &self,
        graph: &Graph,
        prefix: &str,
        variables: &Variables,
        inputs: &HashMap<String, Tensor>,
        places: &[Place],
    ) -> Result<HashMap<String, Tensor>, Error> {
        let (sizes, batch) = measure(graph, inputs, variables.dtype())?;
        let around = Surroundings { graph, sizes, places, batch, prefix, variables };
        let uses = uses(graph);
        let fused = self.fusible(graph, &uses, variables);
        let mut left = uses.clone();
        let mut values: Vec<Option<Tensor>> = vec![None; graph.nodes().len()];
        for (index, node) in graph.nodes().iter().enumerate() {
            if uses[index] == 0 || fused[index] {
                continue;
            }
            let mut operands = Vec::with_capacity(node.operands.len());
            // A convolution that this activation ends has not been run.
            let head = node.operands.first().filter(|id| fused[id.index()]);
            let sources = head.map_or(node, |&id| graph.node(id));
            for &id in &sources.operands {
                let Some(value) = &values[id.index()] else {
                    return Err(Error::input(&node.name, "an operand without a value", "a value"));
                };
                operands.push(value.clone());
            }
            let value = match (head, &self.fast) {
                (Some(_), Some(fast)) => {
                    around.convolve(fast, sources, Some(node), &operands[0])?
                }
                _ => self.node(&around, node, inputs, &operands)?,
            };
            drop(operands);
            for &id in &sources.operands {
                left[id.index()] -= 1;
                if left[id.index()] == 0 {
                    values[id.index()] = None;
                }
            }
            values[index] = Some(value);
        }
        let mut outputs = HashMap::new();
        for output in graph.outputs() {
            if let Some(value) = &values[output.node.index()] {
                outputs.insert(output.name.clone(), value.clone());
            }
        }
        Ok(outputs)
    }

    /// Convolutions that the activation behind them takes over.
    fn fusible(&self, graph: &Graph, uses: &[usize], variables: &Variables) -> Vec<bool> {
        let mut fused = vec![false; graph.nodes().len()];
        let Some(fast) = &self.fast else { return fused };
        if !fast.fits(variables.device(), variables.dtype()) {
            return fused;
        }
        for (index, node) in graph.nodes().iter().enumerate() {
            if let (Op::Activation(by), Some(&id)) = (&node.op, node.operands.first()) {
                let alone = uses[id.index()] == 1 && uses[index] > 0;
                fused[id.index()] |= alone
                    && matches!(graph.node(id).op, Op::Conv { .. })
                    && fast::known_by_its_result(*by);
            }
        }
        fused
    }

    fn node(
        &self,
        around: &Surroundings<'_>,
        node: &Node,
        inputs: &HashMap<String, Tensor>,
        operands: &[Tensor],
    ) -> Result<Tensor, Error> {
        let fast = self.fast.as_ref().filter(|fast| {
            let variables = around.variables;
            fast.fits(variables.device(), variables.dtype())
        });
        let batch = around.batch;
        let value = match (&node.op, operands) {
            (Op::Input, []) => input(around.graph, node, inputs)?,
            (Op::Constant(values), []) => {
                let Extent::Fixed([height, width]) = node.shape.extent else {
                    return Err(Error::input(&node.name, "a free size", "a fixed size"));
                };
                let shape = (1, height, width, node.shape.channels);
                let (device, dtype) = (around.variables.device(), around.variables.dtype());
                let one = Tensor::from_slice(values, shape, device)?.to_dtype(dtype)?;
                one.broadcast_as((batch, height, width, node.shape.channels))?.contiguous()?
            }
            (Op::Conv { stride, dilation, groups, .. }, [x]) => match fast {
                Some(fast) => around.convolve(fast, node, None, x)?,
                None => {
                    let (weight, bias) = around.weights(node)?;
                    stock::conv(x, &weight, bias.as_ref(), *stride, *dilation, *groups)?
                }
            },
            (Op::Linear { .. }, [x]) => {
                let (weight, bias) = around.weights(node)?;
                stock::linear(x, &weight, bias.as_ref())?
            }
            (Op::Activation(by), [x]) => match fast {
                Some(fast) => fast::activation(fast, x, *by)?,
                None => stock::activation(x, *by)?,
            },
            (Op::Add, [a, b]) => a.broadcast_add(b)?,
            (Op::Multiply, [a, b]) => a.broadcast_mul(b)?,
            (Op::Affine { scale, offset }, [x]) => {
                x.affine(f64::from(*scale), f64::from(*offset))?
            }
            (Op::Clamp { low, high }, [x]) => stock::limit(x, f64::from(*low), f64::from(*high))?,
            (Op::Concat, parts) => match fast {
                Some(_) => fast::concat(parts)?,
                None => Tensor::cat(parts, 3)?,
            },
            (Op::Channels { first }, [x]) => {
                x.narrow(3, *first, node.shape.channels)?.contiguous()?
            }
            (Op::Upsample { factor, by: Resample::Nearest }, [x]) => match fast {
                Some(fast) => fast::nearest(fast, x, *factor)?,
                None => stock::nearest(x, *factor)?,
            },
            (Op::Upsample { factor, by: Resample::Bilinear }, [x]) => {
                let (_, height, width, _) = x.dims4()?;
                let rows = vec![Line::enlarged(height, *factor)];
                let columns = vec![Line::enlarged(width, *factor)];
                around.resample(fast, x, rows, columns)?
            }
            (Op::PixelShuffle { factor }, [x]) => stock::pixel_shuffle(x, *factor)?,
            (Op::PixelUnshuffle { factor }, [x]) => stock::pixel_unshuffle(x, *factor)?,
            (Op::AveragePool { size }, [x]) => match fast {
                Some(fast) => fast::average_pool(fast, x, *size)?,
                None => stock::average_pool(x, *size)?,
            },
            (Op::GlobalMean, [x]) => stock::global_mean(x)?,
            (Op::GroupNorm { groups, epsilon }, [x]) => {
                let (weight, bias) = around.weights(node)?;
                let Some(bias) = bias else {
                    return Err(Error::input(&node.name, "no bias", "a bias"));
                };
                stock::group_norm(x, &weight, &bias, *groups, f64::from(*epsilon))?
            }
            (Op::TimeEmbedding, [t]) => stock::time_embedding(t, node.shape.channels)?,
            (Op::FromFrame, [map, _]) => {
                let (rows, columns) = around.lines(node, map)?;
                around.resample(fast, map, rows, columns)?
            }
            (Op::BilateralSlice { bins }, [grid, guide]) => {
                let (rows, columns) = around.lines(node, grid)?;
                match fast {
                    Some(fast) => fast::slice(fast, grid, guide, rows, columns, *bins)?,
                    None => stock::slice(grid, guide, &rows, &columns, *bins)?,
                }
            }
            (Op::ApplyMatrix, [coefficients, x]) => match fast {
                Some(fast) => fast::apply_matrix(fast, coefficients, x)?,
                None => stock::apply_matrix(coefficients, x)?,
            },
            (Op::Curve, [knots, x]) => match fast {
                Some(fast) => fast::curve(fast, knots, x)?,
                None => stock::curve(knots, x)?,
            },
            (Op::CumulativeSum, [x]) => stock::cumulative_sum(x)?,
            (Op::Exp2, [x]) => stock::exp2(x)?,
            (Op::Divide { least }, [a, b]) => stock::divide(a, b, f64::from(*least))?,
            (op, operands) => {
                let found = format!("{} operands of {}", operands.len(), op.label());
                return Err(Error::input(&node.name, found, "as many as it takes"));
            }
        };
        Ok(value)
    }
}

impl Surroundings<'_> {
    /// Weight and, where there is one, bias of a node.
    fn weights(&self, node: &Node) -> Result<(Tensor, Option<Tensor>), Error> {
        let name = format!("{}.{}", self.prefix, node.name);
        let weight = self.variables.tensor(&format!("{name}.weight"))?;
        let biased = !matches!(node.op, Op::Conv { bias: false, .. } | Op::Linear { bias: false });
        let bias = biased.then(|| self.variables.tensor(&format!("{name}.bias"))).transpose()?;
        Ok((weight, bias))
    }

    /// A fast convolution, ended by an activation node or by nothing.
    fn convolve(
        &self,
        fast: &Fast,
        node: &Node,
        end: Option<&Node>,
        x: &Tensor,
    ) -> Result<Tensor, Error> {
        let Op::Conv { stride, dilation, groups, .. } = node.op else {
            return Err(Error::input(&node.name, node.op.label(), "a convolution"));
        };
        let activation = match end.map(|end| &end.op) {
            Some(Op::Activation(by)) => Some(*by),
            _ => None,
        };
        let (weight, bias) = self.weights(node)?;
        let geometry = fast::Geometry { stride, dilation, groups };
        Ok(fast::conv(fast, x, &weight, bias.as_ref(), geometry, activation)?)
    }

    /// Reads a tensor bilinearly.
    fn resample(
        &self,
        fast: Option<&Fast>,
        x: &Tensor,
        rows: Vec<Line>,
        columns: Vec<Line>,
    ) -> Result<Tensor, Error> {
        Ok(match fast {
            Some(fast) => fast::resample(fast, x, rows, columns)?,
            None => stock::resample(x, &rows, &columns)?,
        })
    }

    /// Where the pixels of a node lie in a tensor that shows the whole frame: one line for all
    /// samples or one for each.
    fn lines(&self, node: &Node, map: &Tensor) -> Result<(Vec<Line>, Vec<Line>), Error> {
        let (_, map_height, map_width, _) = map.dims4()?;
        // The second operand is the one whose extent is taken.
        let [height, width] = node.operands.get(1).map_or([0, 0], |&id| self.sizes.of(id));
        let Extent::Of { scale, .. } = node.shape.extent else {
            let line = |count: usize, source| vec![Line::new(count, 0.0, count as f64, source)];
            return Ok((line(height, map_height), line(width, map_width)));
        };
        if self.places.len() != 1 && self.places.len() != self.batch {
            return Err(Error::input(
                "places",
                format!("{} for a batch of {}", self.places.len(), self.batch),
                "one, or one for each sample",
            ));
        }
        let scale = f64::from(scale.up) / f64::from(scale.down);
        let axis = |count: usize, source: usize, of: &dyn Fn(&Place) -> (i64, usize)| {
            let line = |place: &Place| {
                let (start, length) = of(place);
                Line::new(count, start as f64 * scale, length as f64 * scale, source)
            };
            self.places.iter().map(line).collect::<Vec<_>>()
        };
        let rows = axis(height, map_height, &|place| (place.y, place.frame[0]));
        let columns = axis(width, map_width, &|place| (place.x, place.frame[1]));
        Ok((rows, columns))
    }
}
