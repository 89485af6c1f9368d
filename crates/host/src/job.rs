//! One frame being rendered, and one render call of it.

use crate::{
    buffer::{Buffer, RowLayout},
    config::{Checks, Components, Depth},
    device::DeviceRows,
    image::{ClipFormat, Grid, HostImage, Sources, Window},
    object::{Clip, Node},
    propset::{Access, Lifetime, PropSet, PropType, Value},
    registry,
    request::{Field, ImageCrop, RenderRequest},
    session::{Session, lock},
    violation::ViolationKind,
};
use headroom_gpu::GpuError;
use headroom_ofx_sys::{self as sys, OfxRectD};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

/// What the render calls of one frame share.
pub(crate) struct Frame {
    pub(crate) session: Arc<Session>,
    pub(crate) time: f64,
    pub(crate) scale: [f64; 2],
    pub(crate) field: Field,
    pub(crate) depth: Depth,
    pub(crate) rows: RowLayout,
    pub(crate) crop: ImageCrop,
    pub(crate) thumbnail: bool,
    /// Set to none when the frame is done: a plug-in thread that is late gets nothing.
    sources: RwLock<Option<&'static dyn Sources>>,
    /// Frames that GetFramesNeeded declared: clip name to ranges.
    pub(crate) frames_needed: Mutex<HashMap<String, Vec<[f64; 2]>>>,
    buffers: Mutex<Vec<SourceBuffer>>,
}

struct SourceBuffer {
    key: (String, u64, Window),
    buffer: Arc<Buffer>,
    fingerprint: u64,
    image: HostImage,
}

impl Frame {
    /// # Safety
    ///
    /// [`Frame::finish`] is called before `sources` ends.
    pub(crate) unsafe fn new(
        session: &Arc<Session>,
        depth: Depth,
        request: &RenderRequest,
        sources: &dyn Sources,
    ) -> Arc<Self> {
        // SAFETY: only the lifetime changes, and the caller promises to end the frame in time;
        // the lock makes `finish` wait for readers.
        let sources: &'static dyn Sources = unsafe { std::mem::transmute(sources) };
        Arc::new(Self {
            session: Arc::clone(session),
            time: request.time,
            scale: request.scale,
            field: request.field,
            depth,
            rows: if session.gpu.get().is_some() {
                // Never upwards, and without gaps where nothing tells of them.
                let told = session.config.device_rows == DeviceRows::Told;
                RowLayout { top_first: false, padding: if told { request.rows.padding } else { 0 } }
            } else {
                request.rows
            },
            crop: request.crop,
            thumbnail: request.thumbnail,
            sources: RwLock::new(Some(sources)),
            frames_needed: Mutex::default(),
            buffers: Mutex::default(),
        })
    }

    /// What is known of a clip.
    pub(crate) fn format(&self, clip: &str, time: f64) -> Option<ClipFormat> {
        let sources = self.sources.read().unwrap_or_else(PoisonError::into_inner);
        sources.as_ref()?.format(clip, time)
    }

    /// The picture of a clip.
    pub(crate) fn image(&self, clip: &str, time: f64) -> Option<HostImage> {
        let sources = self.sources.read().unwrap_or_else(PoisonError::into_inner);
        sources.as_ref()?.image(clip, time)
    }

    /// The frame is done: lets go of the sources and looks whether any was written to.
    pub(crate) fn finish(&self) {
        *self.sources.write().unwrap_or_else(PoisonError::into_inner) = None;
        let buffers = std::mem::take(&mut *lock(&self.buffers));
        if self.session.config.checks == Checks::Cheap {
            return;
        }
        for source in buffers {
            refused(&self.session, "a source image", source.buffer.pull());
            let place = format!("a source image of clip {:?}", source.key.0);
            check_memory(&self.session, &source.buffer, &place);
            if source.buffer.fingerprint() != source.fingerprint {
                self.session.violate(ViolationKind::SourceWritten, place);
            }
        }
    }

