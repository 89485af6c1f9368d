//! What of the picture a network sees, over all its stages.

use super::{Network, Run};
use crate::graph::Reach;

impl Network {
    /// How far an output pixel sees, over all stages that run per tile; an upper bound, since each may see
    /// what the others before it saw. Stages that run per frame see the whole frame at a fixed size
    /// whatever the tile, and count nothing.
    #[must_use]
    pub fn reach(&self) -> Reach {
        self.tiled().fold(Reach::Pixels(0), |all, stage| match (all, stage.graph.reach()) {
            (Reach::Pixels(a), Reach::Pixels(b)) => Reach::Pixels(a.saturating_add(b)),
            _ => Reach::Everything,
        })
    }

    /// Sides of tiles must be multiples of this.
    #[must_use]
    pub fn alignment(&self) -> usize {
        self.tiled().fold(1, |all, stage| {
            let own = stage.graph.alignment();
            let (mut a, mut b) = (all, own);
            while b != 0 {
                (a, b) = (b, a % b);
            }
            (all / a).saturating_mul(own)
        })
    }

    /// Numbers in all weights together.
    #[must_use]
    pub fn parameter_count(&self) -> usize {
        self.stages.iter().map(|stage| stage.graph.parameter_count()).sum()
    }

    fn tiled(&self) -> impl Iterator<Item = &super::Stage> {
        self.stages.iter().filter(|stage| stage.run == Run::Tile)
    }
}
