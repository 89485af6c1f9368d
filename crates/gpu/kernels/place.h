// The full-size part of the network `grid`, pixel by pixel: crates/kernel/src/nn/place.

#define PLACE_BINS 8
#define PLACE_HIDDEN 8

typedef struct {
    // Rows and columns of the maps of gains and of coverage, three channels each.
    int map_rows;
    int map_columns;
    // Of the bilateral grid, whose channel k * PLACE_BINS + z is coefficient k in bin z; none: there is no grid.
    int grid_rows;
    int grid_columns;
    // The frame, in raster coordinates.
    int x1;
    int y1;
    int width;
    int height;
} Maps;

// The two of `cells` between which a pixel of the frame lies.
FN Taps place_taps(int at, int first, int length, int cells) {
    Axis axis = {at - first, 1, 1, length};
    return frame_taps(axis, 0, cells);
}

// A number of the four cells around a pixel, rows first; cells are `stride` numbers apart, rows `columns` cells.
FN float placed(GLOBAL const float *values, Taps down, Taps along, int columns, int stride, int channel) {
    int above = down.before * columns, below = down.after * columns;
    float a = values[(above + along.before) * stride + channel], b = values[(below + along.before) * stride + channel];
    float c = values[(above + along.after) * stride + channel], d = values[(below + along.after) * stride + channel];
    float left = a + (b - a) * down.weight, right = c + (d - c) * down.weight;
    return left + along.weight * (right - left);
}

// Stops of a pixel of those codes, each limited to what of it is clipped. `by` holds the guide's weights: those of
// its hidden channels, what is added to them, the weights of its output, what is added to it; and then the least
// coverage.
FN void place(Maps maps, const float *by, GLOBAL const float *gains, GLOBAL const float *coverage,
              GLOBAL const float *grid, int x, int y, const float *code, const float *clip, float *stops) {
    Taps down = place_taps(y, maps.y1, maps.height, maps.map_rows);
    Taps along = place_taps(x, maps.x1, maps.width, maps.map_columns);
    float least = by[5 * PLACE_HIDDEN + 1];
    for (int i = 0; i < 3; i++) {
        float gain = placed(gains, down, along, maps.map_columns, 3, i);
        stops[i] = gain / greater(placed(coverage, down, along, maps.map_columns, 3, i), least);
    }
    if (maps.grid_rows > 0) {
        float sum = by[5 * PLACE_HIDDEN];
        for (int h = 0; h < PLACE_HIDDEN; h++) {
            float seen = by[3 * h] * code[0] + by[3 * h + 1] * code[1] + by[3 * h + 2] * code[2]
                       + by[3 * PLACE_HIDDEN + h];
            sum += by[4 * PLACE_HIDDEN + h] * greater(seen, 0.0f);
        }
        Taps z = bins_of(activate(ACTIVATION_SIGMOID, 0.0f, sum), PLACE_BINS);
        Taps down = place_taps(y, maps.y1, maps.height, maps.grid_rows);
        Taps along = place_taps(x, maps.x1, maps.width, maps.grid_columns);
        for (int i = 0; i < 3; i++) {
            float coefficients[4];
            for (int k = 0; k < 4; k++) {
                int channel = (4 * i + k) * PLACE_BINS, stride = 12 * PLACE_BINS;
                float low = placed(grid, down, along, maps.grid_columns, stride, channel + z.before);
                float high = placed(grid, down, along, maps.grid_columns, stride, channel + z.after);
                coefficients[k] = low + z.weight * (high - low);
            }
            stops[i] += coefficients[0] * code[0] + coefficients[1] * code[1] + coefficients[2] * code[2]
                      + coefficients[3];
        }
    }
    for (int i = 0; i < 3; i++) stops[i] = clip[i] * greater(stops[i], 0.0f);
}
