//! `.cube` lookup tables: one-dimensional, three-dimensional, and a one-dimensional shaper in front
//! of a three-dimensional table as DaVinci Resolve writes it.
//!
//! Formats: Adobe, "Cube LUT Specification 1.0" (2013); Blackmagic Design, DaVinci Resolve
//! `CubeLUT`, whose `LUT_1D_INPUT_RANGE` and `LUT_3D_INPUT_RANGE` stand for Adobe's `DOMAIN_MIN`
//! and `DOMAIN_MAX`. Input outside a table's domain is limited to it, since a table says nothing
//! there; values in a table are kept as they are. NaN counts as the domain's low end.

mod apply;
mod error;
mod parse;

pub use error::LutError;

use std::path::Path;

/// How values between the points of a three-dimensional table are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Interpolation {
    /// Of the four corners of the tetrahedron around the value; keeps greys grey.
    #[default]
    Tetrahedral,
    /// Of the eight corners of the cube around the value.
    Trilinear,
    /// The nearest point.
    Nearest,
}

/// A table of one input for each channel.
#[derive(Clone, Debug, PartialEq)]
struct Lut1d {
    low: [f32; 3],
    high: [f32; 3],
    rows: Vec<[f32; 3]>,
}

/// A table of three inputs, red fastest.
#[derive(Clone, Debug, PartialEq)]
struct Lut3d {
    low: [f32; 3],
    high: [f32; 3],
    size: usize,
    rows: Vec<[f32; 3]>,
}

/// A lookup table read from a `.cube` file.
#[derive(Clone, Debug, PartialEq)]
pub struct Lut {
    title: Option<String>,
    shaper: Option<Lut1d>,
    cube: Option<Lut3d>,
}

/// Points along one side of a three-dimensional table, at most (Adobe's specification).
pub const MAX_3D_SIZE: usize = 256;
/// Points of a one-dimensional table, at most (Adobe's specification).
pub const MAX_1D_SIZE: usize = 65_536;
/// Bytes of a file, at most: the largest table with 32 bytes in each row.
pub const MAX_FILE_BYTES: u64 = 32 * (MAX_3D_SIZE * MAX_3D_SIZE * MAX_3D_SIZE) as u64;

impl Lut {
    /// Reads a `.cube` file.
    ///
    /// # Errors
    ///
    /// The file cannot be read, is larger than [`MAX_FILE_BYTES`], or says something that is not
    /// allowed; the error names the file and the line.
    pub fn read(path: &Path) -> Result<Self, LutError> {
        let io = |error: std::io::Error| LutError::io(error.to_string());
        let attempt = || {
            let length = std::fs::metadata(path).map_err(io)?.len();
            if length > MAX_FILE_BYTES {
                return Err(LutError::whole(
                    format!("{length} bytes"),
                    format!("at most {MAX_FILE_BYTES} bytes"),
                ));
            }
            Self::parse(&std::fs::read(path).map_err(io)?)
        };
        attempt().map_err(|error| error.in_file(path))
    }

    /// Reads the contents of a `.cube` file. Bytes that are not UTF-8 are allowed in titles and
    /// comments.
    ///
    /// # Errors
    ///
    /// The text says something that is not allowed; the error names the line. Nothing is allocated
    /// for sizes that the text cannot fill.
    pub fn parse(text: &[u8]) -> Result<Self, LutError> {
        parse::parse(text)
    }

    /// The file's `TITLE`.
    #[must_use]
    pub fn title(&self) -> Option<&str> {
        self.title.as_deref()
    }

    /// Points of the one-dimensional table.
    #[must_use]
    pub fn size_1d(&self) -> Option<usize> {
        self.shaper.as_ref().map(|lut| lut.rows.len())
    }

    /// Points along one side of the three-dimensional table.
    #[must_use]
    pub fn size_3d(&self) -> Option<usize> {
        self.cube.as_ref().map(|lut| lut.size)
    }
}
