//! What is asked of a render, and what comes back.

use crate::{
    buffer::RowLayout,
    image::{Premult, Window},
    session::Message,
    violation::Report,
};
use headroom_ofx_sys::OfxStatus;

/// Which rows are rendered. The lower field has the even rows, counted upwards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Field {
    /// Every row of a progressive picture.
    #[default]
    None,
    /// Every row of an interlaced picture.
    Both,
    /// Even rows.
    Lower,
    /// Odd rows.
    Upper,
}

impl Field {
    /// True when the row belongs to the field.
    #[must_use]
    pub const fn has_row(self, y: i32) -> bool {
        match self {
            Self::None | Self::Both => true,
            Self::Lower => y & 1 == 0,
            Self::Upper => y & 1 == 1,
        }
    }
}

/// How much of a source picture is handed out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ImageCrop {
    /// All there is.
    #[default]
    Whole,
    /// Exactly what the plug-in asked for: the region given to `clipGetImage`, else the one
    /// declared by GetRegionsOfInterest.
    Region,
    /// Only the region asked for with the image, else the render window: a host that asks for no
    /// region of interest.
    Window,
}

/// How the picture is cut into render windows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Windows {
    /// One window.
    #[default]
    Whole,
    /// Bands of this many rows.
    Bands(usize),
    /// Tiles of this many columns and rows.
    Tiles(usize, usize),
    /// These, which together need not be everything.
    Exactly(Vec<Window>),
}

/// How large the output image is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum OutputBounds {
    /// The region of definition.
    #[default]
    Definition,
    /// Only the render window.
    Window,
}

/// On which instances the render calls of a frame are made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Instances {
    /// On the one that the user has.
    #[default]
    Own,
    /// On one made for this frame, and destroyed after it.
    PerFrame,
    /// On one made for each thread.
    PerThread,
}

/// Context of an effect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Context {
    /// One source, one output.
    #[default]
    Filter,
    /// Any clips.
    General,
}

impl Context {
    /// The OpenFX name.
    #[must_use]
    pub const fn name(self) -> &'static std::ffi::CStr {
        match self {
            Self::Filter => headroom_ofx_sys::kOfxImageEffectContextFilter,
            Self::General => headroom_ofx_sys::kOfxImageEffectContextGeneral,
        }
    }
}

/// Everything that one frame's render may vary in.
#[derive(Clone, Debug, PartialEq)]
pub struct RenderRequest {
    /// The frame.
    pub time: f64,
    /// Size of the render relative to full size, both ways. The sources are already this size.
    pub scale: [f64; 2],
    /// Which rows.
    pub field: Field,
    /// Which windows.
    pub windows: Windows,
    /// The part of the picture to render, in pixels; none: the region of definition.
    pub area: Option<Window>,
    /// How large the output image is.
    pub output: OutputBounds,
    /// How rows lie in memory.
    pub rows: RowLayout,
    /// How much of the sources is handed out.
    pub crop: ImageCrop,
    /// Threads that make render calls at the same time; 0 counts as 1.
    pub threads: usize,
    /// The instances they are made on.
    pub instances: Instances,
    /// `abort` says yes after this many times no.
    pub abort_after: Option<usize>,
    /// IsIdentity is asked, and honoured as a host does.
    pub honour_identity: bool,
    /// The render is for a person waiting at a viewer.
    pub interactive: bool,
    /// A quick result is good enough.
    pub draft: bool,
    /// The render is for a thumbnail.
    pub thumbnail: bool,
}

impl Default for RenderRequest {
    fn default() -> Self {
        Self {
            time: 1.0,
            scale: [1.0, 1.0],
            field: Field::None,
            windows: Windows::Whole,
            area: None,
            output: OutputBounds::Definition,
            rows: RowLayout::default(),
            crop: ImageCrop::Whole,
            threads: 1,
            instances: Instances::Own,
            abort_after: None,
            honour_identity: true,
            interactive: false,
            draft: false,
            thumbnail: false,
        }
    }
}

impl RenderRequest {
    /// A plain render of one frame.
    #[must_use]
    pub fn at(time: f64) -> Self {
        Self { time, ..Self::default() }
    }

    /// The windows that cover `area`.
    #[must_use]
    pub fn cut(&self, area: &Window) -> Vec<Window> {
        let edge = |length: usize| i32::try_from(length.max(1)).unwrap_or(i32::MAX);
        let (columns, rows) = match &self.windows {
            Windows::Whole => return vec![*area],
            Windows::Exactly(windows) => return windows.clone(),
            Windows::Bands(rows) => (i32::MAX, edge(*rows)),
            Windows::Tiles(columns, rows) => (edge(*columns), edge(*rows)),
        };
        let mut windows = Vec::new();
        let mut y = area.y1;
        while y < area.y2 {
            let y2 = y.saturating_add(rows).min(area.y2);
            let mut x = area.x1;
            while x < area.x2 {
                let x2 = x.saturating_add(columns).min(area.x2);
                windows.push(Window::new(x, y, x2, y2));
                x = x2;
            }
            y = y2;
        }
        windows
    }
}

/// A rendered frame.
#[derive(Clone, Debug)]
pub struct Rendered {
    /// RGBA float, rows from top to bottom; rows of the other field, and pixels that no window
    /// covers, are NaN.
    pub pixels: Vec<f32>,
    /// Where the pixels lie.
    pub bounds: Window,
    /// What was noticed.
    pub report: Report,
    /// How alpha and colour relate.
    pub premult: Premult,
    /// The OpenFX 1.5 name of its colour space, when the plug-in named one.
    pub colourspace: Option<String>,
    /// The plug-in's region of definition: x1, y1, x2, y2, canonical.
    pub definition: [f64; 4],
    /// What the plug-in said.
    pub messages: Vec<Message>,
    /// The worst status that a render call returned.
    pub status: OfxStatus,
    /// The clip and time that IsIdentity named, when the picture was simply taken from there.
    pub identity: Option<(String, f64)>,
    /// The plug-in was told to stop; the pixels may be anything.
    pub aborted: bool,
    /// How often the plug-in asked whether to stop.
    pub abort_polls: usize,
    /// Number of render calls.
    pub calls: usize,
    /// Time inside the Render calls, one after another, without what the host took in them to make
    /// images.
    pub time: std::time::Duration,
}

impl Rendered {
    /// The pixel at OpenFX coordinates, NaN outside.
    #[must_use]
    pub fn at(&self, x: i32, y: i32) -> [f32; 4] {
        if !self.bounds.has(x, y) {
            return [f32::NAN; 4];
        }
        let column = (i64::from(x) - i64::from(self.bounds.x1)) as usize;
        let row = (i64::from(self.bounds.y2) - 1 - i64::from(y)) as usize;
        let start = 4 * (row * self.bounds.width() + column);
        self.pixels[start..start + 4].try_into().unwrap_or([f32::NAN; 4])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_cover_the_area_once() {
        let area = Window::new(-3, 2, 14, 9);
        let request = RenderRequest { windows: Windows::Tiles(5, 3), ..RenderRequest::default() };
        let windows = request.cut(&area);
        for y in area.y1 - 1..=area.y2 {
            for x in area.x1 - 1..=area.x2 {
                let covered = windows.iter().filter(|window| window.has(x, y)).count();
                assert_eq!(covered, usize::from(area.has(x, y)), "at {x},{y}");
            }
        }
    }

    #[test]
    fn the_lower_field_has_the_even_rows_below_zero_too() {
        assert!(Field::Lower.has_row(-2) && Field::Upper.has_row(-1));
        assert!(!Field::Lower.has_row(-1) && !Field::Upper.has_row(0));
    }
}
