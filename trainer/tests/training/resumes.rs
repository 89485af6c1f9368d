//! A run that is interrupted and goes on gives what it would have given.

use crate::made::{Made, bits, log, losses};
use headroom_train::train::{Ending, STOP_FILE, train};

#[test]
fn interrupted_and_resumed_equals_uninterrupted_bit_for_bit() {
    let made = Made::new();
    let whole = made.train("unet", &["record.tag=whole"]);
    // Each of these ends after its first step, in the middle of an epoch.
    let mut done = made.train("unet", &["record.tag=parts", "train.minutes=1e-9"]);
    let mut parts = 1;
    while done.ending == Ending::Time {
        done = made.resume(&done.folder);
        parts += 1;
    }
    assert_eq!(parts, losses(&whole.folder).len() + 1, "a step each, and one to find the end");
    assert_eq!(bits(&done.folder), bits(&whole.folder));
    assert_eq!(log(&done.folder), log(&whole.folder));
    let metrics = |run: &std::path::Path| {
        let text = std::fs::read_to_string(run.join("logs/metrics.csv")).expect("a log");
        let line = |line: &str| line.rsplit_once(',').map(|(figures, _)| figures.to_owned());
        text.lines().filter_map(line).collect::<Vec<_>>()
    };
    assert_eq!(metrics(&done.folder), metrics(&whole.folder));
}

#[test]
fn stages_resume_where_they_were() {
    let made = Made::new();
    let more = ["train.epochs=3", "data.views=2", "data.camera.share_max=0.1"];
    let whole = made.train("diff-hdrtv", &more);
    let mut cut = more.to_vec();
    cut.push("train.minutes=1e-9");
    let mut done = made.train("diff-hdrtv", &cut);
    while done.ending == Ending::Time {
        done = made.resume(&done.folder);
    }
    assert_eq!(bits(&done.folder), bits(&whole.folder));
}

#[test]
fn neither_workers_nor_threads_change_anything() {
    let made = Made::new();
    let one = made.train("residual", &["train.epochs=1"]);
    let more = made.train("residual", &["train.epochs=1", "data.workers=3", "train.threads=2"]);
    assert_eq!(bits(&one.folder), bits(&more.folder));
}

#[test]
fn a_stop_file_ends_a_run_with_a_checkpoint_and_is_gone() {
    let made = Made::new();
    let first = made.train("unet", &["train.minutes=1e-9"]);
    std::fs::write(first.folder.join(STOP_FILE), "").expect("writes");
    let mut order = made.order("unet", &[]);
    order.resume = Some(headroom_train::train::Resume::Path(first.folder.clone()));
    order.settings = vec![("train.minutes".to_owned(), 0.0.into())];
    let done = train(order).expect("ends well");
    assert_eq!(done.ending, Ending::StopFile);
    assert!(!first.folder.join(STOP_FILE).exists());
    assert_eq!(losses(&done.folder).len(), 2);
}

#[test]
fn patience_ends_a_run_that_gets_no_better() {
    let made = Made::new();
    // Nothing moves, so nothing gets better.
    let more = ["optimiser.rate=1e-30", "optimiser.weight_decay=0", "train.patience=2"];
    let mut all = more.to_vec();
    all.extend(["train.epochs=9", "data.views=1"]);
    let done = made.train("unet", &all);
    assert_eq!(done.ending, Ending::OutOfPatience);
    let epochs = std::fs::read_to_string(done.folder.join("logs/metrics.csv")).expect("a log");
    assert_eq!(epochs.lines().count(), 1 + 3, "the first, and two of patience");
}

#[test]
fn training_goes_on_from_a_weights_file() {
    let made = Made::new();
    let first = made.train("unet", &["train.epochs=3"]);
    let file = first.folder.join("checkpoints/latest.safetensors");
    let from = format!("model.from={}", file.display());
    let second = made.train("unet", &["train.epochs=1", &from]);
    assert!(losses(&second.folder)[0] < losses(&first.folder)[0]);
    let wrong = train(made.order("residual", &[&from])).expect_err("another network").to_string();
    assert!(wrong.contains("model.from") && wrong.contains("unet"), "{wrong}");
}

