//! What a network said of a batch as light, and the way back from the slopes of a loss.

use crate::Error;
use crate::loss::head;
use crate::shot::Shot;
use candle_core::{DType, Device, Tensor};
use headroom::model::Domain;

/// What a network said of a batch, still in Candle's graph.
pub(super) struct Said {
    pub(super) result: Tensor,
    pub(super) tone: Option<Tensor>,
}

/// Predictions of a batch and their gradients, picture by picture.
pub(super) struct Judged {
    domain: Domain,
    /// What the network puts out; stops less towards edges, as a render has them.
    outputs: Vec<Vec<f32>>,
    /// Linear Rec.709 light.
    pub(super) predictions: Vec<Vec<f32>>,
    /// With respect to it; 0 at first.
    pub(super) gradients: Vec<Vec<f32>>,
    /// The curves of light that the network finds, where a loss asks for them.
    pub(super) tones: Vec<Vec<f32>>,
    /// With respect to these; 0 at first.
    pub(super) tone_gradients: Vec<Vec<f32>>,
}

impl Judged {
    pub(super) fn new(domain: Domain, shots: &[&Shot], said: &Said) -> Result<Self, Error> {
        let mut outputs = pictures(&said.result, shots.len())?;
        towards_edges(domain, shots, &mut outputs);
        let mut predictions = Vec::new();
        for (output, shot) in outputs.iter().zip(shots) {
            let mut prediction = vec![0.0; output.len()];
            head::forward(domain, &shot.base, output, &mut prediction);
            predictions.push(prediction);
        }
        let tones = match &said.tone {
            Some(tone) => pictures(tone, shots.len())?,
            None => Vec::new(),
        };
        let zero = |of: &Vec<Vec<f32>>| of.iter().map(|v| vec![0.0; v.len()]).collect();
        let (gradients, tone_gradients) = (zero(&predictions), zero(&tones));
        Ok(Self { domain, outputs, predictions, gradients, tones, tone_gradients })
    }

    /// A number whose gradient with respect to the outputs is that of the loss.
    pub(super) fn surrogate(mut self, shots: &[&Shot], said: &Said) -> Result<Tensor, Error> {
        for (i, shot) in shots.iter().enumerate() {
            let (output, prediction) = (&self.outputs[i], &self.predictions[i]);
            head::backward(self.domain, &shot.base, output, prediction, &mut self.gradients[i]);
        }
        towards_edges(self.domain, shots, &mut self.gradients);
        let times = |made: &Tensor, gradients: Vec<Vec<f32>>| -> Result<Tensor, Error> {
            let gradient = Tensor::from_vec(gradients.concat(), made.dims(), &Device::Cpu)?;
            let gradient = gradient.to_device(made.device())?;
            Ok((made.to_dtype(DType::F32)? * gradient)?.sum_all()?)
        };
        let sum = times(&said.result, self.gradients)?;
        match &said.tone {
            Some(tone) => Ok((sum + times(tone, self.tone_gradients)?)?),
            None => Ok(sum),
        }
    }
}

/// Multiplies stops, or slopes with respect to them, by the shares that a render multiplies stops by.
fn towards_edges(domain: Domain, shots: &[&Shot], of: &mut [Vec<f32>]) {
    if domain != Domain::Stops {
        return;
    }
    for (of, shot) in of.iter_mut().zip(shots) {
        of.iter_mut().zip(&*shot.inside).for_each(|(value, share)| *value *= share);
    }
}

/// The numbers of each picture of a batch.
fn pictures(batch: &Tensor, count: usize) -> Result<Vec<Vec<f32>>, Error> {
    let flat = batch.detach().to_device(&Device::Cpu)?.to_dtype(DType::F32)?;
    let flat = flat.flatten_all()?.to_vec1::<f32>()?;
    Ok(flat.chunks_exact((flat.len() / count).max(1)).map(<[f32]>::to_vec).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shot::Seer;
    use headroom_kernel::Pool;
    use std::sync::Arc;

    /// A grey picture whose left half clips.
    fn shot([height, width]: [usize; 2]) -> Shot {
        let light = |i: usize| [if i % width < width / 2 { 1.0 } else { 0.25 }; 3];
        let base: Arc<[f32]> = (0..height * width).flat_map(light).collect();
        let code: Vec<f32> = base.iter().map(|&v| if v < 1.0 { 0.537 } else { 1.0 }).collect();
        let seer = Seer::of("grid").expect("a network");
        let seen = seer.see([height, width], &code, None, &Pool::new(1)).expect("sees");
        let clip = code.as_chunks::<3>().0.iter().flat_map(|p| seen.clip(*p)).collect();
        let inside = seen.inside(&code, [height, width]).into();
        let code: Arc<[f32]> = code.into();
        Shot {
            name: "halves".to_owned(),
            frame: [height, width],
            at: [0, 0],
            size: [height, width],
            picture: code.clone(),
            code,
            truth: base.clone(),
            base,
            balance: [1.0; 3],
            clip,
            inside,
            seen: Arc::new(seen),
            before: None,
            camera: String::new(),
        }
    }

    #[test]
    fn stops_rise_inwards_as_in_a_render_and_so_do_slopes() {
        let shot = shot([4, 32]);
        let stops = Tensor::full(2.0f32, (1, 4, 32, 3), &Device::Cpu).expect("fits");
        let said = Said { result: stops, tone: None };
        let mut judged = Judged::new(Domain::Stops, &[&shot], &said).expect("fits");
        // Three quarters of what is around the last clipped column clips: docs/decisions/0019.
        let share = 0.75f32.powf(1.5);
        let row = |judged: &Judged| judged.predictions[0][3 * 32..][..3 * 32].to_vec();
        let red: Vec<f32> = row(&judged).into_iter().step_by(3).collect();
        for (x, light) in red.iter().enumerate() {
            let expected = match x {
                0..15 => 4.0,
                15 => (2.0 * share).exp2(),
                // One quarter; a network's stops have the mask in them, which these have not.
                16 => 0.25 * (2.0 * 0.125f32).exp2(),
                _ => 0.25,
            };
            assert!((light - expected).abs() < 1e-4, "{x}: {light}, expected {expected}");
        }
        judged.gradients[0].fill(1.0);
        let found = judged.surrogate(&[&shot], &said).expect("fits").to_scalar::<f32>();
        // Stops times slopes: light times ln 2 times the share, in 4 rows of 3 channels.
        let of = |count: f32, light: f32, share: f32| count * light * share;
        let sum = of(15.0, 4.0, 1.0)
            + of(1.0, (2.0 * share).exp2(), share)
            + of(1.0, 0.25 * 0.25f32.exp2(), 0.125);
        let expected = 2.0 * 12.0 * std::f32::consts::LN_2 * sum;
        let found = found.expect("a number");
        assert!((found - expected).abs() < 1e-3 * expected, "{found}, expected {expected}");
    }

    #[test]
    fn light_of_networks_that_give_light_is_theirs_everywhere() {
        let shot = shot([2, 32]);
        let light = Tensor::full(3.0f32, (1, 2, 32, 3), &Device::Cpu).expect("fits");
        let said = Said { result: light, tone: None };
        let judged = Judged::new(Domain::Linear, &[&shot], &said).expect("fits");
        assert!(judged.predictions[0].iter().all(|&v| v == 3.0));
    }
}
