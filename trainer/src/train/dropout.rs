//! Dropout of what parts that rest find: channels left out of a step, so that nothing that moves leans on a few of them.
//!
//! Of whole channels, since neighbours of a feature say the same (Tompson et al. 2015,
//! <https://arxiv.org/abs/1411.4280>); those that stay are raised so that their mean is kept, and nothing is left out
//! when a network is judged or rendered (Srivastava et al. 2014).

use super::learner::Tensors;
use crate::Error;
use crate::data::random::{Draw, of_text};
use candle_core::{Device, Tensor};

/// How much is left out of what, and what tells draws apart.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dropout {
    /// Share of channels that is left out; 0 to 1, 1 not included.
    pub(super) share: f64,
    pub(super) seed: u64,
    pub(super) step: u64,
}

impl Dropout {
    /// Leaves channels out of tensors of these names: samples, height, width, channels. `clips` holds the clip that
    /// each sample is of: frames of one clip lose the same, as what differs between them is held against each other.
    ///
    /// # Errors
    /// When Candle fails.
    pub(super) fn apply<'a>(
        self,
        tensors: &mut Tensors,
        names: impl Iterator<Item = &'a str>,
        clips: &[usize],
    ) -> Result<(), Error> {
        if self.share <= 0.0 {
            return Ok(());
        }
        let kept = (1.0 / (1.0 - self.share)) as f32;
        for name in names {
            let Some(tensor) = tensors.get_mut(name) else { continue };
            let channels = tensor.dim(3)?;
            let mut factors = Vec::with_capacity(clips.len() * channels);
            for &clip in clips {
                let mut draw = Draw::new(&[self.seed, self.step, clip as u64, of_text(name)]);
                let factor = |_| if draw.chance(self.share) { 0.0 } else { kept };
                factors.extend((0..channels).map(factor));
            }
            let factors = Tensor::from_vec(factors, (clips.len(), 1, 1, channels), &Device::Cpu)?;
            let factors = factors.to_device(tensor.device())?.to_dtype(tensor.dtype())?;
            *tensor = tensor.broadcast_mul(&factors)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::DType;

    const CHANNELS: usize = 500;

    /// What is left of ones in three frames, the first two of one clip.
    fn left(share: f64, step: u64) -> Vec<Vec<f32>> {
        let ones = Tensor::ones((3, 2, 2, CHANNELS), DType::F32, &Device::Cpu).expect("ones");
        let mut tensors = Tensors::from([("known".to_owned(), ones)]);
        let dropout = Dropout { share, seed: 3, step };
        dropout
            .apply(&mut tensors, ["known", "not there"].into_iter(), &[0, 0, 1])
            .expect("applies");
        let all = tensors["known"].flatten_all().and_then(|t| t.to_vec1::<f32>()).expect("values");
        all.chunks(4 * CHANNELS).map(<[f32]>::to_vec).collect()
    }

    #[test]
    fn a_share_of_whole_channels_is_left_out_and_the_mean_kept() {
        let frames = left(0.2, 7);
        for frame in &frames {
            let out = frame[..CHANNELS].iter().filter(|v| **v == 0.0).count();
            assert!((70..130).contains(&out), "{out}");
            assert!(frame.iter().all(|v| *v == 0.0 || (*v - 1.25).abs() < 1e-6));
            assert!(frame.chunks(CHANNELS).all(|pixel| *pixel == frame[..CHANNELS]));
        }
        assert_eq!(frames[0], frames[1]);
        assert_ne!(frames[0], frames[2]);
        assert_ne!(frames, left(0.2, 8));
        assert_eq!(frames, left(0.2, 7));
    }

    #[test]
    fn nothing_is_left_out_unless_asked() {
        assert!(left(0.0, 7).iter().flatten().all(|v| *v == 1.0));
    }
}
