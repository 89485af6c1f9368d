//! Every network trains: its loss falls, and what comes out is a model that loads.

use crate::made::{Made, STILL, log, losses};
use headroom::model::{MODELS, Model};
use headroom_train::experiment::Experiment;

/// Mean of the first and of the last quarter.
fn fall(losses: &[f64]) -> [f64; 2] {
    let quarter = (losses.len() / 4).max(1);
    let mean = |part: &[f64]| part.iter().sum::<f64>() / part.len() as f64;
    [mean(&losses[..quarter]), mean(&losses[losses.len() - quarter..])]
}

fn trains(id: &str, more: &[&str]) {
    let made = Made::one();
    let more: Vec<&str> = STILL.iter().chain(more).copied().collect();
    let done = made.train(id, &more);
    let [first, last] = fall(&losses(&done.folder));
    assert!(last < 0.97 * first, "{id}: from {first} to {last}: {:?}", losses(&done.folder));
    let file = done.folder.join("checkpoints/latest.safetensors");
    let model = Model::from_bytes("latest", &std::fs::read(&file).expect("a file")).expect("sound");
    let training = model.header.training.expect("says how it was trained");
    assert_eq!(model.info.id, id);
    assert_eq!(training.steps as usize, losses(&done.folder).len());
}

#[test]
fn grid_trains() {
    trains("grid", &["train.epochs=8"]);
}

#[test]
fn residual_trains() {
    trains("residual", &["train.epochs=4"]);
}

#[test]
fn unet_trains() {
    trains("unet", &["train.epochs=4"]);
}

#[test]
fn unet_linear_trains() {
    trains("unet-linear", &["train.epochs=4"]);
}

#[test]
fn unet_attention_trains() {
    trains("unet-attention", &["train.epochs=4"]);
}

#[test]
fn every_network_has_a_test_here() {
    let ids: Vec<_> = MODELS.iter().map(|model| model.id).collect();
    let tested = ["grid", "residual", "unet", "unet-linear", "unet-attention", "diff-hdrtv"];
    assert_eq!(ids, tested);
}

/// One experiment trains the reference, then the prior, then the refiner.
#[test]
fn the_diffusion_trains_in_three_stages() {
    let made = Made::new();
    let done = made.train("diff-hdrtv", &["train.epochs=6", "data.camera.share_max=0.1"]);
    let steps: Vec<_> = log(&done.folder);
    let terms = |line: &serde_json::Value| {
        let terms = line.get("terms")?.as_object()?;
        Some(terms.keys().next()?.clone())
    };
    let mut order: Vec<String> = steps.iter().filter_map(terms).collect();
    order.dedup();
    assert_eq!(order[..2], ["reference", "prior"], "{order:?}");
    assert_eq!(order[2], "acescct_l1", "{order:?}");
    // 12 views in batches of 2, for two epochs each.
    let reference = &losses(&done.folder)[..12];
    let [first, last] = fall(reference);
    assert!(last < first, "the reference goes from {first} to {last}");
}

/// The losses over edited pictures and over time reach the weights.
#[test]
fn a_network_trains_on_edits_and_on_motion() {
    let terms = "loss.terms=[{ name = \"hybrid\" }, { name = \"edit\", weight = 0.1 }, \
                 { name = \"temporal\", weight = 0.1 }]";
    let made = Made::new();
    let more = [terms, "data.clip_len=2", "data.batch_size=1", "train.epochs=1", "data.views=2"];
    let done = made.train("unet", &more);
    let line = &log(&done.folder)[0];
    for term in ["hybrid", "edit", "temporal"] {
        let value = line["terms"][term].as_f64().expect("a number");
        assert!(value > 0.0 && value.is_finite(), "{term}: {value}");
    }
}

#[test]
fn the_curve_is_learned_beside_the_gains() {
    let terms = "loss.terms=[{ name = \"clip_stops\" }, { name = \"tone\", weight = 0.5 }]";
    let made = Made::new();
    let done = made.train("grid", &[terms, "train.epochs=6"]);
    let tone: Vec<f64> =
        log(&done.folder).iter().filter_map(|line| line["terms"]["tone"].as_f64()).collect();
    let [first, last] = fall(&tone);
    assert!(last < first, "from {first} to {last}");
}

/// What is handed out as an example, and the recipes of the weights that ship, can be followed.
#[test]
fn every_experiment_that_comes_along_is_sound() {
    let trainer = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut count = 0;
    for folder in [trainer.join("experiments"), trainer.join("../configs")] {
        let files = std::fs::read_dir(folder).expect("a folder").flatten().map(|file| file.path());
        for path in files.filter(|path| path.extension().is_some_and(|ending| ending == "toml")) {
            let data = [("data.hdr".to_owned(), "somewhere".into())];
            let experiment = Experiment::resolve(Some(&path), &data);
            let checked = experiment.and_then(|experiment| experiment.check());
            checked.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            count += 1;
        }
    }
    assert!(count >= 9, "{count}");
}

/// `tests/python/check_run.py` reads it with the real TensorBoard, and opens its report.
#[test]
fn a_run_is_left_for_other_readers() {
    let made = Made::new();
    let done = made.train("grid", &["train.epochs=3", "record.tag=readers"]);
    let kept = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("run");
    if kept.exists() {
        std::fs::remove_dir_all(&kept).expect("removes");
    }
    let mut open = vec![(done.folder.clone(), kept.clone())];
    while let Some((from, to)) = open.pop() {
        std::fs::create_dir_all(&to).expect("a folder");
        for entry in std::fs::read_dir(from).expect("lists").flatten() {
            let to = to.join(entry.file_name());
            if entry.path().is_dir() {
                open.push((entry.path(), to));
            } else {
                std::fs::copy(entry.path(), to).expect("copies");
            }
        }
    }
    assert!(kept.join("report.html").exists());
}
