//! Weights that a graph wants.

/// How a parameter is filled before training.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Init {
    /// Normal with variance 2 / fan-in (He et al. 2015), fan-in being what one output sums over.
    He,
    /// Normal with variance `gain`^2 / fan-in.
    Scaled(f32),
    /// One number.
    Value(f32),
    /// The binomial filter [1 2 1] / 4 both ways, of each channel by itself (3 x 3, as many groups as
    /// channels): a low-pass filter that training leaves as it is.
    Binomial,
}

/// A weight tensor by name.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// `node.weight` or `node.bias`.
    pub name: String,
    /// As stored: a convolution's weight is (out, in / groups, kh, kw), a matrix (out, in).
    pub shape: Vec<usize>,
    /// How it is filled before training.
    pub init: Init,
}

impl Parameter {
    /// The numbers of what is never drawn and never trained.
    #[must_use]
    pub fn fixed(&self) -> Option<Vec<f32>> {
        let taps = [0.25, 0.5, 0.25];
        let filter = (0..self.count()).map(|i| taps[i % 9 / 3] * taps[i % 3]);
        (self.init == Init::Binomial).then(|| filter.collect())
    }

    /// Numbers in it.
    #[must_use]
    pub fn count(&self) -> usize {
        self.shape.iter().product()
    }

    /// What one output sums over.
    #[must_use]
    pub fn fan_in(&self) -> usize {
        self.shape.iter().skip(1).product::<usize>().max(1)
    }
}
