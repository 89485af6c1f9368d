//! The numbers of one picture.

use super::{Align, Measure};
use crate::Error;
use headroom::camera::CLIPPED_CODE;
use headroom::metrics::{Pair, ToneCurve, scale_to_align};
use headroom_kernel::Pool;

/// Codes from here up to just below [`CLIPPED_CODE`] are trusted for alignment.
const LEAST_TRUSTED_CODE: f32 = 13.0;

/// What is judged: light, rows from the top, and the codes it was made from.
#[derive(Clone, Copy, Debug)]
pub struct Judged<'a> {
    /// Height and width.
    pub size: [usize; 2],
    /// Linear Rec.709 light, three numbers for each pixel.
    pub prediction: &'a [f32],
    /// The light there was.
    pub truth: &'a [f32],
    /// The codes the prediction was made from, 1 being full scale: they tell what clipped and which
    /// pixels are trusted for alignment.
    pub code: &'a [f32],
}

/// Pixels that clipped, and pixels that are well between black and white.
pub(crate) struct Masks {
    pub(crate) clipped: Vec<bool>,
    pub(crate) trusted: Vec<bool>,
}

impl Masks {
    /// Half a code of room: files of 16 bits hold no exact multiples of 1/255.
    pub(crate) fn of(code: &[f32]) -> Self {
        let least = (LEAST_TRUSTED_CODE - 0.5) / 255.0;
        let most = (f32::from(CLIPPED_CODE) - 0.5) / 255.0;
        let pixels = code.as_chunks::<3>().0;
        Self {
            clipped: pixels.iter().map(|p| p.iter().any(|v| *v >= most)).collect(),
            trusted: pixels.iter().map(|p| p.iter().all(|v| (least..most).contains(v))).collect(),
        }
    }
}

impl Judged<'_> {
    fn check(&self) -> Result<(), Error> {
        let [height, width] = self.size;
        let parts = [("prediction", self.prediction), ("truth", self.truth), ("codes", self.code)];
        for (what, pixels) in parts {
            if pixels.len() != height * width * 3 || pixels.is_empty() {
                let found = pixels.len();
                return Err(Error::failed(format!(
                    "{what}: found {found} numbers for {width} x {height}"
                )));
            }
        }
        Ok(())
    }

    /// The prediction as an alignment leaves it.
    ///
    /// # Errors
    /// When the parts differ in size.
    pub fn aligned(&self, align: Align) -> Result<Vec<f32>, Error> {
        self.check()?;
        self.align(align, &Masks::of(self.code))
    }

    fn align(&self, align: Align, masks: &Masks) -> Result<Vec<f32>, Error> {
        let pair = self.pair(self.prediction)?;
        let trusted = Some(&masks.trusted[..]);
        Ok(match align {
            Align::None => self.prediction.to_vec(),
            Align::Scale => {
                let scale = scale_to_align(&pair, trusted);
                self.prediction.iter().map(|v| (f64::from(*v) * scale) as f32).collect()
            }
            Align::Curve => {
                let curve = ToneCurve::to_align(&pair, trusted);
                self.prediction.iter().map(|v| curve.apply(*v)).collect()
            }
        })
    }

    fn pair<'a>(&'a self, prediction: &'a [f32]) -> Result<Pair<'a>, Error> {
        let [height, width] = self.size;
        let (test, truth) = (prediction.as_chunks().0, self.truth.as_chunks().0);
        Pair::new(width, height, test, truth).map_err(|error| Error::failed(error.to_string()))
    }
}

/// Every measure's name and number, in the order of `measures`. Not a number where nothing clipped and
/// the measure looks at clipped pixels alone; infinite decibels where the pictures are equal.
///
/// # Errors
/// When the parts differ in size.
pub fn score(
    measures: &[Measure],
    judged: &Judged<'_>,
    pool: &Pool,
) -> Result<Vec<(String, f64)>, Error> {
    judged.check()?;
    let masks = Masks::of(judged.code);
    let mut scores = vec![f64::NAN; measures.len()];
    for info in super::measure::ALIGNS {
        let of: Vec<usize> =
            (0..measures.len()).filter(|i| measures[*i].align == info.align).collect();
        if of.is_empty() {
            continue;
        }
        let aligned = judged.align(info.align, &masks)?;
        let pair = judged.pair(&aligned)?;
        let values = pool.map(of.len(), |i| measures[of[i]].measure(&pair, &masks.clipped));
        for (index, value) in of.into_iter().zip(values) {
            scores[index] = value;
        }
    }
    Ok(measures.iter().map(Measure::id).zip(scores).collect())
}
