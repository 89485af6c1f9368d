//! Losses beside PyTorch and finite differences.

mod facts;
mod golden;
mod slopes;

use super::{Frame, Objective, Settings, Term};
use headroom::model::Domain;
use serde::Deserialize;

/// Pictures of a frame.
#[derive(Clone, Deserialize)]
struct Pictures {
    base: Vec<f32>,
    clip: Vec<f32>,
    truth: Vec<f32>,
    prediction: Vec<f32>,
    tone: Vec<f32>,
}

impl Pictures {
    fn frame(&self, size: [usize; 2]) -> Frame<'_> {
        Frame {
            size,
            prediction: &self.prediction,
            truth: &self.truth,
            base: &self.base,
            balance: [1.0; 3],
            clip: &self.clip,
            tone: Some(&self.tone),
            before: None,
        }
    }
}

fn objective(terms: Vec<Term>) -> Objective {
    Objective::new(&Settings { terms }, Domain::Stops).unwrap()
}

/// That two lists are alike, relative to themselves or a hundredth of the greatest.
#[track_caller]
fn assert_close(what: &str, found: &[f32], expected: &[f32], tolerance: f32) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (i, (a, b)) in found.iter().zip(expected).enumerate() {
        let within = tolerance * b.abs().max(1e-2 * largest(expected));
        assert!((a - b).abs() <= within, "{what}, number {i}: found {a}, expected {b}");
    }
}

fn largest(of: &[f32]) -> f32 {
    of.iter().fold(0.0_f32, |a, b| a.max(b.abs()))
}