    /// The memory of a picture, made once per frame and crop.
    fn source_buffer(
        &self,
        clip: &Clip,
        time: f64,
        window: Option<Window>,
    ) -> Option<(Arc<Buffer>, HostImage)> {
        let mut buffers = lock(&self.buffers);
        let known = |source: &SourceBuffer, bounds: Window| {
            source.key.0 == clip.name && source.key.1 == time.to_bits() && source.key.2 == bounds
        };
        let image = buffers
            .iter()
            .find(|source| source.key.0 == clip.name && source.key.1 == time.to_bits())
            .map(|source| source.image.clone());
        let image = match image {
            Some(image) => image,
            None => self.image(&clip.name, time)?,
        };
        let bounds = window.map_or(image.bounds, |window| image.bounds.intersect(&window));
        if bounds.is_empty() {
            return None;
        }
        if let Some(source) = buffers.iter().find(|source| known(source, bounds)) {
            return Some((Arc::clone(&source.buffer), source.image.clone()));
        }
        let doubled = clip
            .props
            .string(sys::kOfxImageClipPropFieldExtraction)
            .is_some_and(|extraction| sys::kOfxImageFieldDoubled.to_str() == Ok(&extraction));
        let field = self.field;
        let source_row = |y: i32| match field {
            Field::Lower if doubled => y & !1,
            Field::Upper if doubled => (y | 1).min(image.bounds.y2 - 1),
            _ => y,
        };
        let components = *lock(&clip.components);
        let buffer = Arc::new(Buffer::from_image(
            &image, bounds, components, self.depth, self.rows, source_row,
        ));
        let fingerprint = match self.session.config.checks {
            Checks::Full => buffer.fingerprint(),
            Checks::Cheap => 0,
        };
        if self.session.config.checks == Checks::Cheap && time.to_bits() != self.time.to_bits() {
            // Nobody will look whether it was written to, and a plug-in may ask for dozens of
            // neighbours: they go when the plug-in lets go of them.
            return Some((buffer, image));
        }
        buffers.push(SourceBuffer {
            key: (clip.name.clone(), time.to_bits(), bounds),
            buffer: Arc::clone(&buffer),
            fingerprint,
            image: image.clone(),
        });
        Some((buffer, image))
    }
}

/// An image that the plug-in holds.
struct Held {
    props: Arc<PropSet>,
    clip: String,
    _buffer: Arc<Buffer>,
}

/// One render call.
pub(crate) struct Job {
    pub(crate) frame: Arc<Frame>,
    pub(crate) window: Window,
    /// The output image.
    pub(crate) output: Arc<Buffer>,
    pub(crate) output_grid: Grid,
    pub(crate) output_definition: Window,
    pub(crate) output_premult: String,
    /// What GetRegionsOfInterest declared for this window: clip name to region.
    pub(crate) regions: HashMap<String, OfxRectD>,
    held: Mutex<HashMap<usize, Held>>,
    /// Polls of `abort` until it says yes.
    abort_after: Option<usize>,
    polls: AtomicUsize,
    /// Time that the host took to make images during this call.
    host_time: Mutex<Duration>,
    /// No render: an action that may ask for regions but for no image.
    query: bool,
}

impl Job {
    #[allow(clippy::too_many_arguments)]
    pub(crate) fn new(
        frame: &Arc<Frame>,
        window: Window,
        output: Buffer,
        output_grid: Grid,
        output_definition: Window,
        output_premult: String,
        regions: HashMap<String, OfxRectD>,
        abort_after: Option<usize>,
    ) -> Arc<Self> {
        Arc::new(Self {
            frame: Arc::clone(frame),
            window,
            output: Arc::new(output),
            output_grid,
            output_definition,
            output_premult,
            regions,
            held: Mutex::default(),
            abort_after,
            polls: AtomicUsize::new(0),
            host_time: Mutex::default(),
            query: false,
        })
    }

    /// Stands for an action that may ask for regions but for no image.
    pub(crate) fn query(frame: &Arc<Frame>) -> Arc<Self> {
        let nothing = Window::default();
        let output = Buffer::new(nothing, Components::Rgba, frame.depth, RowLayout::default());
        Arc::new(Self {
            frame: Arc::clone(frame),
            window: nothing,
            output: Arc::new(output),
            output_grid: Grid { scale: frame.scale, pixel_aspect: 1.0 },
            output_definition: nothing,
            output_premult: String::new(),
            regions: HashMap::new(),
            held: Mutex::default(),
            abort_after: None,
            polls: AtomicUsize::new(0),
            host_time: Mutex::default(),
            query: true,
        })
    }

    /// True when the host no longer wants the result.
    pub(crate) fn poll_abort(&self) -> bool {
        let polls = self.polls.fetch_add(1, Ordering::Relaxed) + 1;
        self.abort_after.is_some_and(|after| polls > after)
    }

    /// True when the plug-in was told to stop.
    pub(crate) fn was_aborted(&self) -> bool {
        self.abort_after.is_some_and(|after| self.polls.load(Ordering::Relaxed) > after)
    }

    /// How much of the time since `start` was the plug-in's own.
    pub(crate) fn own_time(&self, start: Instant) -> Duration {
        start.elapsed().saturating_sub(*lock(&self.host_time))
    }

    /// How often the plug-in asked whether to stop.
    pub(crate) fn polls(&self) -> usize {
        self.polls.load(Ordering::Relaxed)
    }

