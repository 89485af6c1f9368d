//! Bands of pictures on their way to a device and back, while it works on the bands between.
//!
//! Rows are copied into memory that the device fetches by itself ([`Pinned`]), a queue of its own brings them there,
//! the render's queue waits for what a band needs, and a third queue brings the result. Queues and memory are kept for
//! the next render.

use super::effect::Parts;
use super::{DeviceFailure, DeviceImage, DeviceImageError};
use headroom_gpu::{Gpu, GpuError, InFlight, Memory, Pinned};
use headroom_kernel::{Format, ImageMut, ImageRef, Pool, Rect};
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

/// Bytes that are carried at once: enough that a transfer's beginning hardly counts, so few that a frame of HD has
/// several.
const CHUNK: usize = 4 << 20;

/// Chunks of each way that are under way at most: one is filled or emptied, one is carried, one is in between.
const CHUNKS: usize = 3;

/// Sets that are kept; more than that many renders at once make their own.
const MOST_KEPT: usize = 2;

/// Set by set with the context it belongs to.
static KEPT: Mutex<Vec<(u64, Staging)>> = Mutex::new(Vec::new());

/// Lets go of all that is kept.
pub(super) fn forget() {
    let kept = std::mem::take(&mut *KEPT.lock().unwrap_or_else(PoisonError::into_inner));
    drop(kept);
}

/// What a render needs to carry pictures; it is given back after, and dropped where something failed.
#[derive(Debug)]
pub(super) struct Staging {
    there: Way,
    back: Way,
    /// Of source, mask and output, as large as they were ever asked for.
    memory: [Option<Memory>; 3],
}

/// A queue that carries, and the memory it carries to or from.
#[derive(Debug)]
struct Way {
    queue: Gpu,
    free: Vec<Pinned>,
}

impl Way {
    fn new(gpu: &Gpu) -> Result<Self, GpuError> {
        Ok(Self { queue: gpu.beside()?, free: Vec::new() })
    }

    /// Memory of at least that many bytes; none where as many as may be are under way.
    fn take(&mut self, bytes: usize, under_way: usize) -> Result<Option<Pinned>, GpuError> {
        if let Some(at) = self.free.iter().position(|pinned| pinned.bytes().len() >= bytes) {
            return Ok(Some(self.free.swap_remove(at)));
        }
        if under_way >= CHUNKS {
            return Ok(None);
        }
        // What is free is too small.
        self.free.truncate(CHUNKS - under_way - 1);
        self.queue.pinned(bytes.max(CHUNK)).map(Some)
    }
}

/// The shape of a picture that is carried: rows downwards without gaps.
#[derive(Clone, Copy, Debug)]
pub(super) struct Side {
    rect: Rect,
    format: Format,
}

impl Side {
    pub(super) fn of_ref(picture: &ImageRef<'_>) -> Self {
        Self { rect: picture.rect(), format: picture.format() }
    }

    pub(super) fn of_mut(picture: &ImageMut<'_>) -> Self {
        Self { rect: picture.rect(), format: picture.format() }
    }

    fn row(&self) -> usize {
        self.rect.width() * self.format.bytes()
    }

    fn bytes(&self) -> usize {
        self.rect.height() * self.row()
    }

    /// Rows that are carried at once.
    fn rows(&self) -> usize {
        (CHUNK / self.row().max(1)).max(1)
    }

    /// From where a row lies.
    fn offset(&self, y: i32) -> usize {
        y.abs_diff(self.rect.y1) as usize * self.row()
    }
}

/// A picture's memory on the device.
#[derive(Debug)]
pub(super) struct There {
    memory: Memory,
    side: Side,
}

impl There {
    pub(super) fn image(&self) -> Result<DeviceImage<'_>, DeviceImageError> {
        let Side { rect, format } = self.side;
        DeviceImage::new(&self.memory, 0, self.side.row() as isize, rect, format)
    }
}

impl Staging {
    /// What an earlier render of the context gave back, or new.
    pub(super) fn lent(gpu: &Gpu) -> Result<Self, GpuError> {
        let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = kept.iter().position(|(context, _)| *context == gpu.context()) {
            return Ok(kept.swap_remove(at).1);
        }
        drop(kept);
        Ok(Self { there: Way::new(gpu)?, back: Way::new(gpu)?, memory: [const { None }; 3] })
    }

    /// For the next render. All transfers are over.
    pub(super) fn give_back(mut self, gpu: &Gpu, used: [Option<There>; 3]) {
        for (kept, used) in self.memory.iter_mut().zip(used) {
            if let Some(There { memory, .. }) = used {
                *kept = Some(memory);
            }
        }
        let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST_KEPT {
            kept.remove(0);
        }
        kept.push((gpu.context(), self));
    }

    /// Memory of the device for a picture of that shape, which is the source (0), the mask or the output (2).
    pub(super) fn room(&mut self, gpu: &Gpu, which: usize, side: Side) -> Result<There, GpuError> {
        let kept = &mut self.memory[which];
        let memory = match kept.take_if(|memory| memory.bytes() >= side.bytes()) {
            Some(memory) => memory,
            None => {
                // Given back before more is asked for.
                *kept = None;
                gpu.allocate(side.bytes())?
            }
        };
        Ok(There { memory, side })
    }
}

