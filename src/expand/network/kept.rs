//! What networks made of tiles, kept for hosts that render a frame in many small windows: each window
//! would otherwise run the network over all that its pixels see.
//!
//! A result is found by the numbers that went in, not by any name a host gave them, so what is found is
//! what would be computed.

use crate::execute::{Area, FrameTensors, TileWorkspace};
use crate::model::inputs;
use std::sync::{Arc, Mutex, PoisonError};
use xxhash_rust::xxh3::Xxh3;

/// Bytes of results that a model keeps.
pub(super) const MOST_BYTES: usize = 256 << 20;

/// What a tile was made from.
#[derive(Clone, Debug)]
pub(super) struct TileKey {
    hash: u128,
    area: Area,
    /// Held, so that its address stays its own.
    tensors: Arc<FrameTensors>,
}

impl TileKey {
    /// Of a workspace whose inputs are filled.
    pub(super) fn new(
        workspace: &mut TileWorkspace,
        area: Area,
        tensors: &Arc<FrameTensors>,
    ) -> Self {
        let mut hash = Xxh3::new();
        let mut bytes = [0; 4096];
        for name in [inputs::PICTURE, inputs::CLIP] {
            for block in workspace.input_mut(name).unwrap_or_default().chunks(bytes.len() / 4) {
                for (to, v) in bytes.as_chunks_mut::<4>().0.iter_mut().zip(block) {
                    *to = v.to_le_bytes();
                }
                hash.update(&bytes[..block.len() * 4]);
            }
        }
        Self { hash: hash.digest128(), area, tensors: Arc::clone(tensors) }
    }
}

impl PartialEq for TileKey {
    fn eq(&self, other: &Self) -> bool {
        self.hash == other.hash
            && self.area == other.area
            && Arc::ptr_eq(&self.tensors, &other.tensors)
    }
}

/// Results, the newest last.
#[derive(Debug, Default)]
pub(super) struct KeptTiles(Mutex<Vec<(TileKey, Arc<[f32]>)>>);

impl KeptTiles {
    pub(super) fn get(&self, key: &TileKey) -> Option<Arc<[f32]>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().find(|(of, _)| of == key).map(|(_, values)| Arc::clone(values))
    }

    /// Keeps a result, and lets the oldest go until all are within bounds.
    pub(super) fn put(&self, key: TileKey, values: &[f32]) {
        if size_of_val(values) > MOST_BYTES {
            return;
        }
        let values: Arc<[f32]> = Arc::from(values);
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(of, _)| *of != key);
        kept.push((key, values));
        let mut bytes = 0;
        let newest = kept.iter().rev().take_while(|(_, values)| {
            bytes += size_of_val(&**values);
            bytes <= MOST_BYTES
        });
        let oldest = kept.len() - newest.count();
        kept.drain(..oldest);
    }
}
