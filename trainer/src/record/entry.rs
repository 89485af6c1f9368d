//! What the loop hands over to be written down.

/// How far a run's log reaches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// The last epoch whose own lines (losses, metrics, samples) stay, counted from 1. In the midst
    /// of an epoch that is the one before it.
    pub epoch: usize,
    /// The last step that stays, counted from 1 over the whole run.
    pub step: u64,
}

/// One step of the optimiser.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StepRecord {
    /// The epoch it belongs to, from 1.
    pub epoch: usize,
    /// From 1 over the whole run.
    pub step: u64,
    /// What was minimised.
    pub loss: f64,
    /// What it is the sum of: name and weighted value.
    pub terms: Vec<(String, f64)>,
    /// The learning rate.
    pub rate: f64,
    /// Norm of the gradient before it was clipped.
    pub gradient_norm: f64,
    /// How long the step took.
    pub seconds: f64,
    /// How many pictures it saw.
    pub pictures: usize,
}

/// Which part of an epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Steps of the optimiser.
    Train,
    /// Measuring on pictures that were not trained on.
    Validation,
}

impl Phase {
    /// As logs spell it.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Validation => "val",
        }
    }
}

/// The end of an epoch.
#[derive(Clone, Debug, PartialEq)]
pub struct EpochRecord {
    /// From 1.
    pub epoch: usize,
    /// The last step that was made, from 1 over the whole run.
    pub step: u64,
    /// Which part ended.
    pub phase: Phase,
    /// Mean loss.
    pub loss: f64,
    /// What it is the sum of: name and weighted mean.
    pub terms: Vec<(String, f64)>,
    /// How long it took.
    pub seconds: f64,
    /// The learning rate at its end.
    pub rate: f64,
}

/// What a metric measured over a validation set.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// The metric's identifier.
    pub metric: String,
    /// Mean over pictures.
    pub mean: f64,
    /// Standard deviation over pictures.
    pub deviation: f64,
}

/// A picture, what the network made of it, and what it should have made. Channels last, three
/// numbers a pixel, rows from the top down.
#[derive(Clone, Copy, Debug)]
pub struct Sample<'a> {
    /// Which picture.
    pub name: &'a str,
    /// Height and width.
    pub size: [usize; 2],
    /// sRGB codes, 1 being full scale.
    pub code: &'a [f32],
    /// Linear Rec.709.
    pub prediction: &'a [f32],
    /// Linear Rec.709.
    pub truth: &'a [f32],
}
