//! Two pictures of one size and what metrics share of them.

use super::encoding::{Encoded, Encoding};
use std::sync::OnceLock;

/// A picture and the truth.
#[derive(Debug)]
pub struct Pair<'a> {
    width: usize,
    height: usize,
    test: &'a [[f32; 3]],
    truth: &'a [[f32; 3]],
    encoded: [OnceLock<[Encoded; 2]>; Encoding::COUNT],
    blurred: OnceLock<[Vec<[f32; 3]>; 2]>,
}

/// Why two pictures cannot be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PairError {
    /// Which picture: "picture" or "truth".
    pub which: &'static str,
    /// Pixels it has.
    pub found: usize,
    /// Pixels it should have.
    pub expected: usize,
}

impl std::fmt::Display for PairError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { which, found, expected } = self;
        write!(f, "{which}: found {found} pixels, expected {expected}")
    }
}

impl std::error::Error for PairError {}

impl<'a> Pair<'a> {
    /// Two pictures of linear Rec.709 light, rows from the top.
    ///
    /// # Errors
    /// When one has not `width` x `height` pixels, or these are none.
    pub fn new(
        width: usize,
        height: usize,
        test: &'a [[f32; 3]],
        truth: &'a [[f32; 3]],
    ) -> Result<Self, PairError> {
        let expected = (width * height).max(1);
        for (which, picture) in [("picture", test), ("truth", truth)] {
            if picture.len() != expected {
                return Err(PairError { which, found: picture.len(), expected });
            }
        }
        Ok(Self {
            width,
            height,
            test,
            truth,
            encoded: Default::default(),
            blurred: OnceLock::new(),
        })
    }

    /// Pixels across.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Pixels down.
    #[must_use]
    pub fn height(&self) -> usize {
        self.height
    }

    /// Pixels of each picture.
    #[must_use]
    pub fn len(&self) -> usize {
        self.test.len()
    }

    /// True for no pixels, which [`Self::new`] refuses.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.test.is_empty()
    }

    /// The picture and the truth, as light.
    #[must_use]
    pub fn light(&self) -> [&'a [[f32; 3]]; 2] {
        [self.test, self.truth]
    }

    /// The picture and the truth, encoded; computed once.
    pub(super) fn encoded(&self, encoding: Encoding) -> &[Encoded; 2] {
        self.encoded[encoding as usize].get_or_init(|| encoding.encode(self.test, self.truth))
    }

    /// The picture and the truth after a defocus; computed once.
    pub(super) fn blurred(&self) -> &[Vec<[f32; 3]>; 2] {
        let blur = |light| super::defocus::blur(self.width, self.height, light);
        self.blurred.get_or_init(|| self.light().map(blur))
    }
}
