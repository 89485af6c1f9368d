//! Training in stages: which parts of a network move, and what they are held against.

use crate::Error;
use headroom::model::inputs::RESULT;
use headroom::model::{Network, Run};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One of the tables `[[train.stages]]`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Stage {
    /// For the log.
    pub name: String,
    /// Parts of the network (names of its stages, as weights begin) whose weights move, or layers of
    /// them (`look.curve`); none given: all.
    pub parts: Vec<String>,
    /// What is held against the truth: `result` by the losses, or the name of a part that sees the
    /// whole frame: the reference by its distance from the truth at its size, a sampler by the noise
    /// it should find.
    pub learns: String,
    /// Epochs; 0: those of `train.epochs`.
    pub epochs: usize,
    /// Learning rate instead of the optimiser's; 0: the optimiser's.
    pub rate: f64,
    /// Share of the channels that resting parts find which is left out of each step, others each time (dropout); 0 to
    /// 1, 1 not included. Only where the losses judge.
    pub dropout: f64,
    /// Weights that start from those of another part's nodes of the same names: `refine = "reference"`.
    pub copy: BTreeMap<String, String>,
}

/// What a stage's loss is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Learns {
    /// The losses, of what the network gives in the end.
    Result,
    /// The output of a part that is run once per frame, against the truth at its size.
    Reference,
    /// A sampler's prediction.
    Noise,
}

/// A stage that fits its network.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) stage: Stage,
    pub(super) learns: Learns,
    /// Parts that come before anything that moves.
    pub(super) before: Network,
    /// The rest, up to what is held against the truth.
    pub(super) after: Network,
}

/// The stages of a network that names none: one for all of it, or for a network with a sampler the
/// three of its paper, a third of the epochs each.
pub(super) fn usual(network: &Network, epochs: usize) -> Vec<Stage> {
    let all =
        |name: &str| Stage { name: name.to_owned(), learns: RESULT.to_owned(), ..Stage::default() };
    let sampler = network.stages.iter().find_map(|stage| match &stage.run {
        Run::Sampler(sampler) => Some((&stage.name, &sampler.start)),
        _ => None,
    });
    let Some((prior, reference)) = sampler else {
        return vec![all("all")];
    };
    let parts: Vec<&String> = network.stages.iter().map(|stage| &stage.name).collect();
    let third = epochs.div_ceil(3);
    let rest: Vec<String> =
        parts.iter().filter(|p| **p != prior && **p != reference).map(|p| (*p).clone()).collect();
    let one = |part: &str, epochs: usize| Stage {
        name: part.to_owned(),
        parts: vec![part.to_owned()],
        learns: part.to_owned(),
        epochs,
        ..Stage::default()
    };
    vec![
        one(reference, third),
        one(prior, third),
        Stage {
            parts: rest.clone(),
            epochs: epochs.saturating_sub(2 * third).max(1),
            copy: rest.into_iter().map(|part| (part, reference.clone())).collect(),
            ..all("refine")
        },
    ]
}

impl Plan {
    /// # Errors
    /// When a part does not exist, or cannot be held against anything.
    pub(super) fn new(stage: &Stage, index: usize, network: &Network) -> Result<Self, Error> {
        let names: Vec<&str> = network.stages.iter().map(|stage| stage.name.as_str()).collect();
        let field = |name: &str| format!("train.stages[{index}].{name}");
        let expected = || names.join(", ");
        let known = |name: &str, field: &str| {
            names
                .iter()
                .position(|part| *part == name)
                .ok_or_else(|| Error::setting(field, format!("{name:?}"), expected()))
        };
        for part in &stage.parts {
            if !network.parameters().any(|(weight, _)| within(&weight, part)) {
                known(part, &field("parts"))?;
            }
        }
        for (to, from) in &stage.copy {
            known(to, &field("copy"))?;
            known(from, &field("copy"))?;
        }
        let (learns, last) = if stage.learns.is_empty() || stage.learns == RESULT {
            (Learns::Result, names.len())
        } else {
            let part = known(&stage.learns, &field("learns"))?;
            let learns = match network.stages[part].run {
                Run::Frame => Learns::Reference,
                Run::Sampler(_) => Learns::Noise,
                Run::Tile => {
                    let expected = format!("{RESULT}, or a part that sees the whole frame");
                    return Err(Error::setting(&field("learns"), &stage.learns, expected));
                }
            };
            (learns, part + 1)
        };
        let moves = |name: &str| {
            stage.parts.is_empty() || stage.parts.iter().any(|part| within(part, name))
        };
        let first = names[..last].iter().position(|name| moves(name)).ok_or_else(|| {
            Error::setting(&field("parts"), stage.parts.join(", "), names[..last].join(", "))
        })?;
        let part = |range: std::ops::Range<usize>| Network {
            encoding: network.encoding,
            domain: network.domain,
            stages: network.stages[range].to_vec(),
        };
        // A sampler that learns is not walked, only asked once; nothing before it matters to it.
        let (before, after) = match learns {
            Learns::Noise => (part(0..last - 1), part(last - 1..last)),
            _ => (part(0..first), part(first..last)),
        };
        Ok(Self { stage: stage.clone(), learns, before, after })
    }

