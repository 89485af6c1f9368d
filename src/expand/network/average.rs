//! What a network says of a frame, averaged with what it says of those around it.

use super::look::Look;
use super::motion::{Likeness, Motion, Sizes, corners, likeness};
use crate::execute::{FrameTensor, FrameTensors};
use headroom_kernel::Pool;
use std::sync::Arc;

/// How the frames around a frame lie to it.
pub(super) struct Neighbours(Vec<Neighbour>);

#[derive(Clone)]
struct Neighbour {
    motion: Motion,
    likeness: Likeness,
    /// Of the frames as a whole: little where a cut lies between them, whatever happens to be alike.
    whole: f64,
}

impl Neighbours {
    /// Of what was seen of the frame and of each of the others.
    pub(super) fn new(own: &Look, others: &[&Look], pool: &Pool) -> Self {
        let own = Sizes::new(&own.codes);
        let mut found: Vec<Option<Neighbour>> = vec![None; others.len()];
        pool.for_each(found.iter_mut().zip(others).collect(), |(found, look)| {
            let other = Sizes::new(&look.codes);
            let motion = Motion::between(&own, &other);
            let likeness = likeness(&own, &other, &motion);
            let whole = likeness.mean().powi(2);
            *found = Some(Neighbour { motion, likeness, whole });
        });
        Self(found.into_iter().flatten().collect())
    }

    /// The mean of what is said of the frame and of its neighbours, in their order. What is said of places is followed
    /// along the motion of the camera, and counts by how alike the places are; what is said of the frame as a whole counts
    /// by how alike the frames are, so that a neighbour beyond a cut says next to nothing. Tensors that a neighbour
    /// has not at the same place, by the same name and of the same size, it says nothing of. Frames that are alike
    /// say the same as one, bit for bit.
    pub(super) fn average(&self, own: &FrameTensors, said: &[Arc<FrameTensors>]) -> FrameTensors {
        own.mapped(|index, tensor| {
            let same = |(neighbour, said)| {
                let said: &'_ Arc<FrameTensors> = said;
                let other = said.iter().nth(index)?;
                let same = other.name == tensor.name && other.size() == tensor.size();
                same.then_some((neighbour, other))
            };
            of_tensor(tensor, &self.0.iter().zip(said).filter_map(same).collect::<Vec<_>>())
        })
    }
}

