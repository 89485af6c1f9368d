//! A data set: batches of training, and shots to measure on.

use super::camera::Camera;
use super::decode;
use super::frame::{self, Frame};
use super::logc::Transform;
use super::random::{Draw, of_text};
use super::report::DataReport;
use super::scan::{self, Video};
use super::settings::{Kind, Settings};
use super::split::Part;
use super::store::Store;
use super::view::{Of, Picture, View};
use crate::Error;
use crate::shot::{Batch, Clip, Seer, Shot};
use headroom::metrics::Motion;
use headroom_kernel::Pool;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Pictures that were found, divided and are ready to be drawn from.
#[derive(Debug)]
pub struct DataSet {
    pub(super) settings: Settings,
    seer: Seer,
    transform: Option<Transform>,
    /// Training first, then validation.
    videos: Vec<Video>,
    /// Number of the first picture of each video in the store.
    numbers: Vec<usize>,
    /// Video and first frame of what can be drawn in training.
    entries: Vec<(usize, usize)>,
    /// Video, frame and view of what is measured.
    measured: Vec<(usize, usize, usize)>,
    store: Store,
    report: DataReport,
}

impl DataSet {
    /// Finds and divides the pictures. Every file is decoded once.
    ///
    /// # Errors
    /// When a setting cannot be followed, a folder is missing, a file cannot be read and that is
    /// fatal, or nothing is left to train on.
    pub fn open(settings: &Settings, seer: Seer) -> Result<Arc<Self>, Error> {
        settings.check()?;
        let mut found = scan::scan(settings, false)?;
        let (train, val, test) = if settings.val.is_some() {
            let other = scan::scan(settings, true)?;
            found.skipped.extend(other.skipped);
            (found.videos, other.videos, Vec::new())
        } else {
            let names: Vec<String> = found.videos.iter().map(|v| v.name.clone()).collect();
            let parts = settings.split.parts(settings.seed, &names)?;
            let mut divided = [Vec::new(), Vec::new(), Vec::new()];
            for video in found.videos {
                let part = parts.get(&video.name).copied().unwrap_or(Part::Train);
                divided[part as usize].push(video);
            }
            divided.into()
        };
        let report = DataReport::new(settings, [&train, &val, &test], found.skipped);
        let trained = train.len();
        let videos: Vec<Video> = train.into_iter().chain(val).collect();
        let mut numbers = Vec::with_capacity(videos.len());
        let mut count = 0;
        for video in &videos {
            numbers.push(count);
            count += video.frames.len();
        }
        let entries = entries(settings, &videos[..trained]);
        if entries.is_empty() {
            return Err(Error::missing(format!("data: nothing to train on\n{report}")));
        }
        let measured = measured(settings, &videos, trained);
        Ok(Arc::new(Self {
            transform: decode::transform(settings)?,
            store: Store::new(&settings.cache),
            settings: settings.clone(),
            seer,
            videos,
            numbers,
            entries,
            measured,
            report,
        }))
    }

    /// Batches in an epoch; what does not fill a batch is left out.
    #[must_use]
    pub fn batches_per_epoch(&self) -> usize {
        (self.items() / self.settings.batch_size).max(1)
    }

    /// The batch of that index, the same whenever and wherever it is made.
    ///
    /// # Errors
    /// When a file cannot be read any more.
    pub fn batch(&self, epoch: usize, index: usize) -> Result<Batch, Error> {
        let order = self.order(epoch);
        self.batch_in(&order, epoch, index)
    }

    /// The order of an epoch's views.
    pub(super) fn order(&self, epoch: usize) -> Vec<usize> {
        let seed = self.settings.seed;
        Draw::new(&[seed, of_text("order"), epoch as u64]).order(self.items())
    }

    pub(super) fn batch_in(
        &self,
        order: &[usize],
        epoch: usize,
        index: usize,
    ) -> Result<Batch, Error> {
        let pool = Pool::new(1);
        let first = index * self.settings.batch_size;
        // Fewer views than a batch holds are gone through again, each time drawn anew.
        let clips = (first..first + self.settings.batch_size)
            .map(|at| {
                let view = order[at % order.len()] + at / order.len() * order.len();
                self.clip(epoch, view, &pool)
            })
            .collect::<Result<_, _>>()?;
        Ok(Batch { index, clips })
    }

