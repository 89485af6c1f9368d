//! A graph as JSON, for peers that run the same network (`benches/peers`) and for whoever wants to look.
//!
//! `{"inputs": {name: node}, "outputs": {name: node}, "nodes": [{"name", "op", "operands", "channels",
//! "sides" (fixed extents only), and what the operation needs}]}`; weights are not part of it.

use super::{Activation, Extent, Graph, Node, Op, Resample, padding};
use serde_json::{Map, Value, json};

impl Graph {
    /// The graph as JSON; see the module's text.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let ends = |ends: Vec<(&str, usize)>| -> Map<String, Value> {
            ends.into_iter().map(|(name, node)| (name.to_owned(), json!(node))).collect()
        };
        let inputs = self.inputs().iter().map(|i| (i.name.as_str(), i.node.index())).collect();
        let outputs = self.outputs().iter().map(|o| (o.name.as_str(), o.node.index())).collect();
        json!({
            "inputs": ends(inputs),
            "outputs": ends(outputs),
            "nodes": self.nodes().iter().map(node).collect::<Vec<_>>(),
        })
    }
}

fn node(node: &Node) -> Value {
    let mut value = json!({
        "name": node.name,
        "op": node.op.label(),
        "operands": node.operands.iter().map(|id| id.index()).collect::<Vec<_>>(),
        "channels": node.shape.channels,
    });
    if let Extent::Fixed(sides) = node.shape.extent {
        value["sides"] = json!(sides);
    }
    let attributes = match &node.op {
        Op::Constant(values) => json!({ "values": values }),
        &Op::Conv { kernel, stride, dilation, groups, bias } => json!({
            "kernel": kernel, "stride": stride, "dilation": dilation, "groups": groups,
            "bias": bias, "padding": padding(kernel, stride, dilation),
        }),
        Op::Linear { bias } => json!({ "bias": bias }),
        Op::Activation(Activation::LeakyRelu(slope)) => json!({ "slope": slope }),
        Op::Affine { scale, offset } => json!({ "scale": scale, "offset": offset }),
        Op::Clamp { low, high } => json!({ "low": low, "high": high }),
        Op::Channels { first } => json!({ "first": first }),
        Op::Upsample { factor, by: Resample::Nearest | Resample::Bilinear }
        | Op::PixelShuffle { factor }
        | Op::PixelUnshuffle { factor } => json!({ "factor": factor }),
        Op::AveragePool { size } => json!({ "size": size }),
        Op::GroupNorm { groups, epsilon } => json!({ "groups": groups, "epsilon": epsilon }),
        Op::BilateralSlice { bins } => json!({ "bins": bins }),
        Op::Divide { least } => json!({ "least": least }),
        _ => json!({}),
    };
    if let (Some(value), Some(attributes)) = (value.as_object_mut(), attributes.as_object()) {
        value.extend(attributes.clone());
    }
    value
}
