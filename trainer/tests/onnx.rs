//! Every network as an ONNX file, with what the Candle executor makes of the same weights and pictures,
//! in the folder `onnx` of the target folder's `tmp`. `cargo xtask test` then has ONNX Runtime run the
//! files (`trainer/tests/python/check_onnx.py`); here only what needs no Python is checked.

use candle_core::{DType, Device, Tensor};
use headroom::graph::{Extent, Place};
use headroom::model::{MODELS, Run, Sampler, Weights, pattern};
use headroom_candle::{Executor, Ops, Variables};
use headroom_kernel::Pool;
use headroom_train::export::onnx;
use headroom_train::model::Settings;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Two frames, as high and wide as that; no square, and not the size of any look.
const BATCH: usize = 2;
const SIZE: [usize; 2] = [64, 96];

/// Networks and configurations: every operation and every kind of stage is in one of them.
fn cases() -> Vec<(&'static str, &'static str, Value)> {
    let small = json!({
        "reference_enter": 8, "reference_width": 4, "reference_blocks": 1, "prior_base": 8,
        "branch_width": 4, "branch_blocks": 1, "steps": 6,
    });
    let with = |changes: Value| {
        let mut config = small.clone();
        let fields = changes.as_object().cloned().unwrap_or_default();
        config.as_object_mut().expect("an object").extend(fields);
        config
    };
    vec![
        ("grid", "grid", json!({ "widths": [4, 6, 8, 10] })),
        ("grid-plain", "grid", json!({ "widths": [4, 6, 8, 10], "bilateral": false })),
        ("residual", "residual", json!({ "width": 8, "dilations": [1, 2, 4] })),
        ("unet", "unet", json!({ "base": 4, "levels": 3 })),
        ("unet-linear", "unet-linear", json!({ "base": 4, "levels": 2 })),
        ("unet-attention", "unet-attention", json!({ "base": 4, "levels": 3 })),
        ("diffusion", "diff-hdrtv", with(json!({}))),
        (
            "diffusion-xyy",
            "diff-hdrtv",
            with(json!({ "mode": "xyy", "prediction": "velocity", "eta": 0.5, "strength": 1.0 })),
        ),
        ("diffusion-still", "diff-hdrtv", with(json!({ "strength": 0.0 }))),
        ("diffusion-bypass", "diff-hdrtv", with(json!({ "prior": "bypass" }))),
    ]
}

fn floats(tensor: &Tensor) -> Vec<f32> {
    tensor.flatten_all().expect("a tensor").to_vec1().expect("numbers")
}

/// Writes the numbers of a tensor, channels last, and returns its shape.
fn save(folder: &Path, name: &str, tensor: &Tensor) -> Value {
    let bytes: Vec<u8> = floats(tensor).iter().flat_map(|value| value.to_le_bytes()).collect();
    std::fs::write(folder.join(format!("{name}.f32")), bytes).expect("written");
    json!(tensor.dims())
}

fn write(folder: &Path, (name, architecture, config): (&str, &str, Value)) {
    let folder = folder.join(name);
    std::fs::create_dir_all(&folder).expect("a folder");
    let config = config.as_object().cloned().expect("an object");
    let settings = Settings { architecture: architecture.to_owned(), config, from: None };
    let built = settings.build().expect(name);
    let weights = Weights::patterned(&built.network);
    let model = built.model(name, &weights).expect(name);

    let mut given: HashMap<String, Tensor> = HashMap::new();
    let mut made: Vec<&str> = vec![Sampler::SAMPLE, Sampler::TIME];
    for stage in &built.network.stages {
        for input in stage.graph.inputs() {
            if made.contains(&input.name.as_str()) {
                continue;
            }
            let shape = stage.graph.node(input.node).shape;
            let [height, width] = match shape.extent {
                Extent::Fixed(sides) => sides,
                Extent::Of { .. } => SIZE,
            };
            let dims = (BATCH, height, width, shape.channels);
            let values = pattern(&input.name, BATCH * height * width * shape.channels);
            let values = values.into_iter().map(|p| p * 0.5 + 0.5).collect();
            let tensor = Tensor::from_vec(values, dims, &Device::Cpu).expect("a tensor");
            given.insert(input.name.clone(), tensor);
        }
        made.extend(stage.graph.outputs().iter().map(|output| output.name.as_str()));
        if let Run::Sampler(_) = stage.run {
            made.push(&stage.name);
        }
    }
    let variables =
        Variables::new(&built.network, &weights, &Device::Cpu, DType::F32).expect("weights");
    let executor = Executor::new(Ops::Fast, Arc::new(Pool::new(2)));
    let all = executor
        .run_network(&built.network, &variables.frozen(), &given, &[Place::whole(SIZE)])
        .expect(name);

    let inputs: BTreeMap<&str, Value> =
        given.iter().map(|(name, one)| (name.as_str(), save(&folder, name, one))).collect();
    let outputs: BTreeMap<&str, Value> = all
        .iter()
        .filter(|(name, _)| !given.contains_key(*name))
        .map(|(name, one)| (name.as_str(), save(&folder, name, one)))
        .collect();
    let alignment = built.network.alignment();
    let case = json!({ "inputs": inputs, "outputs": outputs, "alignment": alignment });
    std::fs::write(folder.join("case.json"), case.to_string()).expect("written");
    let bytes = onnx::to_bytes(&model).expect(name);
    std::fs::write(folder.join("model.onnx"), bytes).expect("written");
}

#[test]
fn every_network_is_written_for_onnx_runtime() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("onnx");
    let cases = cases();
    for info in MODELS {
        let shown = cases.iter().any(|(_, architecture, _)| *architecture == info.id);
        assert!(shown, "{}: found no case, expected one", info.id);
    }
    for case in cases {
        write(&folder, case);
    }
}