/// A picture on its way to the device.
struct Sent<'a> {
    picture: &'a ImageRef<'a>,
    there: &'a There,
    /// The first row that was not sent.
    next: i32,
}

/// The way of one render's pictures.
pub(super) struct Bands<'a> {
    gpu: &'a Gpu,
    pool: &'a Pool,
    staging: &'a mut Staging,
    sent: Vec<Sent<'a>>,
    sending: VecDeque<InFlight>,
    made: &'a There,
    output: ImageMut<'a>,
    receiving: VecDeque<(Rect, InFlight)>,
}

impl<'a> Bands<'a> {
    /// Carries `pictures` to where they are to lie, and what is `made` to `output`.
    pub(super) fn new(
        gpu: &'a Gpu,
        staging: &'a mut Staging,
        pictures: [Option<(&'a ImageRef<'a>, &'a There)>; 2],
        (made, output): (&'a There, ImageMut<'a>),
        pool: &'a Pool,
    ) -> Self {
        let sent = pictures.into_iter().flatten();
        let sent = sent.map(|(picture, there)| Sent { picture, there, next: there.side.rect.y1 });
        Self {
            gpu,
            pool,
            staging,
            sent: sent.collect(),
            sending: VecDeque::new(),
            made,
            output,
            receiving: VecDeque::new(),
        }
    }

    /// Sends the rows of pictures up to `end`; what the render's queue is told from here on waits for them.
    fn send(&mut self, end: i32) -> Result<(), GpuError> {
        let mut any = false;
        for sent in &mut self.sent {
            let There { memory, side } = sent.there;
            let end = end.min(side.rect.y2);
            while sent.next < end && side.row() > 0 {
                let y1 = sent.next;
                let y2 = y1.saturating_add(side.rows() as i32).min(side.rect.y2);
                let bytes = y1.abs_diff(y2) as usize * side.row();
                let way = &mut self.staging.there;
                let mut pinned = loop {
                    if let Some(pinned) = way.take(bytes, self.sending.len())? {
                        break pinned;
                    }
                    // One of them is free when it has arrived.
                    if let Some(first) = self.sending.pop_front() {
                        way.free.push(first.wait()?);
                    }
                };
                let rows = pinned.bytes_mut()[..bytes].chunks_exact_mut(side.row());
                let rows = (y1..y2).zip(rows).collect();
                self.pool.for_each(rows, |(y, to): (i32, &mut [u8])| {
                    to.copy_from_slice(sent.picture.row_as_bytes(y));
                });
                let flight = way.queue.send(memory, side.offset(y1), pinned, bytes)?;
                self.sending.push_back(flight);
                sent.next = y2;
                any = true;
            }
        }
        if any && let Some(flight) = self.sending.back() {
            // The queue that carries does so in order.
            self.gpu.wait_for(flight.done())?;
        }
        Ok(())
    }

    /// Waits for the band that was told to come first, and copies it to the output.
    fn arrive(&mut self) -> Result<(), GpuError> {
        let Some((band, flight)) = self.receiving.pop_front() else { return Ok(()) };
        let pinned = flight.wait()?;
        let row = self.made.side.row();
        let rows = pinned.bytes().chunks_exact(row);
        let bands = self.output.part(&band).into_bands(1);
        self.pool.for_each(bands.into_iter().zip(rows).collect(), |(mut to, from)| {
            let y = to.rect().y1;
            to.row_as_bytes_mut(y).copy_from_slice(from);
        });
        self.staging.back.free.push(pinned);
        Ok(())
    }

    /// Waits for all that is under way.
    pub(super) fn finish(&mut self) -> Result<(), GpuError> {
        while !self.receiving.is_empty() {
            self.arrive()?;
        }
        while let Some(flight) = self.sending.pop_front() {
            self.staging.there.free.push(flight.wait()?);
        }
        Ok(())
    }

    /// A rectangle in bands of as many rows as are carried at once.
    fn bands(&self, part: Rect) -> Vec<Rect> {
        let rows = self.made.side.rows();
        (part.y1..part.y2)
            .step_by(rows)
            .map(|y1| Rect { y1, y2: y1.saturating_add(rows as i32).min(part.y2), ..part })
            .collect()
    }
}

impl Parts for Bands<'_> {
    fn of(&self, whole: Rect) -> Vec<Rect> {
        self.bands(whole)
    }

    fn before(&mut self, end: i32) -> Result<(), DeviceFailure> {
        Ok(self.send(end)?)
    }

    fn after(&mut self, part: Rect) -> Result<(), DeviceFailure> {
        let made = self.gpu.mark()?;
        self.staging.back.queue.wait_for(&made)?;
        for band in self.bands(part) {
            let side = self.made.side;
            let bytes = band.height() * side.row();
            let pinned = loop {
                if let Some(pinned) = self.staging.back.take(bytes, self.receiving.len())? {
                    break pinned;
                }
                self.arrive()?;
            };
            let queue = &self.staging.back.queue;
            let flight = queue.receive(&self.made.memory, side.offset(band.y1), pinned, bytes)?;
            self.receiving.push_back((band, flight));
        }
        Ok(())
    }
}
