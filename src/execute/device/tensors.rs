//! Tensors of the whole frame on a device, by name.

use crate::execute::tensors::FrameTensors;
use headroom_gpu::Memory;
use std::sync::Arc;

/// What the stages of a frame are given or made of it, in a device's memory: floats, channels last, without
/// gaps. The counterpart of [`crate::execute::FrameInputs`] and [`FrameTensors`].
#[derive(Clone, Debug, Default)]
pub struct DeviceTensors {
    list: Vec<(String, [usize; 3], Arc<Memory>)>,
}

impl DeviceTensors {
    /// Adds one of that name and height, width and channels.
    pub fn push(&mut self, name: &str, size: [usize; 3], memory: Arc<Memory>) {
        self.list.push((name.to_owned(), size, memory));
    }

    /// Height, width, channels and memory of the last of that name.
    pub(crate) fn named(&self, name: &str) -> Option<([usize; 3], &Arc<Memory>)> {
        let found = self.list.iter().rev().find(|(other, ..)| other == name);
        found.map(|(_, size, memory)| (*size, memory))
    }

    /// The last of that name and size.
    pub(crate) fn get(&self, name: &str, size: [usize; 3]) -> Option<&Arc<Memory>> {
        let fits =
            |(other, of, _): &&(String, [usize; 3], Arc<Memory>)| other == name && *of == size;
        self.list.iter().rev().find(fits).map(|(_, _, memory)| memory)
    }
}

/// What tiles on a device take of the frame, and where it lies.
#[derive(Clone, Debug)]
pub enum DeviceFrame {
    /// In the memory of the CPU.
    Carried(Arc<FrameTensors>),
    /// On the device.
    There(Arc<DeviceTensors>),
}

impl DeviceFrame {
    /// True where both are the same tensors.
    pub(super) fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Carried(a), Self::Carried(b)) => Arc::ptr_eq(a, b),
            (Self::There(a), Self::There(b)) => Arc::ptr_eq(a, b),
            _ => false,
        }
    }
}
