//! Scores over cameras and data sets.
//!
//! | module | what it is for |
//! |---|---|
//! | [`Settings`] | the table `[eval]`: what is measured in training |
//! | [`Measure`] | a metric, over all of the picture or what clipped, after alignment or not, by name |
//! | [`Expander`] | pictures of sRGB codes to light, by weights, a method or a folder of predictions |
//! | [`score`] | the numbers of one picture |
//! | [`Summary`] | the numbers of many |
//! | [`validate`] | all of it, for the training loop |

mod expander;
mod measure;
mod picture;
mod score;
mod settings;
mod summary;
mod validate;

pub use expander::Expander;
pub use measure::{Align, Measure, Region};
pub use score::{Judged, score};
pub use settings::Settings;
pub use summary::{Scores, Statistics, Summary};
pub use validate::validate;

#[cfg(test)]
mod tests;