    /// `clipGetImage`: the handle of the image, or none when there is none to be had.
    pub(crate) fn get_image(
        &self,
        node: &Arc<Node>,
        clip: &Arc<Clip>,
        time: f64,
        region: Option<OfxRectD>,
    ) -> Option<Arc<PropSet>> {
        let session = &node.session;
        if self.query {
            session.violate(
                ViolationKind::WrongAction,
                format!("an image of clip {:?} was fetched", clip.name),
            );
            return None;
        }
        let stops = || self.abort_after.is_some_and(|after| self.polls() >= after);
        if session.config.aborted_images_fail && stops() {
            return None;
        }
        let props = if clip.is_output() {
            let props = self.image_props(
                session,
                clip,
                &self.output,
                self.output_grid,
                self.output_definition,
                &self.output_premult,
                &format!("output {:p}", Arc::as_ptr(&self.output)),
            );
            self.hold(&props, clip, &self.output);
            props
        } else {
            self.check_time(session, clip, time);
            let format = self.frame.format(&clip.name, time)?;
            let grid = Grid { scale: self.frame.scale, pixel_aspect: format.pixel_aspect };
            self.check_region(session, clip, region, grid, &format);
            let window = match (self.frame.crop, region) {
                (ImageCrop::Whole, _) => None,
                (_, Some(region)) => Some(grid.pixels(&region)),
                (ImageCrop::Window, None) => Some(self.window),
                (ImageCrop::Region, None) => {
                    self.regions.get(&clip.name).map(|region| grid.pixels(region))
                }
            };
            let start = Instant::now();
            let source = self.frame.source_buffer(clip, time, window);
            *lock(&self.host_time) += start.elapsed();
            let (mut buffer, image) = source?;
            #[allow(clippy::float_cmp)] // the very same number is the same frame
            if session.config.in_place && clip.name == "Source" && time == self.frame.time {
                self.output.fill(&image, |y| y);
                refused(session, "the output image", self.output.push());
                buffer = Arc::clone(&self.output);
            }
            let b = buffer.bounds;
            let id = format!("{}/{time}/{},{},{},{}", image.id, b.x1, b.y1, b.x2, b.y2);
            let props = self.image_props(
                session,
                clip,
                &buffer,
                grid,
                image.definition,
                &image.premult.name().to_string_lossy(),
                &id,
            );
            self.hold(&props, clip, &buffer);
            props
        };
        Some(props)
    }

    fn hold(&self, props: &Arc<PropSet>, clip: &Clip, buffer: &Arc<Buffer>) {
        let held =
            Held { props: Arc::clone(props), clip: clip.name.clone(), _buffer: Arc::clone(buffer) };
        lock(&self.held).insert(props.handle, held);
    }

    fn check_time(&self, session: &Session, clip: &Clip, time: f64) {
        #[allow(clippy::float_cmp)] // the very same number is the same frame
        if time == self.frame.time {
            return;
        }
        let needed = lock(&self.frame.frames_needed);
        let declared = needed.get(&clip.name).is_some_and(|ranges| {
            ranges.iter().any(|[first, last]| (*first..=*last).contains(&time))
        });
        if !declared {
            session.violate(
                ViolationKind::UndeclaredFrame,
                format!(
                    "clip {:?} at {time} in a render of {}; GetFramesNeeded declared {:?}",
                    clip.name,
                    self.frame.time,
                    needed.get(&clip.name)
                ),
            );
        }
    }

