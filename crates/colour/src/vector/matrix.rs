//! A 3x3 matrix on three planes.

use pulp::{Arch, NullaryFnOnce};

struct Planes<'a> {
    m: [[f32; 3]; 3],
    r: &'a mut [f32],
    g: &'a mut [f32],
    b: &'a mut [f32],
}

impl NullaryFnOnce for Planes<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let m = self.m;
        for ((r, g), b) in self.r.iter_mut().zip(self.g).zip(self.b) {
            let (x, y, z) = (*r, *g, *b);
            *r = (m[0][0] * x + m[0][1] * y) + m[0][2] * z;
            *g = (m[1][0] * x + m[1][1] * y) + m[1][2] * z;
            *b = (m[2][0] * x + m[2][1] * y) + m[2][2] * z;
        }
    }
}

/// Multiplies every pixel by `m` (row major): `(m0 r + m1 g) + m2 b`, rounded after every
/// operation. Works on the shortest of the three lengths.
pub fn matrix(m: [[f32; 3]; 3], r: &mut [f32], g: &mut [f32], b: &mut [f32]) {
    Arch::new().dispatch(Planes { m, r, g, b });
}
