//! What is fuzzed: each target takes any bytes and must come back. `fuzz/` drives the same targets
//! by libFuzzer.

use headroom::graph::Table;
use headroom::model::{Dtype, Header, MODELS, Model, ModelInfo, Network, Weights};
use headroom_colour::lut::{Interpolation, Lut};
use serde_json::{Value, json};

/// A parser, what it is fed to begin with, and how a spoilt input is made to reach further in.
pub(crate) struct Target {
    /// Name on the command line.
    pub(crate) name: &'static str,
    /// Sound inputs.
    pub(crate) corpus: fn() -> Vec<Vec<u8>>,
    /// Whether the input was accepted. Panics where the parser breaks a promise.
    pub(crate) run: fn(&[u8]) -> bool,
    /// Whether inputs begin with the length of a header, eight bytes.
    pub(crate) prefixed: bool,
}

/// All of them.
pub(crate) const TARGETS: [Target; 3] = [
    Target { name: "model", corpus: models, run: model, prefixed: true },
    Target { name: "graph", corpus: graphs, run: graph, prefixed: false },
    Target { name: "cube", corpus: cubes, run: cube, prefixed: false },
];

/// Small configurations of every architecture, so that inputs are short.
fn small(info: &ModelInfo) -> Value {
    match info.id {
        "grid" => json!({"widths": [1, 1, 1, 1, 1], "bilateral": false}),
        "residual" => json!({"width": 1, "dilations": [1]}),
        "unet" | "unet-linear" | "unet-attention" => json!({"base": 1, "levels": 2}),
        // The diffusion prior's least width is not 1; its usual configuration tells the other fields.
        _ => {
            let mut config = (info.config)();
            for field in ["reference_enter", "reference_width", "reference_blocks", "branch_width"]
            {
                if let Some(field) = config.get_mut(field) {
                    *field = 1.into();
                }
            }
            config
        }
    }
}

fn models() -> Vec<Vec<u8>> {
    let file = |(index, info): (usize, &ModelInfo)| {
        let config = small(info);
        let network = (info.build)(&config).ok()?;
        let weights = Weights::seeded(&network, 1);
        let header = Header::new(info, config, &network, info.id);
        let dtype = Dtype::ALL[index % 3];
        let bytes = Model::to_bytes(&header, &network, &weights, dtype).ok()?;
        // Long files would spend the time on hashing.
        (bytes.len() < 100_000).then_some(bytes)
    };
    MODELS.iter().enumerate().filter_map(file).collect()
}

/// A weights file: what is accepted is sound, and written anew it is the same model.
pub(crate) fn model(bytes: &[u8]) -> bool {
    let Ok(model) = Model::from_bytes("fuzz", bytes) else { return false };
    model.weights.check(&model.network).expect("what is accepted fits");
    let again = Model::to_bytes(&model.header, &model.network, &model.weights, Dtype::F32)
        .expect("what is accepted can be written");
    let again = Model::from_bytes("again", &again).expect("what is written can be read");
    assert_eq!((again.network, again.weights), (model.network, model.weights));
    true
}

fn graphs() -> Vec<Vec<u8>> {
    let input = |(index, info): (usize, &ModelInfo)| {
        [small(info), (info.config)()]
            .map(|config| [&[index as u8], config.to_string().as_bytes()].concat())
    };
    MODELS.iter().enumerate().flat_map(input).collect()
}

/// A configuration, the first byte choosing the architecture: a network that is built can be
/// measured at any size.
pub(crate) fn graph(bytes: &[u8]) -> bool {
    let Some((&index, text)) = bytes.split_first() else { return false };
    let info = &MODELS[usize::from(index) % MODELS.len()];
    let Ok(config) = serde_json::from_slice::<Value>(text) else { return false };
    match (info.build)(&config) {
        Ok(network) => {
            measure(&network);
            true
        }
        Err(error) => {
            assert!(!error.to_string().is_empty());
            false
        }
    }
}

fn measure(network: &Network) {
    let (_, alignment) = (network.reach(), network.alignment());
    assert!(alignment > 0 && network.parameter_count() > 0);
    for stage in &network.stages {
        let step = stage.graph.alignment();
        assert!(alignment.is_multiple_of(step) || stage.run != headroom::model::Run::Tile);
        for picture in [
            [0, 0],
            [step, 3 * step],
            [step * 100, step],
            [(1 << 28) / step * step; 2],
            [usize::MAX / step * step; 2],
        ] {
            if let Ok(sizes) = stage.graph.sizes(picture) {
                std::hint::black_box(stage.graph.multiply_adds(&sizes));
                let table = Table::new(&stage.graph, picture).expect("sizes that can be counted");
                assert!(!table.to_string().is_empty());
            }
        }
    }
}

fn cubes() -> Vec<Vec<u8>> {
    let golden: [&[u8]; 5] = [
        include_bytes!("../../crates/colour/tests/golden/lut/adobe_1d.cube"),
        include_bytes!("../../crates/colour/tests/golden/lut/adobe_1d_domain.cube"),
        include_bytes!("../../crates/colour/tests/golden/lut/adobe_3d_domain.cube"),
        include_bytes!("../../crates/colour/tests/golden/lut/resolve_1d_3d.cube"),
        include_bytes!("../../crates/colour/tests/golden/lut/resolve_3d_range.cube"),
    ];
    golden.map(<[u8]>::to_vec).to_vec()
}

/// A lookup table: what is accepted can be applied to any number.
pub(crate) fn cube(bytes: &[u8]) -> bool {
    let lut = match Lut::parse(bytes) {
        Ok(lut) => lut,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return false;
        }
    };
    assert!(lut.size_1d().is_some() || lut.size_3d().is_some());
    for by in [Interpolation::Tetrahedral, Interpolation::Trilinear, Interpolation::Nearest] {
        for rgb in
            [[0.0, 0.5, 1.0], [f32::NAN, f32::INFINITY, f32::NEG_INFINITY], [-1e30, 1e30, 0.3]]
        {
            std::hint::black_box(lut.apply(rgb, by));
        }
    }
    true
}
