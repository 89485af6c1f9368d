//! Pictures from disk to batches of shots.
//!
//! [`DataSet::open`] lists files, decodes each once to see that it can be read, and divides them into
//! training and validation. A batch is a pure function of seed, epoch and index: it is the same with
//! any number of workers, in any order, with or without caches.
//!
//! | module | what it is for |
//! |---|---|
//! | [`settings`] | the table `[data]` |
//! | [`scan`] | which files there are, what is in them, which cannot be used |
//! | [`split`] | which are trained on |
//! | [`decode`], [`light`], [`logc`] | files to linear light |
//! | [`raster`], [`panorama`], [`view`] | pictures in memory and views of them |
//! | [`store`], [`cache`] | decoded pictures, in memory and on disk |
//! | [`camera`] | simulated cameras |
//! | [`frame`] | a view to codes, base and truth |
//! | [`set`], [`loader`] | batches, and threads that make them |
//! | [`report`] | what was found |

pub mod cache;
pub mod camera;
pub mod decode;
pub mod frame;
pub mod light;
mod list;
pub mod loader;
pub mod logc;
pub mod panorama;
pub mod random;
pub mod raster;
pub mod report;
mod report_chart;
pub mod scan;
pub mod set;
pub mod settings;
pub mod split;
pub mod store;
pub mod view;

pub use loader::Loader;
pub use report::DataReport;
pub use set::DataSet;
pub use settings::Settings;

#[cfg(test)]
mod kind_tests;
#[cfg(test)]
pub(crate) mod tests;
