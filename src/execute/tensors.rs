//! Tensors of the whole frame, by name.

/// A tensor that shows the whole frame, or a vector.
#[derive(Clone, Debug, PartialEq)]
pub struct FrameTensor {
    /// Name by which stages hand it on.
    pub name: String,
    /// Rows.
    pub height: usize,
    /// Pixels of a row.
    pub width: usize,
    /// Numbers of a pixel.
    pub channels: usize,
    /// Channels last, without gaps.
    pub values: Vec<f32>,
}

impl FrameTensor {
    /// Height, width and channels.
    #[must_use]
    pub fn size(&self) -> [usize; 3] {
        [self.height, self.width, self.channels]
    }
}

/// What the stages of a frame made of it, and what the stages of a tile take of it besides: all that
/// tiles need to know of the frame.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FrameTensors {
    list: Vec<FrameTensor>,
}

impl FrameTensors {
    pub(super) fn push(&mut self, name: &str, size: [usize; 3], values: Vec<f32>) {
        let [height, width, channels] = size;
        self.list.push(FrameTensor { name: name.to_owned(), height, width, channels, values });
    }

    /// All of them, in the order they were made.
    pub fn iter(&self) -> impl Iterator<Item = &FrameTensor> {
        self.list.iter()
    }

    /// The last that was made of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&FrameTensor> {
        self.list.iter().rev().find(|tensor| tensor.name == name)
    }

    /// Values of the last of that name and height, width and channels.
    pub(super) fn values(&self, name: &str, size: [usize; 3]) -> Option<&[f32]> {
        let fits = |tensor: &&FrameTensor| tensor.name == name && tensor.size() == size;
        self.list.iter().rev().find(fits).map(|tensor| tensor.values.as_slice())
    }

    /// The means of the same tensors of several frames. Those that not all have, in the same order and size, stay
    /// those of the first.
    #[must_use]
    pub(crate) fn mean(of: &[&Self]) -> Self {
        let Some((first, others)) = of.split_first() else { return Self::default() };
        let mut mean = Self::clone(first);
        for (index, tensor) in mean.list.iter_mut().enumerate() {
            let same = |other: &&&Self| {
                let other = other.list.get(index);
                other
                    .is_some_and(|other| other.name == tensor.name && other.size() == tensor.size())
            };
            let others: Vec<&[f32]> =
                others.iter().filter(same).map(|other| &*other.list[index].values).collect();
            // In f64, so that frames that are alike have their own number for a mean, bit for bit.
            let count = (others.len() + 1) as f64;
            for (at, value) in tensor.values.iter_mut().enumerate() {
                let sum: f64 = others.iter().map(|other| f64::from(other[at])).sum();
                *value = ((sum + f64::from(*value)) / count) as f32;
            }
        }
        mean
    }

    /// Bytes of memory, nearly.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let each = |tensor: &FrameTensor| size_of_val(tensor) + size_of_val(&*tensor.values);
        self.list.iter().map(each).sum()
    }
}

/// What the engine gives to the stages of a frame; [`super::Runner::frame_inputs`] says what.
#[derive(Clone, Debug, Default)]
pub struct FrameInputs<'a> {
    list: Vec<(&'a str, [usize; 3], &'a [f32])>,
}

impl<'a> FrameInputs<'a> {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a tensor of that name and height, width and channels; channels last, without gaps. One
    /// name may stand for several sizes.
    #[must_use]
    pub fn with(mut self, name: &'a str, size: [usize; 3], values: &'a [f32]) -> Self {
        self.list.push((name, size, values));
        self
    }

    /// None also where there are not as many values as the size says.
    pub(super) fn values(&self, name: &str, size: [usize; 3]) -> Option<&'a [f32]> {
        let fits = |&&(other, of, _): &&(&str, [usize; 3], &[f32])| other == name && of == size;
        let values = self.list.iter().find(fits)?.2;
        (values.len() == size.iter().product::<usize>()).then_some(values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_are_of_what_all_have() {
        let of = |values: [f32; 2], more: &str, size| {
            let mut tensors = FrameTensors::default();
            tensors.push("gains", [1, 2, 1], values.to_vec());
            tensors.push(more, size, vec![values[0]; 4]);
            tensors
        };
        let first = of([1.0, 2.0], "curve", [1, 1, 4]);
        let others = [of([4.0, 5.0], "curve", [2, 2, 1]), of([1.0, -1.0], "other", [1, 1, 4])];
        let mean = FrameTensors::mean(&[&first, &others[0], &others[1]]);
        assert_eq!(mean.get("gains").expect("made").values, [2.0, 2.0]);
        assert_eq!(mean.get("curve").expect("made").values, [1.0; 4]);
        assert_eq!(FrameTensors::mean(&[&first]), first);
        assert_eq!(FrameTensors::mean(&[]), FrameTensors::default());
    }
}