    fn check_region(
        &self,
        session: &Session,
        clip: &Clip,
        region: Option<OfxRectD>,
        grid: Grid,
        format: &ClipFormat,
    ) {
        let (Some(region), Some(declared)) = (region, self.regions.get(&clip.name)) else {
            return;
        };
        let asked = grid.pixels(&region).intersect(&format.definition);
        let declared = grid.pixels(declared);
        if asked.intersect(&declared) != asked {
            session.violate(
                ViolationKind::UndeclaredRegion,
                format!("clip {:?}: {asked:?} of declared {declared:?} (pixels)", clip.name),
            );
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn image_props(
        &self,
        session: &Arc<Session>,
        clip: &Clip,
        buffer: &Buffer,
        grid: Grid,
        definition: Window,
        premult: &str,
        id: &str,
    ) -> Arc<PropSet> {
        let label = format!("an image of clip {:?}", clip.name);
        let set = PropSet::new(session, &label, Lifetime::Action);
        let window = |window: Window| {
            let r = window.ofx();
            [r.x1, r.y1, r.x2, r.y2]
        };
        let scale =
            if session.config.images_lie_about_scale { [1.0, 1.0] } else { self.frame.scale };
        set.host(sys::kOfxPropType, [sys::kOfxTypeImage]);
        set.host(sys::kOfxImageEffectPropPixelDepth, [buffer.depth.name()]);
        set.host(sys::kOfxImageEffectPropComponents, [buffer.components.name()]);
        set.host(sys::kOfxImageEffectPropPreMultiplication, [premult]);
        set.host(sys::kOfxImageEffectPropRenderScale, scale);
        set.host(sys::kOfxImagePropPixelAspectRatio, [grid.pixel_aspect]);
        set.define(
            sys::kOfxImagePropData,
            PropType::Pointer,
            1,
            Access::Host,
            vec![Value::Pointer(match session.gpu.get() {
                None => buffer.data(),
                Some(gpu) => buffer.device_data(gpu).unwrap_or_else(|error| {
                    refused(session, &label, Err(error));
                    0
                }),
            })],
        );
        set.host(sys::kOfxImagePropBounds, window(buffer.bounds));
        set.host(sys::kOfxImagePropRegionOfDefinition, window(definition));
        let rows = session.gpu.get().map_or(DeviceRows::Told, |_| session.config.device_rows);
        match rows {
            DeviceRows::Told => set.host(sys::kOfxImagePropRowBytes, [buffer.row_bytes()]),
            DeviceRows::Zero => set.host(sys::kOfxImagePropRowBytes, [0]),
            DeviceRows::Missing => {}
        }
        let field = match self.frame.field {
            Field::None => sys::kOfxImageFieldNone,
            Field::Both => sys::kOfxImageFieldBoth,
            Field::Lower => sys::kOfxImageFieldLower,
            Field::Upper => sys::kOfxImageFieldUpper,
        };
        set.host(sys::kOfxImagePropField, [field]);
        set.host(sys::kOfxImagePropUniqueIdentifier, [id]);
        if session.config.name.starts_with("DaVinciResolve") {
            set.host(sys::kOfxImageClipPropThumbnail, [self.frame.thumbnail]);
        }
        for missing in &session.config.missing_image_properties {
            if let Ok(name) = std::ffi::CString::new(missing.as_str()) {
                set.remove(&name);
            }
        }
        set
    }

    /// `clipReleaseImage`: says whether the plug-in held it.
    pub(crate) fn release(&self, handle: usize) -> bool {
        match lock(&self.held).remove(&handle) {
            Some(held) => {
                registry::retire(held.props.handle, &self.frame.session);
                true
            }
            None => false,
        }
    }

    /// The render call has returned: what is still held is leaked.
    pub(crate) fn end(&self) {
        // Waits for what the plug-in told the device.
        refused(&self.frame.session, "the output image", self.output.pull());
        for (handle, held) in lock(&self.held).drain() {
            self.frame.session.violate(
                ViolationKind::LeakedImage,
                format!("an image of clip {:?} was not released", held.clip),
            );
            registry::retire(handle, &self.frame.session);
        }
    }

    /// Looks at the output's memory.
    pub(crate) fn check_output(&self, complete: bool) {
        let session = &self.frame.session;
        if session.config.checks == Checks::Cheap {
            return;
        }
        check_memory(session, &self.output, "the output image");
        let field = self.frame.field;
        let found = self.output.inspect(&self.window, |y| field.has_row(y));
        let at = |first: Option<(i32, i32)>| first.unwrap_or_default();
        if complete && found.unwritten.count > 0 {
            session.violate(
                ViolationKind::UnwrittenPixels,
                format!(
                    "{} pixels of the window {:?}, the first at {:?}",
                    found.unwritten.count,
                    self.window,
                    at(found.unwritten.first)
                ),
            );
        }
        if found.outside.count > 0 {
            session.violate(
                ViolationKind::OutsideWindow,
                format!(
                    "{} pixels outside the window {:?} ({field:?}), the first at {:?}",
                    found.outside.count,
                    self.window,
                    at(found.outside.first)
                ),
            );
        }
    }
}

/// Tells what a device refused.
fn refused(session: &Session, place: &str, done: Result<(), GpuError>) {
    if let Err(error) = done {
        session.violate(ViolationKind::Device, format!("{place}: {error}"));
    }
}

fn check_memory(session: &Session, buffer: &Buffer, place: &str) {
    if let Some(where_) = buffer.broken_guard() {
        session.violate(ViolationKind::GuardBytes, format!("{place}: {where_} changed"));
    }
    if let Some(row) = buffer.broken_padding() {
        session.violate(ViolationKind::RowPadding, format!("{place}: behind memory row {row}"));
    }
}

/// The components that the host hands out when a plug-in offers `supported` (OpenFX names).
pub(crate) fn default_components(
    host: &[Components],
    supported: &[String],
    is_mask: bool,
) -> Components {
    let offered: Vec<Components> =
        supported.iter().filter_map(|name| Components::from_name(name)).collect();
    let first = if is_mask { Components::Alpha } else { Components::Rgba };
    [first, Components::Rgba, Components::Rgb, Components::Alpha]
        .into_iter()
        .find(|components| offered.contains(components) && host.contains(components))
        .or(offered.first().copied())
        .unwrap_or(Components::Rgba)
}