    fn clip(&self, epoch: usize, item: usize, pool: &Pool) -> Result<Clip, Error> {
        let taken = self.take(epoch, item)?;
        let tile = Tile { at: taken.at, size: self.settings.tile_size(), thin: self.settings.thin };
        let motions: Vec<_> = (0..taken.frames.len()).map(|step| taken.motion(step)).collect();
        let shots = taken.frames.into_iter().zip(motions).enumerate().map(
            |(step, ((name, frame), motion))| {
                let before = motion.filter(|_| step > 0).map(|motion| tile.motion(&motion));
                Ok(Shot { before, ..self.shot(name, frame, &tile, pool)? })
            },
        );
        Ok(Clip {
            shots: shots.collect::<Result<_, Error>>()?,
            video: taken.video,
            start: taken.start,
        })
    }

    /// The whole frames of a clip.
    pub(crate) fn take(&self, epoch: usize, item: usize) -> Result<Taken, Error> {
        let (number, first) = self.entries[item % self.entries.len()];
        let video = &self.videos[number];
        let source = &video.frames[first];
        let again = item / self.entries.len();
        let (seed, name) = (self.settings.seed, of_text(&source.name));
        let mut draw = Draw::new(&[seed, of_text("view"), epoch as u64, name, again as u64]);
        let moving = video.frames.len() == 1;
        let steps = if moving { self.settings.clip_len } else { 1 };
        let view = View::draw(&self.settings, of(video, first, steps), &mut draw);
        let camera = Camera::draw(&self.settings.camera, &mut draw);
        let noise = draw.bits();
        let [height, width] = self.settings.tile_size();
        let align = self.settings.align;
        let thin = self.settings.thin;
        let mut place = |room: usize| draw.below(room / align + 1) * align;
        let at = [place(view.height / thin - height), place(view.width / thin - width)];
        let mut exposure = None;
        let mut frames = Vec::with_capacity(self.settings.clip_len);
        for step in 0..self.settings.clip_len {
            let (file, moved) = if moving { (first, step) } else { (first + step, 0) };
            let picture = self.picture(number, file)?;
            let key = noise.wrapping_add(step as u64);
            let frame = self.frame(&camera, &mut exposure, &picture, &view, moved, key)?;
            frames.push((format!("{}#{again}.{step}", video.frames[file].name), frame));
        }
        let view = moving.then_some(view);
        Ok(Taken { video: video.name.clone(), start: source.frame, frames, at, view })
    }

    /// Stills and starts of clips in training.
    pub(crate) fn stills(&self) -> usize {
        self.entries.len()
    }

    /// Views that an epoch draws.
    pub(crate) fn items(&self) -> usize {
        self.entries.len() * self.settings.views
    }

    fn frame(
        &self,
        camera: &Camera,
        exposure: &mut Option<f32>,
        picture: &Picture,
        view: &View,
        step: usize,
        key: u64,
    ) -> Result<Frame, Error> {
        if let Some(transform) = &self.transform {
            return Ok(frame::by_transform(transform, picture, view, step));
        }
        if let Kind::Pairs = self.settings.kind()? {
            return Ok(frame::by_file(picture, view, step));
        }
        frame::by_camera(camera, exposure, picture, view, step, key)
    }

    fn picture(&self, video: usize, frame: usize) -> Result<Arc<Picture>, Error> {
        let of = &self.videos[video];
        let number = self.numbers[video] + frame;
        self.store.get(number, || decode::picture(&self.settings, &of.frames[frame], of.panorama))
    }

    fn shot(&self, name: String, frame: Frame, tile: &Tile, pool: &Pool) -> Result<Shot, Error> {
        let whole = [frame.height, frame.width];
        let seen = self.seer.see(whole, &frame.code, frame.tone.as_ref(), pool)?;
        // Of neighbours as they are in the frame, whatever is kept of it.
        let inside = tile.cut(seen.inside(&frame.code, whole), whole);
        let code = tile.cut(frame.code, whole);
        let picture = match frame.tone {
            Some(tone) => tone.picture(&code).into(),
            None => Arc::clone(&code),
        };
        let clip = code.as_chunks::<3>().0.iter().flat_map(|&codes| seen.clip(codes)).collect();
        Ok(Shot {
            name,
            frame: whole.map(|side| side / tile.thin),
            at: tile.at,
            size: tile.size,
            code,
            picture,
            base: tile.cut(frame.base, whole),
            balance: frame.balance,
            truth: tile.cut(frame.truth, whole),
            clip,
            inside,
            seen: Arc::new(seen),
            before: None,
            camera: frame.camera,
        })
    }

    /// Shots to measure on.
    #[must_use]
    pub fn validation(&self) -> usize {
        self.measured.len()
    }

