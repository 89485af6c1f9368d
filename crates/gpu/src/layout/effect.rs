//! What the kernels of the whole effect are given: `kernels/render.cl` and the headers before it.

use super::{Plain, View, plain};

/// Numbers of a [`Curve`].
pub const CURVE_NUMBERS: usize = 28;

/// Work items of a group of the kernels that have one for every pixel or cell, in x, y and z.
pub const PIXELS: [usize; 3] = [32, 4, 1];

/// Numbers of a [`Method`].
pub const METHOD_NUMBERS: usize = 42;

plain! {
    /// A picture in memory.
    struct Picture {
        /// First column, in raster coordinates.
        x1: i32,
        /// First row; rows run downwards.
        y1: i32,
        /// Column after the last.
        x2: i32,
        /// Row after the last.
        y2: i32,
        /// Where its first pixel lies, in components from the beginning of the memory.
        first: i32,
        /// Components from a row to the one below; negative where memory runs upwards.
        row: i32,
        /// 4: red, green, blue, alpha; 3: without alpha; 1: alpha alone; 0: there is no picture.
        components: i32,
        /// Components are halves.
        half_floats: bool,
        /// From one of the rows that lie one below the other to the next.
        step: i32,
    }

    /// A transfer function.
    struct Curve {
        /// One of `CURVE_*`.
        kind: i32,
        /// Its numbers.
        numbers: [f32; CURVE_NUMBERS],
    }

    /// From codes as they come to linear light.
    struct Ingest {
        /// One of `ALPHA_*`.
        alpha: i32,
        /// The input space holds light.
        scene_linear: bool,
        /// The input space is display-referred.
        display: bool,
        /// Legal range is undone.
        ranged: bool,
        /// By code * scale ...
        range_scale: f32,
        /// ... + offset.
        range_offset: f32,
        /// Linear factor of the input exposure.
        exposure: f32,
        /// Light may be anything and is limited.
        limits: bool,
        /// Codes to linear light.
        curve: Curve,
    }

    /// The ramp of the clip mask.
    struct Clip {
        /// In codes, before a curve that was found makes it narrower.
        width: f32,
        /// Measured light is not in the mask.
        keep_above_white: bool,
        /// One channel is enough.
        any_channel: bool,
    }

    /// The repair of what storage cut.
    struct Dequantise {
        /// 0: nothing is repaired.
        amount: f32,
        /// Full-range code to stored codes: code * scale ...
        scale: f32,
        /// ... + offset.
        offset: f32,
        /// How far a code may be from a whole one.
        tolerance: f32,
    }

    /// How light above white is found.
    struct Method {
        /// One of `METHOD_*`.
        kind: i32,
        /// Its numbers; `kernels/method.h` says which.
        numbers: [f32; METHOD_NUMBERS],
    }

    /// How picture and prediction are joined.
    struct Compose {
        /// How much of the expansion is applied.
        amount: f32,
        /// Stops.
        highlight_gain: f32,
        /// The method may act outside the clip mask.
        everywhere: bool,
        /// Light above white is cut before it is expanded.
        cuts: bool,
        /// What is added is turned and saturated.
        tints: bool,
        /// By this matrix, row by row.
        tint: [f32; 9],
        /// Stops where the roll-off begins.
        knee: f32,
        /// Stops from there to the peak.
        room: f32,
        /// How far shadows are opened.
        shadow: f32,
        /// Weights of the input's primaries.
        luminance: [f32; 3],
    }

    /// What becomes of a pixel between its code and its light.
    struct Expand {
        /// The mask.
        clip: Clip,
        /// The repair.
        dequantise: Dequantise,
        /// The method.
        method: Method,
        /// The joining.
        compose: Compose,
        /// Something may move a pixel away from the pure colour transform.
        expands: bool,
        /// The view shows the mask even where nothing is expanded.
        needs_mask: bool,
    }

    /// From linear light to codes.
    struct Emit {
        /// One of `ROUTE_*`.
        route: i32,
        /// The matrix to the output's primaries, or to those in which light is not negative.
        into: [f32; 9],
        /// The matrix from there.
        out_of: [f32; 9],
        /// Linear light to codes.
        curve: Curve,
        /// Codes are limited.
        ranged: bool,
        /// Least.
        low: f32,
        /// Greatest.
        high: f32,
        /// The pure transform changes nothing.
        identity: bool,
        /// A pixel that nothing moved is handed on as its code.
        restores: bool,
        /// Light is limited to this on both sides.
        limit: f32,
        /// Share of the result.
        mix: f32,
        /// The mask takes more of it away.
        masked: bool,
        /// The mask is turned over.
        inverted: bool,
    }

    /// What is put out.
    struct Shown {
        /// One of `VIEW_*`.
        kind: i32,
        /// Values are data.
        raw: bool,
        /// Linear factor of the preview.
        preview: f32,
        /// Stops of the first colour of the legend.
        first_stop: i32,
        /// Colours of the legend.
        colours: i32,
    }

    /// A grid of values over the frame.
    struct Field {
        /// Columns.
        nx: i32,
        /// Rows.
        ny: i32,
        /// First column of the frame.
        x1: i32,
        /// First row of the frame.
        y1: i32,
        /// Columns of the frame.
        width: i32,
        /// Rows of the frame.
        height: i32,
    }

    /// What the network `grid` says of places: `kernels/place.h`.
    struct Maps {
        /// Rows of the maps of gains and of coverage.
        map_rows: i32,
        /// Their columns.
        map_columns: i32,
        /// Rows of the bilateral grid; none: there is no grid.
        grid_rows: i32,
        /// Its columns.
        grid_columns: i32,
        /// First column of the frame.
        x1: i32,
        /// First row of the frame.
        y1: i32,
        /// Columns of the frame.
        width: i32,
        /// Rows of the frame.
        height: i32,
    }

    /// Where everything lies.
    struct Places {
        /// What is read.
        source: Picture,
        /// The Mask input.
        mask: Picture,
        /// What is written.
        output: Picture,
        /// What a network made.
        result: View,
        /// Column of its first pixel in the raster.
        result_x: i32,
        /// Row of its first pixel.
        result_y: i32,
        /// Of the method that has one.
        field: Field,
        /// Of the network that has them.
        maps: Maps,
    }

    /// How a network takes the picture.
    struct Taken {
        /// As sRGB codes; else as linear light.
        codes: bool,
        /// The codes are those that the network wants.
        as_is: bool,
        /// To Rec.709 primaries.
        turns: bool,
        /// By this matrix, row by row.
        matrix: [f32; 9],
        /// Takes the input exposure back.
        unexpose: f32,
        /// Light counts from the white of the curve that was found, and is not negative.
        found: bool,
    }

    /// Where the inputs of a tile lie in the raster.
    struct Seen {
        /// First column.
        x: i32,
        /// First row.
        y: i32,
        /// Last column of the frame; beyond, it goes on.
        last_x: i32,
        /// Last row of the frame.
        last_y: i32,
    }
}

