// A grid of values over the frame, read between its points by quadratic B-splines: src/expand/field.rs.

typedef struct {
    // Columns and rows; none: the field is 0.
    int nx;
    int ny;
    // The frame, in raster coordinates.
    int x1;
    int y1;
    int width;
    int height;
} Field;

FN float field_at(GLOBAL const float *values, Field field, int x, int y) {
    if (field.nx <= 0 || field.ny <= 0 || field.width <= 0 || field.height <= 0) return 0.0f;
    WIDE nx = field.nx, ny = field.ny, width = field.width, height = field.height;
    WIDE dx = (WIDE)x - field.x1, dy = (WIDE)y - field.y1;
    dx = dx < 0 ? 0 : dx >= width ? width - 1 : dx;
    dy = dy < 0 ? 0 : dy >= height ? height - 1 : dy;
    WIDE row = (2 * dy + 1) * ny / (2 * height), cell = (2 * dx + 1) * nx / (2 * width);
    float down = (float)((2 * dy + 1) * ny - row * 2 * height) / (float)(2 * height) - 0.5f;
    float t = (float)((2 * dx + 1) * nx - cell * 2 * width) / (float)(2 * width) - 0.5f;
    float v0 = 0.5f * (0.5f - down) * (0.5f - down), v1 = 0.75f - down * down;
    float v2 = 0.5f * (0.5f + down) * (0.5f + down);
    float columns[3];
    for (int i = 0; i < 3; i++) {
        WIDE column = cell + i - 1;
        column = column < 0 ? 0 : column >= nx ? nx - 1 : column;
        WIDE above = row > 0 ? row - 1 : 0, below = row + 1 < ny ? row + 1 : ny - 1;
        columns[i] = v0 * values[above * nx + column] + v1 * values[row * nx + column]
                   + v2 * values[below * nx + column];
    }
    float a = columns[0], b = columns[1], c = columns[2];
    return ((a - 2.0f * b + c) * 0.5f * t + (c - a) * 0.5f) * t + (a + 6.0f * b + c) * 0.125f;
}
