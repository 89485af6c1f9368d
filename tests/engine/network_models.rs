//! Small networks of every architecture, written to files and loaded as a user would.

use headroom::model::{Dtype, Header, Model, Weights, find};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::OnceLock;

/// A configuration that runs in no time.
fn config(id: &str) -> Value {
    match id {
        "grid" => json!({"widths": [4, 6, 8, 8]}),
        "residual" => json!({"width": 4, "dilations": [1, 2]}),
        "diff-hdrtv" => json!({
            "prior": "bypass",
            "reference_enter": 4,
            "reference_width": 4,
            "reference_blocks": 1,
            "branch_width": 4,
            "branch_blocks": 1,
        }),
        _ => json!({"base": 4, "levels": 2}),
    }
}

/// A model file of a network: made once per run of the tests.
pub(crate) fn file(id: &str) -> PathBuf {
    static FOLDER: OnceLock<tempfile::TempDir> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| tempfile::tempdir().expect("a folder"));
    let path = folder.path().join(format!("{id}.safetensors"));
    static WRITING: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _one = WRITING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if !path.exists() {
        let info = find(id).expect("a network");
        let network = (info.build)(&config(id)).expect("a sound configuration");
        let weights = Weights::patterned(&network);
        let header = Header::new(info, config(id), &network, "test");
        let bytes = Model::to_bytes(&header, &network, &weights, Dtype::F32).expect("fits");
        std::fs::write(&path, bytes).expect("written");
    }
    path
}
