//! What a run folder says of its weights: where they lie, how good they are, what data they saw.

use crate::Error;
use crate::csv::Manifest;
use crate::record::checkpoints_of;
use crate::train::{BEST, LATEST, model_file as model_file_of};
use headroom::model::Figure;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The model file that `--checkpoint` means: `best`, `latest` or a path. The best one where nothing is
/// said, and the latest of a run that measured nothing.
///
/// # Errors
/// When there is none.
pub fn model_file(run: Option<&Path>, checkpoint: Option<&str>) -> Result<PathBuf, Error> {
    let named = |run: &Path, name: &str| model_file_of(&checkpoints_of(run), name);
    let path = match (run, checkpoint) {
        (Some(run), Some(name @ (BEST | LATEST))) => named(run, name),
        (None, Some(BEST | LATEST) | None) => {
            return Err(Error::Usage(
                "--run: found nothing, expected a run folder, or a file in --checkpoint".to_owned(),
            ));
        }
        (_, Some(path)) => PathBuf::from(path),
        (Some(run), None) => {
            let best = named(run, BEST);
            if best.is_file() { best } else { named(run, LATEST) }
        }
    };
    if path.is_file() {
        return Ok(path);
    }
    Err(Error::missing(format!("{}: found no such file, expected a model file", path.display())))
}

/// The figures of `eval/summary.json`; none where the run measured nothing.
///
/// # Errors
/// When the file is there and cannot be read.
pub fn figures(run: &Path) -> Result<Vec<Figure>, Error> {
    let Some(summary) = json(&run.join("eval").join("summary.json"))? else {
        return Ok(Vec::new());
    };
    let Some(metrics) = summary.get("metrics").and_then(Value::as_object) else {
        return Ok(Vec::new());
    };
    let figure = |(name, value): (&String, &Value)| {
        // Of the epoch whose weights are exported by default, where it is told apart.
        let best = value.pointer("/best/mean").or_else(|| value.get("mean"))?.as_f64()?;
        Some(Figure { metric: name.clone(), data: "validation".to_owned(), value: best })
    };
    Ok(metrics.iter().filter_map(figure).collect())
}

/// The resolved experiment of a run; null where there is none.
///
/// # Errors
/// When the file is there and cannot be read.
pub fn config(run: &Path) -> Result<Value, Error> {
    Ok(json(&run.join("config.json"))?.unwrap_or(Value::Null))
}

/// What a file says; none where there is no such file.
pub(super) fn json(path: &Path) -> Result<Option<Value>, Error> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::file(path, error)),
    };
    serde_json::from_str(&text).map(Some).map_err(|error| Error::file(path, error))
}

/// How many pictures are under which licence, and whom it asks to name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sources {
    /// Licence and pictures.
    pub licences: BTreeMap<String, usize>,
    /// Authors of pictures whose licence asks for their name (CC-BY), and pictures.
    pub named: BTreeMap<String, usize>,
}

/// Reads `manifest.csv` of data folders, or of the folders they lie in, by its columns `licence` and
/// `author`. A folder without one says nothing.
///
/// # Errors
/// When a file is there and cannot be read.
pub fn sources(folders: &[PathBuf]) -> Result<Sources, Error> {
    let mut manifests: Vec<PathBuf> = Vec::new();
    for folder in folders {
        let near = [Some(folder.as_path()), folder.parent()];
        let found = near.into_iter().flatten().map(|f| f.join(Manifest::NAME));
        if let Some(path) = found.into_iter().find(|path| path.is_file())
            && !manifests.contains(&path)
        {
            manifests.push(path);
        }
    }
    let mut sources = Sources::default();
    for path in manifests {
        for [licence, author] in Manifest::read(&path)?.columns(["licence", "author"]) {
            if licence.is_empty() {
                continue;
            }
            *sources.licences.entry(licence.to_owned()).or_default() += 1;
            if licence.to_uppercase().starts_with("CC-BY") && !author.is_empty() {
                *sources.named.entry(author.to_owned()).or_default() += 1;
            }
        }
    }
    Ok(sources)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(path: &Path, text: &str) {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("written");
    }

    #[test]
    fn the_best_weights_are_meant_and_the_latest_where_nothing_was_measured() {
        let run = tempfile::tempdir().expect("a folder");
        let file = |checkpoint| model_file(Some(run.path()), checkpoint);
        let error = file(None).expect_err("none").to_string();
        assert!(error.contains("latest.safetensors"), "{error}");
        write(&run.path().join("checkpoints/latest.safetensors"), "");
        assert!(file(None).expect("there").ends_with("latest.safetensors"));
        assert!(file(Some("best")).is_err());
        write(&run.path().join("checkpoints/best.safetensors"), "");
        assert!(file(None).expect("there").ends_with("best.safetensors"));
        assert!(file(Some("latest")).expect("there").ends_with("latest.safetensors"));
        assert_eq!(model_file(None, None).expect_err("nothing said").code(), 2);
    }

    #[test]
    fn figures_are_those_of_the_best_epoch() {
        let run = tempfile::tempdir().expect("a folder");
        assert_eq!(figures(run.path()).expect("none"), []);
        let text = r#"{"metrics":{"psnr_pu21":{"mean":30.0,"best":{"epoch":3,"mean":31.5}},
                       "mae":{"mean":0.5},"none":{"mean":null}}}"#;
        write(&run.path().join("eval/summary.json"), text);
        let found = figures(run.path()).expect("sound");
        let found: Vec<_> = found.iter().map(|f| (f.metric.as_str(), f.value)).collect();
        assert_eq!(found, [("psnr_pu21", 31.5), ("mae", 0.5)]);
    }

    #[test]
    fn only_authors_whose_licence_asks_for_it_are_named() {
        let data = tempfile::tempdir().expect("a folder");
        let text = "file,licence,author\na,CC0-1.0,P\nb,CC-BY-4.0,\"Q, \"\"R\"\"\"\nc,CC-BY-4.0,S\n\
                    d,CC-BY-4.0,S\n";
        write(&data.path().join("manifest.csv"), text);
        let train = data.path().join("train");
        let found = sources(&[train, data.path().to_owned()]).expect("sound");
        let licences: Vec<_> = found.licences.into_iter().collect();
        assert_eq!(licences, [("CC-BY-4.0".to_owned(), 3), ("CC0-1.0".to_owned(), 1)]);
        let named: Vec<_> = found.named.into_iter().collect();
        assert_eq!(named, [("Q, \"R\"".to_owned(), 1), ("S".to_owned(), 2)]);
    }
}
