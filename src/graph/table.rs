//! A graph as a table for people.

use super::{Graph, GraphError, NodeId, Reach};
use std::fmt;

/// Layers, shapes, parameters and multiply-adds of a graph at one size of its free inputs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    rows: Vec<[String; 5]>,
    foot: String,
}

impl Table {
    /// The table for free inputs of that height and width.
    ///
    /// # Errors
    /// As [`Graph::sizes`].
    pub fn new(graph: &Graph, picture: [usize; 2]) -> Result<Self, GraphError> {
        let sizes = graph.sizes(picture)?;
        let mut rows = Vec::with_capacity(graph.nodes().len());
        for (index, node) in graph.nodes().iter().enumerate() {
            let id = NodeId(index);
            let [height, width] = sizes.of(id);
            let prefix = format!("{}.", node.name);
            let weights = graph
                .parameters()
                .iter()
                .filter(|p| p.name.strip_prefix(&prefix).is_some_and(|rest| !rest.contains('.')));
            let count: usize = weights.map(super::Parameter::count).sum();
            let work = graph.node_multiply_adds(id, &sizes);
            rows.push([
                node.name.clone(),
                node.op.label().to_owned(),
                format!("{height} x {width} x {}", node.shape.channels),
                if count == 0 { String::new() } else { count.to_string() },
                if work == 0 { String::new() } else { format!("{:.3}", work as f64 * 1.0e-6) },
            ]);
        }
        let reach = match graph.reach() {
            Reach::Pixels(n) => format!("{n} pixels to each side"),
            Reach::Everything => "the whole picture".to_owned(),
        };
        let foot = format!(
            "{} parameters; {:.3} GMAC at {} x {}; sees {reach}; sides are multiples of {}",
            graph.parameter_count(),
            graph.multiply_adds(&sizes) as f64 * 1.0e-9,
            picture[0],
            picture[1],
            graph.alignment(),
        );
        Ok(Self { rows, foot })
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const HEAD: [&str; 5] = ["layer", "operation", "shape", "parameters", "MMAC"];
        let mut widths = HEAD.map(str::len);
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        let mut line = |cells: [&str; 5]| {
            let [a, b, c, d, e] = widths;
            let text = format!(
                "{:a$}  {:b$}  {:c$}  {:>d$}  {:>e$}",
                cells[0], cells[1], cells[2], cells[3], cells[4]
            );
            writeln!(f, "{}", text.trim_end())
        };
        line(HEAD)?;
        for row in &self.rows {
            line(row.each_ref().map(String::as_str))?;
        }
        write!(f, "{}", self.foot)
    }
}