    /// What the parts before hand on, by name.
    pub(super) fn found_before(&self) -> impl Iterator<Item = &str> {
        let outputs = self.before.stages.iter().flat_map(|stage| stage.graph.outputs());
        outputs.map(|output| output.name.as_str())
    }

    /// Whether a weight moves.
    pub(super) fn moves(&self, weight: &str) -> bool {
        let trained = self.after.stages.iter().any(|stage| {
            let name = weight.strip_prefix(&*stage.name).and_then(|rest| rest.strip_prefix('.'));
            let mut parameters = stage.graph.parameters().iter();
            parameters.any(|p| name == Some(&*p.name) && p.fixed().is_none())
        });
        let parts = &self.stage.parts;
        trained && (parts.is_empty() || parts.iter().any(|part| within(weight, part)))
    }

    /// Where a weight starts from, if it is not where it is.
    pub(super) fn copied_from(&self, weight: &str) -> Option<String> {
        let (part, rest) = weight.split_once('.')?;
        self.stage.copy.get(part).map(|from| format!("{from}.{rest}"))
    }
}

/// Whether a weight, layer or part belongs to another, or is it.
fn within(name: &str, of: &str) -> bool {
    name.strip_prefix(of).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(id: &str) -> Network {
        let info = headroom::model::find(id).expect("a network");
        (info.build)(&(info.config)()).expect("builds")
    }

    #[test]
    fn a_network_without_a_sampler_is_trained_whole() {
        let network = network("unet");
        let stages = usual(&network, 12);
        assert_eq!(stages.len(), 1);
        let plan = Plan::new(&stages[0], 0, &network).expect("fits");
        assert_eq!(plan.learns, Learns::Result);
        assert!(network.parameters().all(|(name, _)| plan.moves(&name)));
    }

    #[test]
    fn the_diffusion_is_trained_in_the_three_stages_of_its_paper() {
        let network = network("diff-hdrtv");
        let stages = usual(&network, 30);
        let plans: Vec<_> = (0..).zip(&stages).map(|(i, s)| Plan::new(s, i, &network)).collect();
        let plans: Vec<Plan> = plans.into_iter().collect::<Result<_, _>>().expect("fit");
        let learns: Vec<_> = plans.iter().map(|plan| plan.learns).collect();
        assert_eq!(learns, [Learns::Reference, Learns::Noise, Learns::Result]);
        let moved = |plan: &Plan| {
            let of = |part: &str| {
                network.parameters().any(|(n, _)| n.starts_with(part) && plan.moves(&n))
            };
            [of("reference."), of("prior."), of("refine.")]
        };
        assert_eq!(moved(&plans[0]), [true, false, false]);
        assert_eq!(moved(&plans[1]), [false, true, false]);
        assert_eq!(moved(&plans[2]), [false, false, true]);
        assert_eq!(plans[2].copied_from("refine.a.weight").as_deref(), Some("reference.a.weight"));
        assert_eq!(stages.iter().map(|s| s.epochs).sum::<usize>(), 30);
    }

    #[test]
    fn layers_of_a_part_move_by_themselves() {
        let network = network("grid");
        let parts = ["look.curve", "look.tone"].map(str::to_owned).to_vec();
        let plan = Plan::new(&Stage { parts, ..Stage::default() }, 0, &network).expect("fits");
        let all: Vec<String> = network.parameters().map(|(name, _)| name).collect();
        let moving: Vec<&String> = all.iter().filter(|name| plan.moves(name)).collect();
        assert_eq!(
            moving,
            ["look.tone.weight", "look.tone.bias", "look.curve.weight", "look.curve.bias"]
        );
        assert!(plan.before.stages.is_empty());
    }

    #[test]
    fn low_pass_filters_stay_what_they_are() {
        let network = network("grid");
        let plan = Plan::new(&Stage::default(), 0, &network).expect("fits");
        let all = network.parameters().map(|(name, _)| name);
        let resting: Vec<String> = all.filter(|name| !plan.moves(name)).collect();
        assert_eq!(resting, ["look.thin.weight", "look.smooth.weight"]);
    }

    #[test]
    fn a_part_that_is_not_there_is_named() {
        for (id, part) in [("unet", "prior"), ("grid", "look.curv"), ("grid", "look.")] {
            let network = network(id);
            let stage = Stage { parts: vec![part.to_owned()], ..Stage::default() };
            let error = Plan::new(&stage, 2, &network).expect_err("none of that").to_string();
            assert!(error.contains("train.stages[2].parts") && error.contains(part), "{error}");
        }
    }
}
