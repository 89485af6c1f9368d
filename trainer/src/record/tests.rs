//! The run folder as a whole.

use super::*;
use serde_json::{Value, json};
use std::path::Path;

fn settings(root: &Path) -> Settings {
    Settings { run_root: root.to_owned(), tag: "t".to_owned(), samples: 1, ..Default::default() }
}

/// Epochs of two steps, as the loop reports them.
fn run(recorder: &mut Recorder, epochs: std::ops::RangeInclusive<usize>) {
    for epoch in epochs {
        let last = epoch as u64 * 2;
        for step in [last - 1, last] {
            let loss = 1.0 / step as f64;
            let terms =
                vec![("pu21".to_owned(), loss / 3.0), ("log2".to_owned(), loss * 2.0 / 3.0)];
            let record = StepRecord {
                epoch,
                step,
                loss,
                terms,
                rate: 1e-3,
                gradient_norm: loss * 2.0,
                seconds: 0.5,
                pictures: 4,
            };
            recorder.step(&record).unwrap();
        }
        let loss = 1.0 / epoch as f64;
        let train = EpochRecord {
            epoch,
            step: last,
            phase: Phase::Train,
            loss,
            terms: vec![("pu21".to_owned(), loss)],
            seconds: 1.25,
            rate: 1e-3,
        };
        recorder.epoch(&train).unwrap();
        recorder
            .epoch(&EpochRecord { phase: Phase::Validation, loss: loss * 1.5, ..train })
            .unwrap();
        let figure =
            |metric: &str, mean| Figure { metric: metric.to_owned(), mean, deviation: 0.5 };
        let psnr = 20.0 + epoch as f64;
        let figures = [figure("psnr_norm", psnr), figure("ssim_norm", f64::NAN)];
        recorder.metrics(epoch, last, &figures).unwrap();
        let picture = [0.25; 12];
        let sample = Sample {
            name: "a",
            size: [2, 2],
            code: &picture,
            prediction: &picture,
            truth: &picture,
        };
        recorder.sample(epoch, last, 0, &sample).unwrap();
    }
}

fn whole(root: &Path) -> Recorder {
    let settings = settings(root);
    let mut recorder =
        Recorder::new(RunFolder::create(&settings).unwrap(), &settings, None).unwrap();
    let experiment = json!({ "model": { "architecture": "grid" } });
    recorder.describe("[model]\narchitecture = \"grid\"\n", &experiment, "cpu", 3).unwrap();
    recorder.data("2 pictures", &json!({ "pictures": 2 }), None).unwrap();
    run(&mut recorder, 1..=4);
    recorder
}

fn text(recorder: &Recorder, name: &str) -> String {
    std::fs::read_to_string(recorder.folder().path().join(name)).unwrap()
}

/// Lines without their times.
fn timeless(recorder: &Recorder, name: &str) -> Vec<String> {
    let strip = |line: &str| match serde_json::from_str::<Value>(line) {
        Ok(mut value) => {
            value["timestamp"] = Value::Null;
            value.to_string()
        }
        Err(_) => line.rsplit_once(',').unwrap().0.to_owned(),
    };
    text(recorder, name).lines().map(strip).collect()
}

/// The events file without wall times, which are the first ten bytes of each event.
fn events(recorder: &Recorder) -> Vec<Vec<u8>> {
    let folder = recorder.folder().path().join("tb");
    let path = std::fs::read_dir(folder).unwrap().next().unwrap().unwrap().path();
    let bytes = std::fs::read(path).unwrap();
    let mut rest = bytes.as_slice();
    let mut events = Vec::new();
    while !rest.is_empty() {
        let length = u64::from_le_bytes(rest[..8].try_into().unwrap()) as usize;
        events.push(rest[12 + 9..12 + length].to_vec());
        rest = &rest[length + 16..];
    }
    events
}

#[test]
fn tables_have_the_columns_scripts_expect() {
    let root = tempfile::tempdir().unwrap();
    let recorder = whole(root.path());
    let train = text(&recorder, "logs/train_log.csv");
    let metrics = text(&recorder, "logs/metrics.csv");
    assert_eq!(train.lines().next(), Some("epoch,phase,loss,time,lr,timestamp"));
    assert_eq!(metrics.lines().next(), Some("epoch,psnr,ssim,timestamp"));
    let rows = timeless(&recorder, "logs/train_log.csv");
    assert_eq!(
        rows[1..4],
        ["1,train,1,1.25,0.001", "1,val,1.5,1.25,0.001", "2,train,0.5,1.25,0.001"]
    );
    assert_eq!(timeless(&recorder, "logs/metrics.csv")[1], "1,21,nan");
    let step: Value =
        serde_json::from_str(text(&recorder, "logs/train_log.jsonl").lines().next().unwrap())
            .unwrap();
    assert_eq!(
        (&step["kind"], &step["step"], &step["pictures_per_second"]),
        (&json!("step"), &json!(1), &json!(8.0))
    );
    assert_eq!(step["terms"], json!({ "pu21": 1.0 / 3.0, "log2": 2.0 / 3.0 }));
}

