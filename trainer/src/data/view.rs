//! A picture in memory, and a view of it: which part, how large, and where it moves.

use super::panorama::{Gaze, Panorama, density};
use super::random::Draw;
use super::raster::Raster;
use super::settings::Settings;
use headroom::metrics::Motion;
use headroom_colour::Matrix3;

/// A picture as it is kept in memory.
#[derive(Clone, Debug)]
pub enum Picture {
    /// Sampled in log light.
    Panorama(Panorama),
    /// Sampled by area.
    Flat {
        /// Linear light.
        truth: Raster,
        /// Light of the SDR side, where it has a file of its own.
        base: Option<Raster>,
    },
}

impl Picture {
    /// Bytes of memory.
    #[must_use]
    pub fn bytes(&self) -> usize {
        4 * match self {
            Self::Panorama(panorama) => panorama.numbers(),
            Self::Flat { truth, base } => {
                truth.pixels.len() + base.as_ref().map_or(0, |base| base.pixels.len())
            }
        }
    }
}

/// What a view shows, frame by frame.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    /// Pixels across.
    pub width: usize,
    /// Pixels down.
    pub height: usize,
    window: Window,
    mirror: bool,
    overturn: bool,
}

#[derive(Clone, Debug, PartialEq)]
enum Window {
    /// `turn` is the change of yaw and pitch from frame to frame.
    Gaze { gaze: Gaze, turn: [f64; 2] },
    /// `shift` is the change of left and top from frame to frame.
    Area { left: f64, top: f64, factor: f64, shift: [f64; 2] },
}

/// What a view may be of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Of {
    /// Pixels across.
    pub width: usize,
    /// Pixels down.
    pub height: usize,
    /// Whether it is a panorama.
    pub panorama: bool,
    /// Frames in which the view moves; 1 where the picture itself does.
    pub frames: usize,
}

/// The longest focal length, in pixels, at which a panorama is not enlarged too much.
fn longest(settings: &Settings, width: usize) -> f64 {
    settings.enlarge * density(width)
}

/// The horizontal field of view in radians at which a view has that focal length.
fn field(width: usize, focal: f64) -> f64 {
    2.0 * libm::atan(0.5 * width as f64 / focal)
}

/// The least width of a panorama that a view can be had of without too much enlargement.
#[must_use]
pub fn least_panorama(settings: &Settings) -> usize {
    let [width, _] = settings.view_size();
    let widest = settings.field_of_view[1].to_radians();
    let focal = 0.5 * width as f64 / libm::tan(0.5 * widest);
    (focal / settings.enlarge * std::f64::consts::TAU).ceil() as usize
}

impl View {
    /// Draws a view.
    #[must_use]
    pub fn draw(settings: &Settings, of: Of, draw: &mut Draw) -> Self {
        let [width, height] = settings.view_size();
        let angle = draw.range(0.0, std::f64::consts::TAU);
        let pixels = if of.frames > 1 { draw.range(0.0, settings.motion) } else { 0.0 };
        let motion = [pixels * libm::cos(angle), pixels * libm::sin(angle)];
        let window = if of.panorama {
            let least = field(width, longest(settings, of.width));
            let [low, high] = settings.field_of_view.map(f64::to_radians);
            let angle = draw.range(low.max(least).min(high), high);
            let focal = 0.5 * width as f64 / libm::tan(0.5 * angle);
            let yaw = draw.range(-std::f64::consts::PI, std::f64::consts::PI);
            // The sum of two uniform numbers is highest in the middle: at the horizon.
            let pitch = (draw.unit() + draw.unit() - 1.0) * std::f64::consts::FRAC_PI_2;
            let roll = settings.roll.to_radians();
            let roll = draw.range(-roll, roll);
            let turn = motion.map(|pixels| pixels / focal);
            Window::Gaze { gaze: Gaze { yaw, pitch, roll, focal }, turn }
        } else {
            let fit = (of.width as f64 / width as f64).min(of.height as f64 / height as f64);
            let largest = settings.scale_jitter.min(fit).max(1.0);
            let factor = if largest > 1.0 { draw.log_range(1.0, largest) } else { 1.0 };
            area(settings, of, [width, height], factor, motion, draw)
        };
        let mirror = settings.flip_horizontal && draw.chance(0.5);
        let overturn = settings.flip_vertical && draw.chance(0.5);
        Self { width, height, window, mirror, overturn }
    }

    /// All of a picture that is no panorama, reduced where a side is longer than `longest`; sides are
    /// even.
    #[must_use]
    pub fn whole(of: Of, longest: usize) -> Self {
        let factor = (of.width.max(of.height) as f64 / longest as f64).max(1.0);
        let even = |side: usize| (((side as f64 / factor) as usize) / 2 * 2).max(1);
        let window = Window::Area { left: 0.0, top: 0.0, factor, shift: [0.0; 2] };
        Self {
            width: even(of.width),
            height: even(of.height),
            window,
            mirror: false,
            overturn: false,
        }
    }

    /// The same view taken with pixels `times` smaller.
    #[must_use]
    pub fn enlarged(&self, times: f64) -> Self {
        let mut view = self.clone();
        view.width = (self.width as f64 * times).round() as usize;
        view.height = (self.height as f64 * times).round() as usize;
        // The sides are whole; the exact factor follows from the width.
        let times = view.width as f64 / self.width as f64;
        match &mut view.window {
            Window::Gaze { gaze, .. } => gaze.focal *= times,
            Window::Area { factor, .. } => *factor /= times,
        }
        view
    }

