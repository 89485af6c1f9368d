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

    /// The same tensors with other values, as many, which `values` makes of each; it is told how many were before.
    #[must_use]
    pub(crate) fn mapped(&self, values: impl Fn(usize, &FrameTensor) -> Vec<f32>) -> Self {
        let mapped = |(index, tensor)| FrameTensor {
            values: values(index, tensor),
            name: tensor.name.clone(),
            ..*tensor
        };
        self.list.iter().enumerate().map(mapped).collect()
    }

    /// Bytes of memory, nearly.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let each = |tensor: &FrameTensor| size_of_val(tensor) + size_of_val(&*tensor.values);
        self.list.iter().map(each).sum()
    }
}

impl FromIterator<FrameTensor> for FrameTensors {
    fn from_iter<T: IntoIterator<Item = FrameTensor>>(list: T) -> Self {
        Self { list: list.into_iter().collect() }
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
