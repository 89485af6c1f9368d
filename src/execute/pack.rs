//! Places blocks that live for a while in one memory.

use std::ops::RangeInclusive;

/// Blocks begin at multiples of this many f32s: a cache line.
const LINE: usize = 16;

/// A block of memory and the steps during which it is needed.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Block {
    /// f32s.
    pub(super) size: usize,
    pub(super) life: RangeInclusive<usize>,
}

impl Block {
    fn meets(&self, other: &Self) -> bool {
        self.life.start() <= other.life.end() && other.life.start() <= self.life.end()
    }
}

/// Where each block begins, and f32s in all: the largest blocks first, each in the tightest gap
/// between those that live at the same time (Pisarchyk and Lee 2020, <https://arxiv.org/abs/2001.03288>,
/// greedy by size). None when they are more than can be counted.
pub(super) fn pack(blocks: &[Block]) -> Option<(Vec<usize>, usize)> {
    let mut order: Vec<usize> = (0..blocks.len()).filter(|&i| blocks[i].size > 0).collect();
    order.sort_by_key(|&i| (std::cmp::Reverse(blocks[i].size), i));
    let mut starts = vec![0; blocks.len()];
    let mut placed: Vec<(usize, usize, usize)> = Vec::with_capacity(order.len());
    let mut total = 0;
    for index in order {
        let block = &blocks[index];
        let size = block.size.checked_next_multiple_of(LINE)?;
        let mut end_so_far = 0;
        let mut best: Option<(usize, usize)> = None;
        // In the order of their places.
        for &(start, end, other) in &placed {
            if !block.meets(&blocks[other]) {
                continue;
            }
            if start > end_so_far {
                let gap = start - end_so_far;
                if gap >= size && best.is_none_or(|(least, _)| gap < least) {
                    best = Some((gap, end_so_far));
                }
            }
            end_so_far = end_so_far.max(end);
        }
        let start = best.map_or(end_so_far, |(_, start)| start);
        let end = start.checked_add(size)?;
        starts[index] = start;
        total = total.max(end);
        let at = placed.partition_point(|&(other, _, _)| other <= start);
        placed.insert(at, (start, end, index));
    }
    Some((starts, total))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_that_live_together_lie_apart() {
        let mut state = 1u64;
        let mut random = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) as usize % below
        };
        for _ in 0..50 {
            let blocks: Vec<Block> = (0..40)
                .map(|_| {
                    let first = random(30);
                    Block { size: random(500), life: first..=first + random(8) }
                })
                .collect();
            let (starts, total) = pack(&blocks).expect("counts");
            for (i, a) in blocks.iter().enumerate() {
                assert_eq!(starts[i] % LINE, 0);
                assert!(starts[i] + a.size <= total);
                for (j, b) in blocks.iter().enumerate().take(i) {
                    let apart = starts[i] + a.size <= starts[j] || starts[j] + b.size <= starts[i];
                    let empty = a.size == 0 || b.size == 0;
                    assert!(apart || empty || !a.meets(b), "{a:?} and {b:?}");
                }
            }
            // Never more than all, never less than what lives at one time.
            let sum: usize = blocks.iter().map(|b| b.size.next_multiple_of(LINE)).sum();
            let at = |t| {
                let alive = blocks.iter().filter(|b| b.life.contains(&t));
                alive.map(|b| b.size).sum::<usize>()
            };
            let least = (0..40).map(at).max().unwrap_or(0);
            assert!((least..=sum).contains(&total));
        }
    }

    #[test]
    fn a_chain_takes_two_blocks() {
        let blocks: Vec<Block> = (0..9).map(|i| Block { size: 160, life: i..=i + 1 }).collect();
        assert_eq!(pack(&blocks).expect("counts").1, 320);
        assert_eq!(pack(&[]), Some((vec![], 0)));
        assert_eq!(pack(&[Block { size: usize::MAX, life: 0..=0 }]), None);
    }
}
