//! Small networks in files, with weights by formula.
#![allow(dead_code)]

use headroom::model::{Dtype, Header, Model, Weights, find};
use serde_json::json;
use std::sync::OnceLock;

/// The path of a model file of a network that runs in no time.
pub(crate) fn file(id: &str) -> String {
    static FOLDER: OnceLock<tempfile::TempDir> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| tempfile::tempdir().expect("a folder"));
    let config = match id {
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
    };
    let info = find(id).expect("a network");
    let network = (info.build)(&config).expect("a sound configuration");
    let header = Header::new(info, config, &network, "test");
    let weights = Weights::patterned(&network);
    let bytes = Model::to_bytes(&header, &network, &weights, Dtype::F32).expect("fits");
    // Tests run side by side: a file that is there is left alone.
    let path = folder.path().join(format!("{id}.safetensors"));
    let own = folder.path().join(format!("{id} {:?}", std::thread::current().id()));
    if !path.exists() {
        std::fs::write(&own, bytes).expect("written");
        std::fs::rename(&own, &path).expect("moved");
    }
    path.into_os_string().into_string().expect("plain text")
}