#[test]
fn a_u_net_on_gains_takes_the_look_of_a_grid_over_and_leaves_it_alone_where_told_to() {
    let made = Made::new();
    // Slowly, so that it still says stops: where there are none the U learns nothing.
    let slow = ["model.config.widths=[16,32,48,64,96]", "train.epochs=1", "optimiser.rate=1e-5"];
    let grid = made.train("grid", &slow);
    let file = grid.folder.join("checkpoints/latest.safetensors");
    let from = format!("model.from={}", file.display());
    let stage = "train.stages=[{ parts = [\"unet.leave\"], learns = \"result\" }]";
    let done = made.train("unet", &["model.config.gains=true", "train.epochs=1", stage, &from]);
    let log = std::fs::read_to_string(done.folder.join("logs/events.log")).expect("a log");
    assert!(log.contains("(grid)"), "{log}");
    let read = |file: &std::path::Path| {
        let bytes = std::fs::read(file).expect("weights");
        headroom::model::Model::from_bytes("a model", &bytes).expect("sound")
    };
    let [before, after] =
        [&grid, &done].map(|run| read(&run.folder.join("checkpoints/latest.safetensors")));
    let of_look = after.weights.iter().filter(|(name, _)| name.starts_with("look."));
    let of_look: Vec<_> = of_look.collect();
    assert!(of_look.len() > 20);
    for (name, weight) in of_look {
        assert_eq!(before.weights.get(name), Some(weight), "{name}");
    }
    for end in ["guide1.weight", "guide1.bias", "guide2.weight", "guide2.bias"] {
        let [grid, unet] = [(&before, "place"), (&after, "unet")]
            .map(|(model, part)| model.weights.get(&format!("{part}.{end}")).expect("a weight"));
        assert_eq!(grid, unet, "{end}");
    }
    let leave = after.weights.get("unet.leave.weight").expect("a weight");
    assert!(leave.values.iter().any(|v| *v != 0.0), "the rest moved");
}

#[test]
fn a_grid_takes_over_what_it_had_before_a_second_opinion_was_added() {
    let made = Made::new();
    let first = made.train("grid", &["train.epochs=1"]);
    let file = first.folder.join("checkpoints/latest.safetensors");
    let from = format!("model.from={}", file.display());
    let stage = "train.stages=[{ parts = [\"look.bold\", \"look.gate\"], learns = \"result\" }]";
    let done = made.train("grid", &["model.config.bold=true", "train.epochs=1", stage, &from]);
    let [before, after] = [&first, &done].map(|run| {
        let bytes = std::fs::read(run.folder.join("checkpoints/latest.safetensors"));
        headroom::model::Model::from_bytes("a model", &bytes.expect("weights")).expect("sound")
    });
    assert_eq!(after.header.config["bold"], true);
    for (name, weight) in before.weights.iter() {
        assert_eq!(after.weights.get(name), Some(weight), "{name}");
    }
    assert!(after.weights.get("look.bold.weight").is_some());
    // Another width is another network.
    let wrong = made.order("grid", &["model.config.widths=[4, 6, 8, 9]", &from]);
    let wrong = train(wrong).expect_err("another shape").to_string();
    assert!(wrong.contains("model.from") && wrong.contains("shape"), "{wrong}");
}

#[test]
fn accumulated_batches_step_together() {
    let made = Made::new();
    // Three batches an epoch: two together, and the one that is left.
    let more = ["optimiser.accumulate=2", "train.epochs=2", "data.views=2"];
    let done = made.train("unet", &more);
    assert_eq!(losses(&done.folder).len(), 2 * 2);
}

#[test]
fn epochs_are_counted_from_where_one_says() {
    let made = Made::new();
    let first = made.train("unet", &["train.epochs=2", "data.views=1"]);
    let mut order = made.order("unet", &[]);
    order.resume = Some(headroom_train::train::Resume::Path(first.folder.clone()));
    order.start_epoch = Some(1);
    order.settings = vec![("train.steps".to_owned(), 0.into())];
    let again = train(order).expect("goes on");
    assert_eq!(again.ending, Ending::Finished);
    // One more than the two there were; what does not fill a batch is left for another epoch.
    assert_eq!(losses(&again.folder).len(), 3);
}
