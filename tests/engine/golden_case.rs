//! The cases of `tests/golden/networks`, for every way to run a network. Uses nothing of this folder,
//! so tests of other crates can take it in by its path.

use headroom::graph::Place;
use headroom::model::{ModelInfo, find, pattern};
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};

/// Written by `tests/golden/networks.py`.
const FILES: &[(&str, &str)] = &[
    ("grid", include_str!("../golden/networks/grid.json")),
    ("tone", include_str!("../golden/networks/tone.json")),
    ("residual", include_str!("../golden/networks/residual.json")),
    ("unet", include_str!("../golden/networks/unet.json")),
    ("unet-linear", include_str!("../golden/networks/unet-linear.json")),
    ("unet-attention", include_str!("../golden/networks/unet-attention.json")),
    ("diff-hdrtv", include_str!("../golden/networks/diff-hdrtv.json")),
];

/// A network, its configuration, what goes in and what comes out.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    pub(crate) network: String,
    pub(crate) config: Value,
    /// Where the picture lies; the whole frame where it is not said.
    #[serde(default)]
    pub(crate) place: Option<InFrame>,
    pub(crate) inputs: BTreeMap<String, Given>,
    /// Numbers in all parameters.
    pub(crate) parameters: usize,
    /// What stages hand on, and the result.
    pub(crate) outputs: BTreeMap<String, Expected>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct InFrame {
    y: i64,
    x: i64,
    frame: [usize; 2],
}

/// max(offset + scale * pattern("input." + name), low), in f64, rounded to f32.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Given {
    shape: [usize; 3],
    formula: Formula,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Formula {
    scale: f64,
    offset: f64,
    low: f64,
}

/// Every `step`-th number of a tensor, channels last, and the largest magnitude of all.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expected {
    pub(crate) shape: [usize; 3],
    step: usize,
    largest: f64,
    values: Vec<f64>,
}

impl Case {
    /// All cases of a network, or of `tone`, the default's graph beside its stages.
    pub(crate) fn read(id: &str) -> Vec<Self> {
        let (_, text) = FILES.iter().find(|(name, _)| *name == id).expect("a golden file");
        serde_json::from_str(text).unwrap_or_else(|e| panic!("{id}.json: {e}"))
    }

    /// The network's entry.
    pub(crate) fn model(&self) -> &'static ModelInfo {
        find(&self.network).expect("registered")
    }

    /// What goes in, by name: height, width and channels, and the numbers.
    pub(crate) fn given(&self) -> HashMap<String, ([usize; 3], Vec<f32>)> {
        let fill = |(name, given): (&String, &Given)| {
            let Formula { scale, offset, low } = given.formula;
            let values = pattern(&format!("input.{name}"), given.shape.iter().product());
            let values =
                values.into_iter().map(|p| (offset + scale * f64::from(p)).max(low) as f32);
            (name.clone(), (given.shape, values.collect()))
        };
        self.inputs.iter().map(fill).collect()
    }

    /// Where the picture lies in the frame.
    pub(crate) fn place(&self) -> Place {
        let [height, width, _] = self.inputs["picture"].shape;
        self.place.as_ref().map_or(Place::whole([height, width]), |at| Place {
            y: at.y,
            x: at.x,
            frame: at.frame,
        })
    }

    /// Holds a tensor against the golden one; differences count as shares of its largest number.
    pub(crate) fn check(&self, name: &str, shape: [usize; 3], found: &[f64], tolerance: f64) {
        let expected = &self.outputs[name];
        let case = format!("{} {} {name}", self.network, self.config);
        assert_eq!(shape, expected.shape, "{case}");
        for (i, (found, value)) in
            found.iter().step_by(expected.step).zip(&expected.values).enumerate()
        {
            assert!(
                (found - value).abs() <= tolerance * expected.largest,
                "{case}, number {}: {found}, expected {value}",
                i * expected.step
            );
        }
    }
}
