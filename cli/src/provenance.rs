//! What rendered files say of how they were made.
//!
//! The model is the method's id and the build that holds it; of a network also the name of the weights
//! and the hash of their file.

use crate::version;
use headroom::model::Model;
use headroom::settings::{Id, Values};
use headroom_frame::{Attribute, AttributeValue, Metadata, Provenance};

/// Of a result with these settings.
pub(crate) fn of(values: &Values, network: Option<&Model>) -> Provenance {
    let method = values.text(Id::Method).unwrap_or_default();
    let model = match network {
        None => format!("{method} (analytic, headroom {})", version::SHORT),
        Some(model) => {
            let (name, hash) = (&model.header.name, model.hash);
            format!("{method} ({name}, sha256 {hash}, headroom {})", version::SHORT)
        }
    };
    Provenance {
        version: version::VERSION.to_owned(),
        model,
        settings: values.to_json().to_string(),
    }
}

/// The settings that a rendered picture carries, as JSON.
pub(crate) fn settings(metadata: &Metadata) -> Option<String> {
    const NAME: &str = "headroomSettings";
    match metadata.attribute(NAME).map(Attribute::value) {
        Some(AttributeValue::Text(text)) => Some(text),
        _ => metadata.text(NAME).map(str::to_owned),
    }
}

/// Nits of diffuse white with which a picture was rendered, where it says so.
pub(crate) fn diffuse_white(metadata: &Metadata) -> Option<f64> {
    let json: serde_json::Value = serde_json::from_str(&settings(metadata)?).ok()?;
    json.get("diffuse_white")?.as_f64().filter(|nits| nits.is_finite() && *nits > 0.0)
}
