//! Everything as JSON.

use crate::eval::evaluate::Results;
use crate::eval::summary::number;
use headroom::metrics::CLIP_METRICS;
use serde_json::{Map, Value, json};

/// A list of conditions and methods, each with its summary, its pictures and its clips.
#[must_use]
pub fn json(results: &Results) -> Value {
    let cells = results.cells.iter().map(|cell| {
        let mut entry = cell.summary.to_json();
        if let Some(scores) = entry["scores"].as_array_mut() {
            for (scores, of) in scores.iter_mut().zip(cell.summary.scores()) {
                let of = (cell.condition.clone(), of.picture.clone());
                if let Some([exposure, share]) = results.pictures.get(&of) {
                    scores["exposure"] = number(*exposure);
                    scores["clip_share"] = number(*share);
                }
            }
        }
        let clips = cell.clips.iter().map(|(clip, values)| {
            let values =
                CLIP_METRICS.iter().zip(values).map(|(m, v)| (m.id.to_owned(), number(*v)));
            json!({"clip": clip, "scores": values.collect::<Map<_, _>>()})
        });
        entry["clips"] = clips.collect();
        entry["condition"] = cell.condition.as_str().into();
        entry["method"] = cell.method.as_str().into();
        entry["estimated"] = cell.estimated.into();
        entry
    });
    json!({"results": cells.collect::<Vec<_>>()})
}
