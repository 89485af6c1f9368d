//! Messages of an ONNX file, by the field numbers of `onnx.proto` of IR version 9.

use crate::protobuf::Message;

/// Version of the format (ONNX 1.14).
const IR_VERSION: i64 = 9;
/// Version of the operators: the first whose `Resize` keeps what all runtimes have.
const OPSET: i64 = 18;
/// `TensorProto.DataType`.
const FLOAT: i64 = 1;
const INT64: i64 = 7;
const BOOL: i64 = 9;

/// Numbers of a tensor that is part of the file.
pub(super) enum Numbers<'a> {
    Floats(&'a [f32]),
    Integers(&'a [i64]),
    Bool(bool),
}

/// What an attribute of a node holds.
pub(super) enum Attribute<'a> {
    Integer(i64),
    Integers(&'a [i64]),
    Float(f32),
    Text(&'a str),
    Graph(Message),
}

/// One side of a tensor that a graph takes or gives.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Known(usize),
    /// Free, by a name that is the same wherever the side is.
    Named(&'static str),
}

/// `TensorProto`.
pub(super) fn tensor(name: &str, sides: &[i64], numbers: &Numbers<'_>) -> Message {
    let mut message = Message::new();
    for &side in sides {
        message.integer(1, side);
    }
    let (kind, raw) = match numbers {
        Numbers::Floats(values) => {
            (FLOAT, values.iter().flat_map(|value| value.to_le_bytes()).collect())
        }
        Numbers::Integers(values) => {
            (INT64, values.iter().flat_map(|value| value.to_le_bytes()).collect())
        }
        Numbers::Bool(value) => (BOOL, vec![u8::from(*value)]),
    };
    message.integer(2, kind).string(8, name).data(9, &raw);
    message
}

/// `NodeProto`.
pub(super) fn node(
    kind: &str,
    inputs: &[&str],
    output: &str,
    attributes: &[(&str, Attribute<'_>)],
) -> Message {
    let mut message = Message::new();
    for input in inputs {
        message.string(1, input);
    }
    message.string(2, output).string(3, output).string(4, kind);
    for (name, value) in attributes {
        message.message(5, &attribute(name, value));
    }
    message
}

fn attribute(name: &str, value: &Attribute<'_>) -> Message {
    let mut message = Message::new();
    message.string(1, name);
    let kind = match value {
        Attribute::Float(value) => {
            message.float(2, *value);
            1
        }
        Attribute::Integer(value) => {
            message.integer(3, *value);
            2
        }
        Attribute::Text(value) => {
            message.string(4, value);
            3
        }
        Attribute::Graph(graph) => {
            message.message(6, graph);
            5
        }
        Attribute::Integers(values) => {
            for &value in *values {
                message.integer(8, value);
            }
            7
        }
    };
    message.integer(20, kind);
    message
}

/// `ValueInfoProto` of a tensor of floats.
pub(super) fn float_value(name: &str, sides: &[Side]) -> Message {
    value(name, FLOAT, sides)
}

/// `ValueInfoProto` of one int64.
pub(super) fn integer_value(name: &str) -> Message {
    value(name, INT64, &[])
}

/// `ValueInfoProto` of one bool.
pub(super) fn bool_value(name: &str) -> Message {
    value(name, BOOL, &[])
}

fn value(name: &str, kind: i64, sides: &[Side]) -> Message {
    let mut shape = Message::new();
    for &side in sides {
        let mut dimension = Message::new();
        match side {
            Side::Known(side) => dimension.integer(1, side as i64),
            Side::Named(name) => dimension.string(2, name),
        };
        shape.message(1, &dimension);
    }
    let mut tensor = Message::new();
    tensor.integer(1, kind).message(2, &shape);
    let mut kind = Message::new();
    kind.message(1, &tensor);
    let mut message = Message::new();
    message.string(1, name).message(2, &kind);
    message
}

/// `GraphProto`.
pub(super) fn graph(
    name: &str,
    nodes: &[Message],
    initialisers: &[Message],
    inputs: &[Message],
    outputs: &[Message],
) -> Message {
    let mut message = Message::new();
    for node in nodes {
        message.message(1, node);
    }
    message.string(2, name);
    for (field, all) in [(5, initialisers), (11, inputs), (12, outputs)] {
        for one in all {
            message.message(field, one);
        }
    }
    message
}

/// `ModelProto`: a whole file.
pub(super) fn model(graph: &Message, doc: &str, properties: &[(&str, &str)]) -> Vec<u8> {
    let mut message = Message::new();
    message
        .integer(1, IR_VERSION)
        .string(2, env!("CARGO_PKG_NAME"))
        .string(3, env!("CARGO_PKG_VERSION"))
        .string(6, doc)
        .message(7, graph);
    let mut operators = Message::new();
    operators.string(1, "").integer(2, OPSET);
    message.message(8, &operators);
    for (key, value) in properties {
        let mut property = Message::new();
        property.string(1, key).string(2, value);
        message.message(14, &property);
    }
    message.into_bytes()
}
