//! What a network says of a frame, averaged with what it says of those around it.

use super::look::Look;
use super::motion::{Likeness, Motion, Sizes, corners, likeness};
use crate::execute::{FrameTensor, FrameTensors};
use headroom_kernel::Pool;

/// What was said of a frame, and what was seen of it.
pub(super) type Said<'a> = (&'a FrameTensors, &'a Look);

/// A neighbour, and how it lies to the frame.
struct Neighbour<'a> {
    said: &'a FrameTensors,
    motion: Motion,
    likeness: Likeness,
    /// Of the frames as a whole: little where a cut lies between them, whatever happens to be alike.
    whole: f64,
}

/// The mean of what is said of a frame and of its neighbours. What is said of places is followed along the motion of the
/// camera, and counts by how alike the places are; what is said of the frame as a whole counts by how alike the
/// frames are, so that a neighbour beyond a cut says nothing. Frames that are alike say the same as one, bit for bit.
pub(super) fn average(own: Said<'_>, neighbours: &[Said<'_>], pool: &Pool) -> FrameTensors {
    let seen = Sizes::new(&own.1.codes);
    let mut found: Vec<Option<Neighbour<'_>>> = neighbours.iter().map(|_| None).collect();
    let tasks: Vec<_> = found.iter_mut().zip(neighbours).collect();
    pool.for_each(tasks, |(found, (said, look))| {
        let other = Sizes::new(&look.codes);
        let motion = Motion::between(&seen, &other);
        let likeness = likeness(&seen, &other, &motion);
        let whole = likeness.mean().powi(2);
        *found = Some(Neighbour { said, motion, likeness, whole });
    });
    let neighbours: Vec<Neighbour<'_>> = found.into_iter().flatten().collect();
    own.0.mapped(|index, tensor| {
        let same = |neighbour: &&Neighbour<'_>| {
            let other = neighbour.said.iter().nth(index);
            other.is_some_and(|other| other.name == tensor.name && other.size() == tensor.size())
        };
        let others: Vec<&Neighbour<'_>> = neighbours.iter().filter(same).collect();
        of_tensor(tensor, index, &others)
    })
}

fn of_tensor(own: &FrameTensor, index: usize, neighbours: &[&Neighbour<'_>]) -> Vec<f32> {
    let [height, width, channels] = own.size();
    let places = height * width > 1;
    let mut values = own.values.clone();
    // In f64, so that frames that are alike have their own number for a mean, bit for bit.
    let mut sums = vec![0.0_f64; channels];
    for (cell, values) in values.chunks_exact_mut(channels.max(1)).enumerate() {
        sums.iter_mut().zip(&*values).for_each(|(sum, value)| *sum = f64::from(*value));
        let mut weights = 1.0;
        for neighbour in neighbours {
            let at = [cell / width, cell % width];
            let heard = if places {
                let there = neighbour.motion.cell([height, width], at);
                there.map(|[y, x]| {
                    let alike = neighbour.likeness.of_cell([height, width], at);
                    (alike * neighbour.whole, corners([height, width], y, x))
                })
            } else {
                Some((neighbour.whole, corners([height, width], 0.0, 0.0)))
            };
            let Some((weight, (cells, shares))) = heard else { continue };
            let Some(other) = neighbour.said.iter().nth(index) else { continue };
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
        let look = Look::from_planes([plane.clone(), plane.clone(), plane].concat(), Vec::new());
        ([gains, curve].into_iter().collect(), look)
    }

    fn mean(frames: &[(FrameTensors, Look)]) -> FrameTensors {
        let said: Vec<Said<'_>> = frames.iter().map(|(said, look)| (said, look)).collect();
        average(said[0], &said[1..], &Pool::new(2))
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
        other.1 = Look::from_planes(codes, Vec::new());
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
        let again = Look::from_planes(look.codes.clone(), Vec::new());
        assert_eq!(mean(&[(own.clone(), look), (other, again)]), own);
        assert_eq!(mean(&[frame(3, 1.0)]), frame(3, 1.0).0);
        assert_eq!(mean(&[frame(3, 1.3), frame(3, 1.3), frame(3, 1.3)]), frame(3, 1.3).0);
    }
}
