//! Values between the points of a table.

use super::{Interpolation, Lut, Lut1d, Lut3d};

/// Place of a value in a table: the point below, the one above, and how far between.
#[derive(Clone, Copy)]
struct Place {
    below: usize,
    above: usize,
    fraction: f32,
}

fn place(value: f32, low: f32, high: f32, points: usize) -> Place {
    let last = points - 1;
    let position = (value - low) / (high - low) * last as f32;
    // Not `clamp`, so that NaN lands at the low end.
    let position = if position > 0.0 { position } else { 0.0 };
    let position = if position < last as f32 { position } else { last as f32 };
    let below = position as usize;
    Place { below, above: (below + 1).min(last), fraction: position - below as f32 }
}

fn mix(a: f32, b: f32, t: f32) -> f32 {
    a + (b - a) * t
}

impl Place {
    fn nearest(self) -> usize {
        if self.fraction < 0.5 { self.below } else { self.above }
    }
}

impl Lut1d {
    /// Linear between points, whatever the interpolation of the cube behind it.
    fn at(&self, rgb: [f32; 3]) -> [f32; 3] {
        std::array::from_fn(|i| {
            let p = place(rgb[i], self.low[i], self.high[i], self.rows.len());
            mix(self.rows[p.below][i], self.rows[p.above][i], p.fraction)
        })
    }
}

impl Lut3d {
    fn row(&self, r: usize, g: usize, b: usize) -> [f32; 3] {
        self.rows[(b * self.size + g) * self.size + r]
    }

    fn at(&self, rgb: [f32; 3], interpolation: Interpolation) -> [f32; 3] {
        let [r, g, b]: [Place; 3] =
            std::array::from_fn(|i| place(rgb[i], self.low[i], self.high[i], self.size));
        match interpolation {
            Interpolation::Nearest => self.row(r.nearest(), g.nearest(), b.nearest()),
            Interpolation::Trilinear => self.trilinear(r, g, b),
            Interpolation::Tetrahedral => self.tetrahedral(r, g, b),
        }
    }

    fn trilinear(&self, r: Place, g: Place, b: Place) -> [f32; 3] {
        let along_red = |g, b| {
            let (low, high) = (self.row(r.below, g, b), self.row(r.above, g, b));
            std::array::from_fn::<f32, 3, _>(|i| mix(low[i], high[i], r.fraction))
        };
        let (near, far) = (
            [along_red(g.below, b.below), along_red(g.above, b.below)],
            [along_red(g.below, b.above), along_red(g.above, b.above)],
        );
        std::array::from_fn(|i| {
            let near = mix(near[0][i], near[1][i], g.fraction);
            let far = mix(far[0][i], far[1][i], g.fraction);
            mix(near, far, b.fraction)
        })
    }

    /// Walks from the lowest corner to the highest along the axis with the largest fraction first;
    /// each step counts with its own fraction (H. Kang, "Color Technology for Electronic Imaging
    /// Devices", 1997, 4.4.3).
    fn tetrahedral(&self, r: Place, g: Place, b: Place) -> [f32; 3] {
        let axes = [r, g, b];
        // Order of the axes by falling fraction; equal ones in any order give the same value.
        let mut order = [0, 1, 2];
        for (i, j) in [(0, 1), (1, 2), (0, 1)] {
            if axes[order[i]].fraction < axes[order[j]].fraction {
                order.swap(i, j);
            }
        }
        let mut corner = axes.map(|axis| axis.below);
        let mut from = self.row(corner[0], corner[1], corner[2]);
        let mut sum = from;
        for axis in order {
            corner[axis] = axes[axis].above;
            let to = self.row(corner[0], corner[1], corner[2]);
            for i in 0..3 {
                sum[i] += (to[i] - from[i]) * axes[axis].fraction;
            }
            from = to;
        }
        sum
    }
}

impl Lut {
    /// One pixel. The interpolation is the three-dimensional table's; one-dimensional tables are
    /// linear between their points.
    #[must_use]
    pub fn apply(&self, rgb: [f32; 3], interpolation: Interpolation) -> [f32; 3] {
        let rgb = self.shaper.as_ref().map_or(rgb, |lut| lut.at(rgb));
        self.cube.as_ref().map_or(rgb, |lut| lut.at(rgb, interpolation))
    }

    /// Planes, in place. Where lengths differ the shortest counts.
    pub fn apply_planar(
        &self,
        r: &mut [f32],
        g: &mut [f32],
        b: &mut [f32],
        interpolation: Interpolation,
    ) {
        for ((r, g), b) in r.iter_mut().zip(g).zip(b) {
            [*r, *g, *b] = self.apply([*r, *g, *b], interpolation);
        }
    }
}