    /// Whether the view can be taken with pixels `times` smaller without enlarging the picture.
    #[must_use]
    pub fn has_room(&self, times: f64) -> bool {
        match self.window {
            Window::Gaze { .. } => true,
            Window::Area { factor, .. } => factor >= times,
        }
    }

    /// Where the pixels of a frame were in the one before.
    #[must_use]
    pub fn motion(&self, frame: usize) -> Motion {
        if frame == 0 {
            return Motion::STILL;
        }
        let mirrored = |side: usize, is: bool| match is {
            true => (-1.0, side as f64 - 1.0),
            false => (1.0, 0.0),
        };
        let ((sx, ox), (sy, oy)) =
            (mirrored(self.width, self.mirror), mirrored(self.height, self.overturn));
        match &self.window {
            Window::Gaze { gaze, turn } => {
                let at = |frame: usize| Self::turned(gaze, *turn, frame as f64);
                let flip = Matrix3([[sx, 0.0, ox], [0.0, sy, oy], [0.0, 0.0, 1.0]]);
                let [now, before] =
                    [at(frame), at(frame - 1)].map(|gaze| gaze.rays(self.width, self.height));
                Motion::new(flip.after(&before.inverse()).after(&now).after(&flip).0)
            }
            Window::Area { factor, shift, .. } => {
                Motion::shift([sx * shift[0] / factor, sy * shift[1] / factor])
            }
        }
    }

    fn turned(gaze: &Gaze, turn: [f64; 2], steps: f64) -> Gaze {
        Gaze { yaw: gaze.yaw + turn[0] * steps, pitch: gaze.pitch + turn[1] * steps, ..*gaze }
    }

    /// The light of a frame, and that of the SDR side where it has a file of its own.
    #[must_use]
    pub fn take(&self, picture: &Picture, frame: usize) -> (Raster, Option<Raster>) {
        let steps = frame as f64;
        let (mut truth, mut base) = match (&self.window, picture) {
            (Window::Gaze { gaze, turn }, Picture::Panorama(panorama)) => {
                let gaze = Self::turned(gaze, *turn, steps);
                (panorama.view(&gaze, self.width, self.height), None)
            }
            (Window::Area { left, top, factor, shift }, Picture::Flat { truth, base }) => {
                let (left, top) = (left + shift[0] * steps, top + shift[1] * steps);
                let take = |of: &Raster| of.reduced(left, top, *factor, self.width, self.height);
                (take(truth), base.as_ref().map(take))
            }
            // Views are drawn for the picture that they are taken of.
            _ => (Raster::filled(self.width, self.height, 0.0), None),
        };
        for raster in std::iter::once(&mut truth).chain(&mut base) {
            if self.mirror {
                raster.mirror();
            }
            if self.overturn {
                raster.overturn();
            }
        }
        (truth, base)
    }

    /// Whether pixels are those of the picture.
    #[must_use]
    pub fn is_native(&self) -> bool {
        matches!(self.window, Window::Area { left, top, factor, shift }
            if factor == 1.0 && [left, top, shift[0], shift[1]].iter().all(|v| v.fract() == 0.0))
    }

    /// What it shows, for the record.
    #[must_use]
    pub fn describe(&self) -> String {
        let mut text = match &self.window {
            Window::Gaze { gaze, .. } => format!(
                "yaw {:.1} pitch {:.1} roll {:.1} field {:.1} degrees",
                gaze.yaw.to_degrees(),
                gaze.pitch.to_degrees(),
                gaze.roll.to_degrees(),
                field(self.width, gaze.focal).to_degrees()
            ),
            Window::Area { left, top, factor, .. } => {
                format!("at {left:.1},{top:.1} reduced {factor:.2} times")
            }
        };
        if self.mirror {
            text += ", mirrored";
        }
        if self.overturn {
            text += ", overturned";
        }
        text
    }
}

/// An area that stays inside the picture in all frames; motion gives way where there is no room.
fn area(
    settings: &Settings,
    of: Of,
    size: [usize; 2],
    factor: f64,
    motion: [f64; 2],
    draw: &mut Draw,
) -> Window {
    let steps = of.frames.saturating_sub(1) as f64;
    let mut start = [0.0; 2];
    let mut shift = [0.0; 2];
    for (axis, whole) in [of.width, of.height].into_iter().enumerate() {
        let room = (whole as f64 - size[axis] as f64 * factor).max(0.0);
        let limit = if steps > 0.0 { room / steps } else { 0.0 };
        shift[axis] = (motion[axis] * factor).clamp(-limit, limit);
        let travel = shift[axis] * steps;
        start[axis] = draw.range((-travel).max(0.0), room - travel.max(0.0));
        if factor == 1.0 {
            // Whole pixels: nothing is interpolated.
            shift[axis] = libm::trunc(shift[axis]);
            let align = settings.align as f64;
            start[axis] = libm::floor(start[axis] / align) * align;
            start[axis] = start[axis].max(libm::ceil((-shift[axis] * steps).max(0.0)));
        }
    }
    Window::Area { left: start[0], top: start[1], factor, shift }
}
