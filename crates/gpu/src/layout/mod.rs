//! What kernels are given, as it lies in memory: the structures of `kernels/`.

mod analyse;
mod effect;
mod network;
mod tensor_cores;

pub use analyse::*;
pub use effect::*;
pub use network::*;
pub use tensor_cores::*;

/// What is passed to a kernel by value: only 32-bit numbers, so without gaps.
pub trait Plain: Copy {
    /// Adds its bytes as a kernel reads them.
    fn put(&self, bytes: &mut Vec<u8>);

    /// Its bytes as a kernel reads them.
    fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.put(&mut bytes);
        bytes
    }
}

impl Plain for i32 {
    fn put(&self, bytes: &mut Vec<u8>) {
        bytes.extend(self.to_ne_bytes());
    }
}

impl Plain for f32 {
    fn put(&self, bytes: &mut Vec<u8>) {
        bytes.extend(self.to_ne_bytes());
    }
}

impl Plain for bool {
    fn put(&self, bytes: &mut Vec<u8>) {
        i32::from(*self).put(bytes);
    }
}

impl<P: Plain, const N: usize> Plain for [P; N] {
    fn put(&self, bytes: &mut Vec<u8>) {
        self.iter().for_each(|each| each.put(bytes));
    }
}

/// Declares structures of fields that are [`Plain`].
macro_rules! plain {
    ($($(#[$about:meta])* struct $name:ident { $($(#[$field_about:meta])* $field:ident: $kind:ty,)* })*) => {$(
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub struct $name { $($(#[$field_about])* pub $field: $kind,)* }

        impl Plain for $name {
            fn put(&self, bytes: &mut Vec<u8>) {
                $(self.$field.put(bytes);)*
            }
        }
    )*};
}
use plain;
