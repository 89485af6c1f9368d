//! Collects nodes and fixed tensors of an ONNX graph, and sees to it that names are used once.

use super::proto::{self, Attribute, Numbers};
use crate::protobuf::Message;
use std::collections::BTreeSet;

/// An ONNX graph that is being put together.
#[derive(Default)]
pub(super) struct Writer {
    pub(super) nodes: Vec<Message>,
    /// Fixed tensors; the loop's body sees those of the graph around it.
    pub(super) initialisers: Vec<Message>,
    names: BTreeSet<String>,
    /// Small fixed tensors that are shared, by a name that says what they hold.
    shared: BTreeSet<String>,
}

impl Writer {
    /// A name that no other value has, as near to the wanted one as can be.
    pub(super) fn name(&mut self, wanted: &str) -> String {
        let wanted = wanted.replace(' ', "_");
        let mut name = wanted.clone();
        let mut count = 1;
        while !self.names.insert(name.clone()) {
            count += 1;
            name = format!("{wanted}_{count}");
        }
        name
    }

    /// Adds a node and returns the name of what it gives.
    pub(super) fn op(
        &mut self,
        wanted: &str,
        kind: &str,
        inputs: &[&str],
        attributes: &[(&str, Attribute<'_>)],
    ) -> String {
        let output = self.name(wanted);
        self.nodes.push(proto::node(kind, inputs, &output, attributes));
        output
    }

    /// A fixed tensor.
    pub(super) fn tensor(&mut self, wanted: &str, sides: &[usize], values: &[f32]) -> String {
        let name = self.name(wanted);
        let sides: Vec<i64> = sides.iter().map(|&side| side as i64).collect();
        self.initialisers.push(proto::tensor(&name, &sides, &Numbers::Floats(values)));
        name
    }

    /// A number.
    pub(super) fn number(&mut self, value: f32) -> String {
        let name = format!("number.{value:?}");
        self.share(&name, &[], &Numbers::Floats(&[value]));
        name
    }

    /// A list of whole numbers.
    pub(super) fn integers(&mut self, values: &[i64]) -> String {
        let texts: Vec<String> = values.iter().map(ToString::to_string).collect();
        let name = format!("integers.{}", texts.join("_"));
        self.share(&name, &[values.len() as i64], &Numbers::Integers(values));
        name
    }

    /// One whole number, no list.
    pub(super) fn integer(&mut self, value: i64) -> String {
        let name = format!("integer.{value}");
        self.share(&name, &[], &Numbers::Integers(&[value]));
        name
    }

    /// True.
    pub(super) fn yes(&mut self) -> String {
        let name = "true".to_owned();
        self.share(&name, &[], &Numbers::Bool(true));
        name
    }

    fn share(&mut self, name: &str, sides: &[i64], numbers: &Numbers<'_>) {
        if self.shared.insert(name.to_owned()) {
            self.names.insert(name.to_owned());
            self.initialisers.push(proto::tensor(name, sides, numbers));
        }
    }

    /// Sides of so many channels at the height and width that a tensor has at run time, for as many
    /// samples.
    pub(super) fn size_of(&mut self, wanted: &str, channels: usize, like: &str) -> String {
        let part = |start: i64, end: i64| {
            [("start", Attribute::Integer(start)), ("end", Attribute::Integer(end))]
        };
        let front = self.op(&format!("{wanted}.front"), "Shape", &[like], &part(0, 1));
        let back = self.op(&format!("{wanted}.back"), "Shape", &[like], &part(2, 4));
        let channels = self.integers(&[channels as i64]);
        let axis = [("axis", Attribute::Integer(0))];
        self.op(&format!("{wanted}.size"), "Concat", &[&front, &channels, &back], &axis)
    }
}