#[test]
fn a_run_in_two_parts_logs_what_a_run_in_one_part_logs() {
    let roots = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let one = whole(roots[0].path());
    let settings = settings(roots[1].path());
    let folder = RunFolder::create(&settings).unwrap();
    let mut two = Recorder::new(folder.clone(), &settings, None).unwrap();
    let experiment = json!({});
    two.describe("[model]\narchitecture = \"grid\"\n", &experiment, "cpu", 3).unwrap();
    // Its checkpoint is of the end of epoch 2; it goes on to 3 and dies writing a line.
    run(&mut two, 1..=3);
    drop(two);
    for name in ["train_log.jsonl", "train_log.csv", "metrics.jsonl"] {
        use std::io::Write;
        let mut file = std::fs::OpenOptions::new().append(true).open(folder.log(name)).unwrap();
        file.write_all(b"{\"kind\":\"st").unwrap();
    }
    let at = Position { epoch: 2, step: 4 };
    let mut two = Recorder::new(folder.clone(), &settings, Some(at)).unwrap();
    assert!(!folder.sample(3, 0).exists() && folder.sample(2, 0).exists());
    run(&mut two, 3..=4);
    for name in
        ["logs/train_log.csv", "logs/train_log.jsonl", "logs/metrics.csv", "logs/metrics.jsonl"]
    {
        assert_eq!(timeless(&one, name), timeless(&two, name), "{name}");
    }
    assert_eq!(events(&one), events(&two));
}

#[test]
fn a_cut_in_the_midst_of_an_epoch_keeps_its_steps() {
    let root = tempfile::tempdir().unwrap();
    let recorder = whole(root.path());
    let folder = recorder.folder().clone();
    let settings = settings(root.path());
    drop(recorder);
    let cut =
        Recorder::new(folder.clone(), &settings, Some(Position { epoch: 1, step: 3 })).unwrap();
    let history = History::read(&folder).unwrap();
    assert_eq!(history.steps.iter().map(|s| s.step).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!((history.epochs_done(), history.metrics[0].values.len()), (1, 1));
    assert_eq!(text(&cut, "logs/train_log.csv").lines().count(), 3);
}

#[test]
fn the_folder_holds_configuration_environment_summary_and_pictures() {
    let root = tempfile::tempdir().unwrap();
    let mut recorder = whole(root.path());
    recorder.event("resumed\nfrom latest").unwrap();
    recorder.finish("finished").unwrap();
    for name in [
        "checkpoints",
        "config.toml",
        "config.json",
        "environment.json",
        "snapshot/experiment.toml",
        "data_report.txt",
        "data_report.json",
        "viz/epoch0004_sample00.png",
        "loss_curves.png",
        "metrics_curves.png",
        "report.html",
    ] {
        assert!(recorder.folder().path().join(name).exists(), "{name}");
    }
    let json = |name: &str| serde_json::from_str::<Value>(&text(&recorder, name)).unwrap();
    assert_eq!(json("config.json")["experiment"]["model"]["architecture"], "grid");
    assert_eq!(json("snapshot/program.json")["sha256"].as_str().unwrap().len(), 64);
    let summary = json("eval/summary.json");
    let best = json!({ "epoch": 4, "mean": 24.0, "deviation": 0.5 });
    assert_eq!(
        summary["metrics"]["psnr_norm"],
        json!({ "mean": 24.0, "deviation": 0.5, "epoch": 4, "best": best })
    );
    assert_eq!((&summary["outcome"], &summary["steps"]), (&json!("finished"), &json!(8)));
    let events = text(&recorder, "logs/events.log");
    assert!(events.ends_with(" epoch 4 step 8: resumed from latest\n"), "{events}");
}

#[test]
fn the_report_needs_no_network_and_its_pictures_decode() {
    let root = tempfile::tempdir().unwrap();
    let mut recorder = whole(root.path());
    recorder.event("<script>alert(1)</script>").unwrap();
    recorder.finish("finished").unwrap();
    let html = text(&recorder, "report.html");
    assert!(!html.contains("http:") && !html.contains("https:") && !html.contains("<script>alert"));
    let pictures: Vec<_> = html.split("src=\"data:image/jpeg;base64,").skip(1).collect();
    assert_eq!(pictures.len(), 1);
    for rest in pictures {
        let code = rest.split('"').next().unwrap();
        let bytes = decode(code);
        let mut decoder = zune_jpeg::JpegDecoder::new(std::io::Cursor::new(&bytes));
        assert!(!decoder.decode().unwrap().is_empty());
    }
}

fn decode(base64: &str) -> Vec<u8> {
    let value = |letter: u8| match letter {
        b'A'..=b'Z' => letter - b'A',
        b'a'..=b'z' => letter - b'a' + 26,
        b'0'..=b'9' => letter - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        other => panic!("{other}"),
    };
    let letters: Vec<u8> = base64.trim_end_matches('=').bytes().map(value).collect();
    let bits = letters.chunks(4).flat_map(|part| {
        let word = (0..4).fold(0_u32, |word, i| word << 6 | u32::from(*part.get(i).unwrap_or(&0)));
        word.to_be_bytes()[1..part.len()].to_vec()
    });
    bits.collect()
}

#[test]
fn what_cannot_be_written_is_named_and_spoils_nothing() {
    let root = tempfile::tempdir().unwrap();
    let mut recorder = whole(root.path());
    let path = recorder.folder().path().join("report.html");
    std::fs::create_dir_all(path.join("in the way")).unwrap();
    let error = recorder.finish("finished").unwrap_err().to_string();
    assert!(error.starts_with(&path.display().to_string()), "{error}");
    run(&mut recorder, 5..=5);
    assert_eq!(History::read(recorder.folder()).unwrap().epochs_done(), 5);
}
