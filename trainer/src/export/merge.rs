//! A network put together from trained ones: parts of several, and means of weights.
//!
//! The mean of the weights of two networks, one of which was trained on from the other, generalises
//! better than either (Wortsman et al. 2022, Model soups, <https://arxiv.org/abs/2203.05482>).

use crate::Error;
use crate::model::{Built, load};
use headroom::model::{Dtype, Model, Stage, Training, Weights};
use std::path::PathBuf;
use std::str::FromStr;

/// Where the weights of a part, or of a layer of one (`look.bold`), come from: `PART=FILE`,
/// `PART=0.35*FILE+0.65*FILE` for a mean, and `PART=FILE:OTHER` for what is called otherwise there.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// The part, or the layer of a part, that is filled.
    pub part: String,
    /// Shares, which add up to 1, and files.
    pub files: Vec<(f64, PathBuf)>,
    /// The part it is in the files.
    pub from: String,
}

impl FromStr for Source {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected =
            || format!("found \"{text}\", expected PART=FILE or PART=SHARE*FILE+SHARE*FILE:OTHER");
        let (part, rest) = text.split_once('=').ok_or_else(expected)?;
        // A drive's letter is followed by a colon too, and then by a path.
        let is_name = |name: &str| !name.contains(['/', '\\']) && !name.ends_with(".safetensors");
        let named = rest.rsplit_once(':').filter(|(_, name)| is_name(name));
        let (list, from) = named.unwrap_or((rest, part));
        let mut files = Vec::new();
        for one in list.split('+') {
            let (share, file) = match one.split_once('*') {
                None => (1.0, one),
                Some((share, file)) => (share.trim().parse().map_err(|_| expected())?, file),
            };
            if file.is_empty() || !(share > 0.0 && f64::is_finite(share)) {
                return Err(expected());
            }
            files.push((share, PathBuf::from(file)));
        }
        let all: f64 = files.iter().map(|(share, _)| share).sum();
        files.iter_mut().for_each(|(share, _)| *share /= all);
        if part.is_empty() || from.is_empty() {
            return Err(expected());
        }
        Ok(Self { part: part.to_owned(), files, from: from.to_owned() })
    }
}

/// A layer whose weights and biases are multiplied: `look.grid=0.7`.
#[derive(Clone, Debug, PartialEq)]
pub struct Scale {
    /// Part and name of the layer.
    pub layer: String,
    /// What by.
    pub factor: f32,
}

impl FromStr for Scale {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (layer, factor) = text.split_once('=').unwrap_or_default();
        match factor.trim().parse() {
            Ok(factor) if !layer.is_empty() && f32::is_finite(factor) => {
                Ok(Self { layer: layer.to_owned(), factor })
            }
            _ => Err(format!("found \"{text}\", expected LAYER=NUMBER, for example look.grid=0.7")),
        }
    }
}

/// The network with its parts filled; parts without a source are as before training. Then layers are
/// scaled. Its header has the record of that training of its sources which had the most steps.
///
/// # Errors
/// When a part is not in the network or in a file, a weight there has another shape, or a layer is not
/// there.
pub fn merge(
    built: &Built,
    sources: &[Source],
    scales: &[Scale],
    name: &str,
) -> Result<Model, Error> {
    let mut weights = Weights::seeded(&built.network, 0);
    let mut header = built.header(name);
    for source in sources {
        let stages = &built.network.stages;
        let (part, layer) = match source.part.split_once('.') {
            Some((part, layer)) => (part, Some(layer)),
            None => (&*source.part, None),
        };
        let stage = stages.iter().find(|stage| stage.name == part);
        let filled = stage.map(|stage| filled(stage, layer)).filter(|filled| !filled.is_empty());
        let Some(filled) = filled else {
            let parts: Vec<_> = stages.iter().map(|stage| stage.name.as_str()).collect();
            let expected = format!("{}, or a layer of them", parts.join(", "));
            return Err(Error::setting("--part", &source.part, expected));
        };
        for training in fill(&filled, source, built.info.id, &mut weights)? {
            if header.training.as_ref().is_none_or(|known| known.steps < training.steps) {
                header.training = Some(training);
            }
        }
    }
    for Scale { layer, factor } in scales {
        let mut found = false;
        for end in ["weight", "bias"] {
            let name = format!("{layer}.{end}");
            let Some(weight) = weights.get(&name) else { continue };
            let (shape, values) = (weight.shape.clone(), &weight.values);
            let values = values.iter().map(|value| value * factor).collect::<Vec<_>>();
            weights.insert(name, shape, values);
            found = true;
        }
        if !found {
            return Err(Error::setting("--scale", layer, "a layer of the network, as look.grid"));
        }
    }
    let bytes = Model::to_bytes(&header, &built.network, &weights, Dtype::F32)?;
    Ok(Model::from_bytes(name, &bytes)?)
}

/// The weights of a part, or of a layer of it: what they are called in it, and their shapes.
fn filled<'a>(stage: &'a Stage, layer: Option<&str>) -> Vec<(&'a str, &'a [usize])> {
    let all = stage.graph.parameters().iter();
    let all = all.map(|parameter| (&*parameter.name, &*parameter.shape));
    let Some(layer) = layer else { return all.collect() };
    all.filter_map(|(name, shape)| {
        let rest = name.strip_prefix(layer)?.strip_prefix('.')?;
        Some((rest, shape))
    })
    .collect()
}

