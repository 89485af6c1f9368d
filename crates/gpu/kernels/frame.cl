// Tensors that show the whole frame, read where pixels of a part of it lie; matrices and curves.

// Where the rows or columns of a picture lie in the frame: pixel `at` covers the frame from
// origin + at * down / up to origin + (at + 1) * down / up, of `frame` pixels.
typedef struct {
    int origin;
    int down;
    int up;
    int frame;
} Axis;

// The two of `cells` cells between whose centres pixel `at` lies. In whole numbers, so that a pixel of
// the frame is read at the same place whichever part of it is worked on.
FN Taps frame_taps(Axis axis, int at, int cells) {
    WIDE parts = (WIDE)2 * axis.up * (axis.frame > 0 ? axis.frame : 1);
    WIDE position = ((WIDE)2 * axis.origin * axis.up + ((WIDE)2 * at + 1) * axis.down) * cells - parts / 2;
    WIDE most = (WIDE)(cells - 1) * parts;
    if (position < 0) position = 0;
    if (position > most) position = most;
    Taps taps;
    taps.before = (int)(position / parts);
    taps.after = taps.before + 1 < cells ? taps.before + 1 : cells - 1;
    taps.weight = (float)(position % parts) / (float)parts;
    return taps;
}

KERNEL from_frame(GLOBAL number *arena, View input, View output, Axis rows, Axis columns) {
    int at = GLOBAL_ID(0), y = GLOBAL_ID(1);
    int x = at / output.channels, c = at % output.channels;
    if (x >= output.width || y >= output.height) return;
    Taps down = frame_taps(rows, y, input.height), along = frame_taps(columns, x, input.width);
    STORE(arena, pixel_of(output, y, x) + c, between(arena, input, down, along, c));
}

// Coefficient k of a grid whose channel k * bins + z is coefficient k in bin z.
FN float coefficient(GLOBAL number *arena, View grid, int bins, Taps down, Taps along, Taps z, int k) {
    float sums[2];
    for (int side = 0; side < 2; side++) {
        int column = side ? along.after : along.before;
        int top = pixel_of(grid, down.before, column) + k * bins;
        int bottom = pixel_of(grid, down.after, column) + k * bins;
        float low = LOAD(arena, top + z.before) * (1.0f - down.weight)
                  + LOAD(arena, bottom + z.before) * down.weight;
        float high = LOAD(arena, top + z.after) * (1.0f - down.weight)
                   + LOAD(arena, bottom + z.after) * down.weight;
        sums[side] = low * (1.0f - z.weight) + high * z.weight;
    }
    return sums[0] * (1.0f - along.weight) + sums[1] * along.weight;
}

// The two bins between which a guide of 0 to 1 lies.
FN Taps bins_of(float guide, int bins) {
    float last = (float)(bins - 1);
    float z = guide * (float)bins - 0.5f;
    // In this form what is not a number stays so.
    z = z < 0.0f ? 0.0f : z;
    z = z > last ? last : z;
    Taps taps;
    taps.before = z >= 0.0f ? (int)z : 0;
    taps.after = taps.before + 1 < bins ? taps.before + 1 : bins - 1;
    taps.weight = z - (float)taps.before;
    return taps;
}

KERNEL bilateral_slice(GLOBAL number *arena, View grid, View guide, View output, Axis rows, Axis columns,
                       int bins) {
    int at = GLOBAL_ID(0), y = GLOBAL_ID(1);
    int x = at / output.channels, c = at % output.channels;
    if (x >= output.width || y >= output.height) return;
    Taps down = frame_taps(rows, y, grid.height), along = frame_taps(columns, x, grid.width);
    Taps z = bins_of(LOAD(arena, pixel_of(guide, y, x)), bins);
    STORE(arena, pixel_of(output, y, x) + c, coefficient(arena, grid, bins, down, along, z, c));
}

// A slice of twelve coefficients that are a matrix, applied to three channels. One work item per
// pixel.
KERNEL bilateral_affine(GLOBAL number *arena, View grid, View guide, View input, View output, Axis rows,
                        Axis columns, int bins) {
    int x = GLOBAL_ID(0), y = GLOBAL_ID(1);
    if (x >= output.width || y >= output.height) return;
    Taps down = frame_taps(rows, y, grid.height), along = frame_taps(columns, x, grid.width);
    Taps z = bins_of(LOAD(arena, pixel_of(guide, y, x)), bins);
    int from = pixel_of(input, y, x), to = pixel_of(output, y, x);
    float r = LOAD(arena, from), g = LOAD(arena, from + 1), b = LOAD(arena, from + 2);
    float results[3];
    for (int i = 0; i < 3; i++) {
        results[i] = coefficient(arena, grid, bins, down, along, z, 4 * i + 3)
                   + coefficient(arena, grid, bins, down, along, z, 4 * i) * r
                   + coefficient(arena, grid, bins, down, along, z, 4 * i + 1) * g
                   + coefficient(arena, grid, bins, down, along, z, 4 * i + 2) * b;
    }
    for (int i = 0; i < 3; i++) STORE(arena, to + i, results[i]);
}

// out[i] = the sum of m[i (n + 1) + j] in[j] over j < n, plus m[i (n + 1) + n].
KERNEL apply_matrix(GLOBAL number *arena, View matrices, View input, View output) {
    int at = GLOBAL_ID(0), y = GLOBAL_ID(1);
    int x = at / output.channels, i = at % output.channels;
    if (x >= output.width || y >= output.height) return;
    int row = pixel_of(matrices, y, x) + i * (input.channels + 1), from = pixel_of(input, y, x);
    float sum = LOAD(arena, row + input.channels);
    for (int j = 0; j < input.channels; j++) sum += LOAD(arena, row + j) * LOAD(arena, from + j);
    STORE(arena, pixel_of(output, y, x) + i, sum);
}

// A curve, straight between evenly spaced knots over [0, 1], its ends going on flat.
KERNEL curve(GLOBAL number *arena, View knots, View input, View output) {
    int at = GLOBAL_ID(0), y = GLOBAL_ID(1);
    int x = at / output.channels, c = at % output.channels;
    if (x >= output.width || y >= output.height) return;
    int last = knots.channels - 1;
    float position = LOAD(arena, pixel_of(input, y, x) + c) * (float)last;
    position = position < 0.0f ? 0.0f : position;
    position = position > (float)last ? (float)last : position;
    // What is not a number stays so by its part.
    int before = position >= 0.0f ? (int)position : 0;
    before = before < last - 1 ? before : last - 1;
    float part = position - (float)before;
    float value = LOAD(arena, knots.start + before) * (1.0f - part)
                + LOAD(arena, knots.start + before + 1) * part;
    STORE(arena, pixel_of(output, y, x) + c, value);
}