impl Maps {
    /// That there are none.
    pub const NONE: Self = Self {
        map_rows: 0,
        map_columns: 0,
        grid_rows: 0,
        grid_columns: 0,
        x1: 0,
        y1: 0,
        width: 0,
        height: 0,
    };
}

impl Picture {
    /// That there is none.
    pub const NONE: Self = Self {
        x1: 0,
        y1: 0,
        x2: 0,
        y2: 0,
        first: 0,
        row: 0,
        components: 0,
        half_floats: false,
        step: 1,
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    /// OpenCL 1.2 promises 1024 bytes for all arguments of a kernel together.
    #[test]
    fn arguments_of_a_kernel_fit() {
        let curve = Curve { kind: 0, numbers: [0.0; CURVE_NUMBERS] };
        // 32-bit numbers throughout, so Rust's size is the kernel's but for bools.
        assert_eq!(curve.bytes().len(), 4 * (1 + CURVE_NUMBERS));
        let ingest = 8 * 4 + curve.bytes().len();
        let emit = 28 * 4 + curve.bytes().len();
        let compose = 19 * 4;
        let expand = 4 * 4 + 4 * 4 + 4 * (1 + METHOD_NUMBERS) + compose + 2 * 4;
        let places = 3 * Picture::NONE.bytes().len() + 5 * 4 + 2 * 4 + 6 * 4 + 8 * 4;
        let render = 10 * 8 + places + ingest + expand + emit + 5 * 4;
        assert!(render <= 1024, "{render} bytes");
    }
}