/// Fills weights; gives the records of training of the files.
fn fill(
    filled: &[(&str, &[usize])],
    source: &Source,
    architecture: &str,
    weights: &mut Weights,
) -> Result<Vec<Training>, Error> {
    let models = source
        .files
        .iter()
        .map(|(share, file)| Ok((*share, file, load(file, architecture)?)))
        .collect::<Result<Vec<_>, Error>>()?;
    for &(name, shape) in filled {
        let mut sum = vec![0.0f64; shape.iter().product()];
        for (share, file, model) in &models {
            let there = format!("{}.{name}", source.from);
            let found = model.weights.get(&there);
            let Some(found) = found.filter(|found| found.shape == shape) else {
                let found = found.map_or("nothing".to_owned(), |f| format!("shape {:?}", f.shape));
                let expected = format!("expected shape {shape:?}");
                return Err(Error::file(file, format!("{there}: found {found}, {expected}")));
            };
            for (sum, value) in sum.iter_mut().zip(found.values.iter()) {
                *sum += share * f64::from(*value);
            }
        }
        let values = sum.into_iter().map(|v| v as f32).collect::<Vec<_>>();
        weights.insert(format!("{}.{name}", source.part), shape.to_vec(), values);
    }
    Ok(models.iter().filter_map(|(_, _, model)| model.header.training.clone()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Settings;
    use serde_json::json;

    fn built(architecture: &str, config: &serde_json::Value) -> Built {
        let config = config.as_object().expect("an object").clone();
        let settings = Settings { architecture: architecture.to_owned(), config, from: None };
        settings.build().expect("a network")
    }

    #[test]
    fn parts_of_several_and_means_become_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let grid = built("grid", &json!({"bold": true}));
        let file = |name: &str, seed| {
            let path = folder.path().join(format!("{name}.safetensors"));
            let mut model = grid.model(name, &Weights::seeded(&grid.network, seed)).expect("sound");
            model.header.training = Some(Training {
                data: "0".repeat(64),
                steps: 100 * seed,
                losses: Vec::new(),
                seed,
                date: "2026-11-28".to_owned(),
                commit: "unknown".to_owned(),
                tool: "a test".to_owned(),
            });
            crate::export::write(&model, &crate::export::Options::default(), &path)
                .expect("writes");
            (path.display().to_string(), model)
        };
        let ((a, first), (b, second)) = (file("a", 1), file("b", 2));
        let wanted = built("unet", &json!({"base": 2, "gains": true, "bold": true}));
        let sources = [
            format!("look=1*{a}+3*{b}"),
            format!("unet.guide1={b}:place.guide1"),
            // A layer by itself, from one that is called otherwise.
            format!("look.bold={b}:look.gains"),
        ];
        let sources = sources.map(|text| text.parse::<Source>().expect("a source"));
        let merged = merge(&wanted, &sources, &[], "merged").expect("fits");
        let of = |model: &Model, name: &str| model.weights.get(name).expect("there").values.clone();
        let (x, y) = (of(&first, "look.up1.weight"), of(&second, "look.up1.weight"));
        for ((found, x), y) in of(&merged, "look.up1.weight").iter().zip(x.iter()).zip(y.iter()) {
            assert!((found - (0.25 * x + 0.75 * y)).abs() < 1e-6);
        }
        for end in ["weight", "bias"] {
            let guide = of(&second, &format!("place.guide1.{end}"));
            assert_eq!(of(&merged, &format!("unet.guide1.{end}")), guide);
            let gains = of(&second, &format!("look.gains.{end}"));
            assert_eq!(of(&merged, &format!("look.bold.{end}")), gains);
        }
        assert_eq!(merged.header.training.as_ref().map(|t| t.steps), Some(200), "the longer one");
        assert!(of(&merged, "unet.leave.weight").iter().all(|v| *v == 0.0), "as before training");
        let told = |text: &str| {
            let source = text.parse::<Source>().expect("a source");
            merge(&wanted, &[source], &[], "merged").expect_err("refused").to_string()
        };
        assert!(told(&format!("sky={a}")).contains("expected look, unet, or a layer"));
        assert!(told(&format!("unet={a}")).contains("unet.guide1.weight: found nothing"));
        assert!(told(&format!("look.gain={a}")).contains("or a layer of them"));
        assert!(told(&format!("look.gains={a}:look.up1")).contains("expected shape"));

        for wrong in ["look", "look=", "=x", "look=x*y", "look=0*y", "look=-1*y"] {
            assert!(wrong.parse::<Source>().is_err(), "{wrong}");
        }

        let scale = |text: &str| text.parse::<Scale>().expect("a scale");
        let softer = merge(&wanted, &sources, &[scale("look.up1=0.5")], "softer").expect("fits");
        for end in ["weight", "bias"] {
            let name = format!("look.up1.{end}");
            for (half, whole) in of(&softer, &name).iter().zip(of(&merged, &name).iter()) {
                assert_eq!(*half, 0.5 * whole, "{name}");
            }
        }
        assert_eq!(of(&softer, "look.up2.weight"), of(&merged, "look.up2.weight"));
        let nowhere = merge(&wanted, &sources, &[scale("look.up=2")], "x").expect_err("refused");
        assert!(nowhere.to_string().contains("look.up"), "{nowhere}");
        for wrong in ["look.grid", "=2", "look.grid=", "look.grid=x", "look.grid=inf"] {
            assert!(wrong.parse::<Scale>().is_err(), "{wrong}");
        }
    }
}