    /// The shot of that index: a whole frame, with a view and a camera that depend on the picture's name
    /// and on nothing else.
    ///
    /// # Errors
    /// When there is none of that index, or a file cannot be read any more.
    pub fn validation_shot(&self, index: usize) -> Result<Shot, Error> {
        let &(number, file, again) = self.measured.get(index).ok_or_else(|| {
            Error::failed(format!(
                "validation: found {index}, expected below {}",
                self.validation()
            ))
        })?;
        let video = &self.videos[number];
        let name = &video.frames[file].name;
        let mut draw = Draw::new(&[of_text("validation"), of_text(name), again as u64]);
        let of = of(video, file, 1);
        let view = if video.panorama {
            View::draw(&self.settings, of, &mut draw)
        } else {
            View::whole(of, self.settings.val_side)
        };
        let camera = Camera::draw(&self.settings.val_camera, &mut draw);
        let noise = draw.bits();
        let picture = self.picture(number, file)?;
        let frame = self.frame(&camera, &mut None, &picture, &view, 0, noise)?;
        let tile = Tile { at: [0, 0], size: [frame.height, frame.width], thin: 1 };
        self.shot(format!("{name}#{again}"), frame, &tile, &Pool::new(1))
    }

    /// SHA-256, in hexadecimal, over the sorted names, lengths and contents of the files that are
    /// trained or measured on.
    #[must_use]
    pub fn manifest(&self) -> String {
        let sources = self.videos.iter().flat_map(|video| &video.frames);
        let mut lines: Vec<String> = sources
            .flat_map(|source| &source.facts.files)
            .map(|(name, length, hash)| format!("{name}\t{length}\t{hash}\n"))
            .collect();
        lines.sort_unstable();
        scan::hex(&Sha256::digest(lines.concat()))
    }

    /// What was found.
    #[must_use]
    pub fn report(&self) -> &DataReport {
        &self.report
    }
}

/// The part of a frame that is learned on.
struct Tile {
    /// Top and left, counted in what is kept.
    at: [usize; 2],
    /// Height and width, counted in what is kept.
    size: [usize; 2],
    /// Every so manieth row and column is kept, the middle one of each.
    thin: usize,
}

impl Tile {
    /// Row or column of the frame of one that is kept.
    fn kept(&self, at: usize) -> usize {
        at * self.thin + self.thin / 2
    }

    /// A motion between whole frames as one between tiles.
    fn motion(&self, of_frames: &Motion) -> Motion {
        let [top, left] = self.at.map(|at| self.kept(at) as f64);
        of_frames.of_part(self.thin as f64, [left, top])
    }

    fn cut(&self, pixels: Vec<f32>, whole: [usize; 2]) -> Arc<[f32]> {
        if self.size == whole {
            return pixels.into();
        }
        let rows = (self.at[0]..self.at[0] + self.size[0]).map(|at| self.kept(at));
        let pixel = |y: usize, x: usize| &pixels[(y * whole[1] + self.kept(x)) * 3..][..3];
        rows.flat_map(|y| {
            (self.at[1]..self.at[1] + self.size[1]).flat_map(move |x| pixel(y, x).iter().copied())
        })
        .collect()
    }
}

/// The whole frames of a clip, each with its name.
#[derive(Debug)]
pub(crate) struct Taken {
    /// The picture or sequence.
    pub(crate) video: String,
    /// Number of the first frame.
    pub(crate) start: i64,
    /// In order of time.
    pub(crate) frames: Vec<(String, Frame)>,
    /// Top and left of the tile.
    pub(crate) at: [usize; 2],
    /// What moves over a still picture; none where the picture itself moves.
    view: Option<View>,
}

impl Taken {
    /// Where pixels of a frame were in the one before, where that is known.
    pub(crate) fn motion(&self, step: usize) -> Option<Motion> {
        self.view.as_ref().map(|view| view.motion(step))
    }
}

fn of(video: &Video, frame: usize, frames: usize) -> Of {
    let facts = &video.frames[frame].facts;
    Of { width: facts.width, height: facts.height, panorama: video.panorama, frames }
}

/// Stills, and starts of as many frames that follow one another as a clip has.
fn entries(settings: &Settings, videos: &[Video]) -> Vec<(usize, usize)> {
    let length = settings.clip_len;
    let mut entries = Vec::new();
    for (number, video) in videos.iter().enumerate() {
        if video.frames.len() == 1 {
            entries.push((number, 0));
            continue;
        }
        for (first, window) in video.frames.windows(length).enumerate() {
            if window[length - 1].frame - window[0].frame == length as i64 - 1 {
                entries.push((number, first));
            }
        }
    }
    entries
}

fn measured(settings: &Settings, videos: &[Video], from: usize) -> Vec<(usize, usize, usize)> {
    let mut measured = Vec::new();
    for (number, video) in videos.iter().enumerate().skip(from) {
        for frame in 0..video.frames.len() {
            let views = if video.panorama { settings.val_views } else { 1 };
            measured.extend((0..views).map(|view| (number, frame, view)));
        }
    }
    measured
}
