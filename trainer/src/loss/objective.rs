//! The sum that is minimised, and its gradient with respect to the prediction.

use super::edit::Edit;
use super::frame::Frame;
use super::frame::Where;
use super::kernel::{Chosen, Kernel};
use super::settings::{Settings, Term};
use crate::Error;
use headroom::model::Domain;
use headroom_kernel::Pool;

/// Weighted losses, checked.
pub struct Objective {
    terms: Vec<Term>,
    kernels: Vec<Kernel>,
}

/// What an objective needs besides frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Needs {
    /// Frames that follow one another, for [`Objective::clip`].
    pub clips: bool,
    /// Edited pictures, for [`Objective::edited`].
    pub edits: bool,
    /// [`Frame::tone`].
    pub tone: bool,
}

impl Objective {
    /// The objective of an experiment; `domain` says which is usual when no term is given.
    ///
    /// # Errors
    /// When a term is unknown or sets what its loss does not have or cannot be.
    pub fn new(settings: &Settings, domain: Domain) -> Result<Self, Error> {
        let usual = Settings::usual(domain);
        let settings = if settings.terms.is_empty() { &usual } else { settings };
        let mut kernels = Vec::new();
        for (index, term) in settings.terms.iter().enumerate() {
            let info = term.check(index)?;
            let place = term.place.or(info.place).unwrap_or(Where::All);
            kernels.push((info.build)(&Chosen { place, options: &term.options, info }));
        }
        Ok(Self { terms: settings.terms.clone(), kernels })
    }

    /// Names and weights, in the order of all values given.
    #[must_use]
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// What it needs besides frames.
    #[must_use]
    pub fn needs(&self) -> Needs {
        let any = |is: fn(&Kernel) -> bool| self.kernels.iter().any(is);
        Needs {
            clips: any(|kernel| matches!(kernel, Kernel::Clip(_))),
            edits: any(|kernel| matches!(kernel, Kernel::Edit(_))),
            tone: any(|kernel| matches!(kernel, Kernel::Tone(_))),
        }
    }

    /// Terms of one frame. Gives each term's value times `scale` (1 over the pictures of a batch),
    /// unweighted, 0 for those that do not apply. The weighted sum's gradient, times `scale`, is added
    /// into `gradient` (with respect to the prediction) and `tone_gradient` (to [`Frame::tone`]).
    /// The same bits for any number of threads.
    ///
    /// # Panics
    /// When pictures and gradients are not as large as the frame's size says.
    pub fn frame(
        &self,
        frame: &Frame<'_>,
        scale: f64,
        gradient: &mut [f32],
        mut tone_gradient: Option<&mut [f32]>,
        pool: &Pool,
    ) -> Vec<f64> {
        assert_whole(frame, gradient);
        self.each(scale, |kernel, factor| match kernel {
            Kernel::Frame(loss) => loss(frame, factor, gradient, pool),
            Kernel::Tone(loss) => loss.frame(frame, factor, tone_gradient.as_deref_mut()),
            Kernel::Clip(_) | Kernel::Edit(_) => 0.0,
        })
    }

    /// Terms of frames that follow one another, with a gradient for each; else as [`Self::frame`].
    ///
    /// # Panics
    /// When frames differ in size or there is not one gradient for each, of its size.
    pub fn clip(&self, frames: &[Frame<'_>], scale: f64, gradients: &mut [Vec<f32>]) -> Vec<f64> {
        assert_eq!(frames.len(), gradients.len(), "one gradient for each frame");
        for (frame, gradient) in frames.iter().zip(&*gradients) {
            assert_whole(frame, gradient);
            assert_eq!(frame.size, frames[0].size, "frames of a clip are of one size");
        }
        self.each(scale, |kernel, factor| match kernel {
            Kernel::Clip(loss) => loss(frames, factor, gradients),
            _ => 0.0,
        })
    }

    /// Terms of a picture and of its edit: `edited` is what is known and predicted of
    /// [`Edit::input`]'s picture. The gradients are of the original's and of the edited prediction;
    /// else as [`Self::frame`].
    ///
    /// # Panics
    /// When the two or their gradients differ in size.
    pub fn edited(
        &self,
        edit: &Edit,
        original: &Frame<'_>,
        edited: &Frame<'_>,
        scale: f64,
        gradients: [&mut [f32]; 2],
    ) -> Vec<f64> {
        let [to_original, to_edited] = gradients;
        assert_whole(original, to_original);
        assert_whole(edited, to_edited);
        assert_eq!(original.size, edited.size, "an edit keeps the size");
        self.each(scale, |kernel, factor| match kernel {
            Kernel::Edit(loss) => {
                loss.pair(edit, [original, edited], factor, [&mut *to_original, &mut *to_edited])
            }
            _ => 0.0,
        })
    }

    fn each(&self, scale: f64, mut value: impl FnMut(&Kernel, f64) -> f64) -> Vec<f64> {
        let both = self.kernels.iter().zip(&self.terms);
        both.map(|(kernel, term)| scale * value(kernel, term.weight * scale)).collect()
    }

    /// The weighted sum of terms' values.
    #[must_use]
    pub fn total(&self, terms: &[f64]) -> f64 {
        self.terms.iter().zip(terms).map(|(term, value)| term.weight * value).sum()
    }
}

fn assert_whole(frame: &Frame<'_>, gradient: &[f32]) {
    let count = frame.size[0] * frame.size[1] * 3;
    let lengths = [frame.prediction, frame.truth, frame.base, frame.clip, gradient].map(<[_]>::len);
    assert!(
        lengths == [count; 5] && frame.tone.is_none_or(|tone| tone.len() == count),
        "a frame's pictures are of its size"
    );
}

impl std::fmt::Debug for Objective {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Objective").field("terms", &self.terms).finish_non_exhaustive()
    }
}
