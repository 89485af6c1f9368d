// The host's pictures: any row order, any padding, halves or floats.

// Work items of a group of the kernels that have one for every pixel or cell, in x and y.
#define PIXELS_X 32
#define PIXELS_Y 4

typedef struct {
    // Pixels x1 to x2 (excluded) and y1 to y2, rows downwards.
    int x1;
    int y1;
    int x2;
    int y2;
    // In components from the beginning of the memory: the pixel x1, y1.
    int first;
    // From a row to the one below; negative where memory runs upwards.
    int row;
    // 4: red, green, blue, alpha; 3: alpha is 1; 1: alpha alone; 0: there is no picture.
    int components;
    // Components are halves.
    int half_floats;
    // The rows y1, y1 + step, y1 + 2 step ... lie one below the other: those of a field.
    int step;
} Picture;

FN int covers_pixel(Picture picture, int x, int y) {
    return picture.components > 0 && x >= picture.x1 && x < picture.x2 && y >= picture.y1 && y < picture.y2;
}

FN WIDE place_of(Picture picture, int x, int y) {
    return picture.first + (WIDE)((y - picture.y1) / picture.step) * picture.row + (WIDE)(x - picture.x1) * picture.components;
}

FN float load_component(GLOBAL const float *memory, Picture picture, WIDE at) {
    return picture.half_floats ? LOAD_HALF((GLOBAL const HALF_FLOAT *)memory, at) : memory[at];
}

// Red, green, blue, alpha; black and transparent outside.
FN void load_pixel(GLOBAL const float *memory, Picture picture, int x, int y, float *rgba) {
    rgba[0] = rgba[1] = rgba[2] = rgba[3] = 0.0f;
    if (!covers_pixel(picture, x, y)) return;
    WIDE at = place_of(picture, x, y);
    if (picture.components == 1) {
        rgba[3] = load_component(memory, picture, at);
        return;
    }
    for (int i = 0; i < 3; i++) rgba[i] = load_component(memory, picture, at + i);
    rgba[3] = picture.components == 4 ? load_component(memory, picture, at + 3) : 1.0f;
}

FN void store_component(GLOBAL float *memory, Picture picture, WIDE at, float value) {
    if (picture.half_floats) STORE_HALF((GLOBAL HALF_FLOAT *)memory, at, value);
    else memory[at] = value;
}

FN void store_pixel(GLOBAL float *memory, Picture picture, int x, int y, const float *rgba) {
    WIDE at = place_of(picture, x, y);
    if (picture.components == 1) {
        store_component(memory, picture, at, rgba[3]);
        return;
    }
    for (int i = 0; i < picture.components; i++) store_component(memory, picture, at + i, rgba[i]);
}
