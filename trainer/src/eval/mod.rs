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
//! | [`condition`] | the simulated cameras of the protocol |
//! | [`scene`] | the pictures: files of light, views of panoramas, pairs |
//! | [`evaluate`] | methods over pictures and conditions, for `headroom-train eval` |
//! | [`contact`] | contact sheets, for `headroom-train sheet` |
//! | [`report`] | table, CSV, JSON, a page with pictures |

pub mod condition;
pub mod contact;
mod erm;
pub mod evaluate;
mod expander;
mod measure;
mod motion;
pub(crate) mod picture;
pub mod report;
pub mod scene;
mod score;
mod settings;
mod summary;
mod validate;

pub use erm::{ERMS, ErmInfo};
pub use expander::Expander;
pub use measure::{ALIGNS, Align, AlignInfo, Measure, Region, What, metrics};
pub use score::{Judged, score};
pub use settings::Settings;
pub use summary::{Scores, Statistics, Summary};
pub use validate::validate;

#[cfg(test)]
mod evaluate_tests;
#[cfg(test)]
mod tests;