fn of_tensor(own: &FrameTensor, others: &[(&Neighbour, &FrameTensor)]) -> Vec<f32> {
    let [height, width, channels] = own.size();
    let size = [height, width];
    let places = height * width > 1;
    let mut values = own.values.clone();
    // In f64, so that frames that are alike have their own number for a mean, bit for bit.
    let mut sums = vec![0.0_f64; channels];
    for (cell, values) in values.chunks_exact_mut(channels.max(1)).enumerate() {
        let at = [cell / width, cell % width];
        sums.iter_mut().zip(&*values).for_each(|(sum, value)| *sum = f64::from(*value));
        let mut weights = 1.0;
        for (neighbour, other) in others {
            let heard = if places { neighbour.motion.cell(size, at) } else { Some([0.0; 2]) };
            let Some([y, x]) = heard else { continue };
            let alike = if places { neighbour.likeness.of_cell(size, at) } else { 1.0 };
            let weight = alike * neighbour.whole;
            let (cells, shares) = corners(size, y, x);
            for (channel, sum) in sums.iter_mut().enumerate() {
                let read = |(cell, share): (&usize, f64)| {
                    f64::from(other.values[cell * channels + channel]) * share
                };
                *sum += weight * cells.iter().zip(shares).map(read).sum::<f64>();
            }
            weights += weight;
        }
        values.iter_mut().zip(&sums).for_each(|(value, sum)| *value = (sum / weights) as f32);
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::inputs::LOOK_SIDE;

    const SIDE: usize = 32;

    /// A look at a picture so many cells to the right, and gains that lie as the picture does, times a level.
    fn frame(by: usize, level: f32) -> (FrameTensors, Look) {
        let code = |y: usize, x: usize| {
            let (x, y) = ((x + by) as f32 / 17.0, y as f32 / 23.0);
            0.5 + 0.25 * (x + y).sin() + 0.2 * (2.3 * x - y).cos()
        };
        let plane: Vec<f32> =
            (0..LOOK_SIDE * LOOK_SIDE).map(|i| code(i / LOOK_SIDE, i % LOOK_SIDE)).collect();
        let step = LOOK_SIDE / SIDE;
        let gain = |i: usize| level * code(i / SIDE * step + step / 2, i % SIDE * step + step / 2);
        let tensor = |name: &str, size: [usize; 2], values: Vec<f32>| FrameTensor {
            name: name.to_owned(),
            height: size[0],
            width: size[1],
            channels: values.len() / (size[0] * size[1]),
            values,
        };
        let gains = tensor("gains", [SIDE; 2], (0..SIDE * SIDE).map(gain).collect());
        let curve = tensor("curve", [1, 1], vec![level, -level]);
        let look = Look::from_planes(
            [plane.clone(), plane.clone(), plane].concat(),
            Vec::new(),
            Default::default(),
        );
        ([gains, curve].into_iter().collect(), look)
    }

    fn mean(frames: &[(FrameTensors, Look)]) -> FrameTensors {
        let looks: Vec<&Look> = frames.iter().map(|(_, look)| look).collect();
        let said: Vec<_> = frames[1..].iter().map(|(said, _)| Arc::new(said.clone())).collect();
        Neighbours::new(looks[0], &looks[1..], &Pool::new(2)).average(&frames[0].0, &said)
    }

    #[test]
    fn what_is_said_of_a_place_is_heard_where_the_place_lies() {
        let frames = [frame(0, 1.0), frame(9, 1.0), frame(18, 1.0)];
        let made = mean(&frames);
        let gains = |said: &FrameTensors| said.get("gains").expect("said").values.clone();
        let own = gains(&frames[0].0);
        let off = |values: &[f32]| {
            values.iter().zip(&own).fold(0.0, |most: f32, (a, b)| most.max((a - b).abs()))
        };
        assert!(off(&gains(&made)) < 0.02, "{}", off(&gains(&made)));
        // In place the neighbours say something else.
        assert!(off(&gains(&frames[2].0)) > 0.3);
    }

    #[test]
    fn neighbours_have_their_say() {
        let made = mean(&[frame(0, 1.0), frame(1, 4.0), frame(2, 1.0)]);
        let curve = &made.get("curve").expect("made").values;
        assert!((curve[0] - 2.0).abs() < 0.05 && curve[1] == -curve[0], "{curve:?}");
    }

    #[test]
    fn beyond_a_cut_nothing_is_heard() {
        let mut other = frame(0, 9.0);
        let codes: Vec<f32> = other.1.codes.iter().map(|code| 0.02 * code).collect();
        other.1 = Look::from_planes(codes, Vec::new(), Default::default());
        let made = mean(&[frame(0, 1.0), other]);
        let curve = &made.get("curve").expect("made").values;
        assert!((curve[0] - 1.0).abs() < 0.1, "{curve:?}");
    }

    #[test]
    fn what_a_neighbour_did_not_say_stays() {
        let (own, look) = frame(0, 1.0);
        let other: FrameTensors = own
            .iter()
            .map(|tensor| match &*tensor.name {
                "curve" => FrameTensor { channels: 1, values: vec![7.0], ..tensor.clone() },
                _ => FrameTensor { name: "other".to_owned(), ..tensor.clone() },
            })
            .collect();
        let again = Look::from_planes(look.codes.clone(), Vec::new(), Default::default());
        assert_eq!(mean(&[(own.clone(), look), (other, again)]), own);
        assert_eq!(mean(&[frame(3, 1.0)]), frame(3, 1.0).0);
        assert_eq!(mean(&[frame(3, 1.3), frame(3, 1.3), frame(3, 1.3)]), frame(3, 1.3).0);
    }
}
