// What the whole frame tells, gathered from the picture: src/expand/analyse.rs and
// src/expand/network/look.rs. One work item per cell, adding up in the order of the CPU.

#define MOST_SUMS 11
#define MOST_BINS 321
#define LOOK_KNOTS 8
#define LOOK_PLANES (3 + 3 * LOOK_KNOTS)
#define RANGE_MAX 3.402823466e+38f

// Where the frame lies, and which of its rows are read: of each row of cells so many, at most.
typedef struct {
    int x1;
    int y1;
    int width;
    int height;
    int ny;
    int rows_per_cell;
} Frame;

typedef struct {
    // Columns of cells.
    int nx;
    // Sums of excess that are wanted; the first `of_greatest` are of a pixel's greatest channel, the others
    // of its least.
    int sums;
    int of_greatest;
    float knots[MOST_SUMS];
    // Codes are limited to this before they are summed up.
    float most;
    // Codes at full scale, and above white.
    float full;
    float above;
    // The histogram.
    int bins;
    float bins_per_unit;
    // Least and greatest luminance are wanted.
    int ranged;
    float luminance[3];
} Cells;

FN int start_of(int cell, int cells, int length) { return cell * length / cells; }

// From a row of pixels that is read to the next, in a row of cells of that height.
FN int row_step(Frame frame, int rows) { return (rows + frame.rows_per_cell - 1) / frame.rows_per_cell; }

// The signal in which clipping is judged, and linear light where it is wanted.
FN void judge(GLOBAL const float *source, Picture picture, Ingest ingest, int wants_light, int x, int y, float *signal,
              float *light) {
    float code[4];
    int odd;
    load_code(source, picture, ingest, x, y, code, &odd);
    for (int i = 0; i < 3; i++) light[i] = 0.0f;
    if (wants_light || !ingest.display) to_light(ingest, code, light);
    to_signal(ingest, code, light, signal);
}

// One cell; its first row is counted into the group's bins.
FN void analyse_cell(GLOBAL float *found, OF_LOCAL unsigned int *bins, GLOBAL const float *source, Picture picture,
                     Ingest ingest, Frame frame, Cells cells, int cx, int cy) {
    int x1 = start_of(cx, cells.nx, frame.width), x2 = start_of(cx + 1, cells.nx, frame.width);
    int y1 = start_of(cy, frame.ny, frame.height), y2 = start_of(cy + 1, frame.ny, frame.height);
    int step = row_step(frame, y2 - y1);
    float total[MOST_SUMS], column[MOST_SUMS], signal[3], light[3];
    float top = 0.0f, darkest = RANGE_MAX, brightest_found = -RANGE_MAX;
    int full = 0, above = 0;
    for (int k = 0; k < MOST_SUMS; k++) total[k] = 0.0f;
    for (int x = x1; x < x2; x++) {
        for (int k = 0; k < MOST_SUMS; k++) column[k] = 0.0f;
        for (int y = y1; y < y2; y += step) {
            judge(source, picture, ingest, cells.ranged, frame.x1 + x, frame.y1 + y, signal, light);
            float most = greater(signal[0], greater(signal[1], signal[2]));
            float least = lesser(signal[0], lesser(signal[1], signal[2]));
            for (int k = 0; k < MOST_SUMS; k++)
                if (k < cells.sums) {
                    float code = lesser(k < cells.of_greatest ? most : least, cells.most);
                    column[k] += greater(code - cells.knots[k], 0.0f);
                }
            top = greater(most, top);
            above += most > cells.above;
            full += most >= cells.full && !(most > cells.above);
            if (y == y1) {
                float bin = limited(most * cells.bins_per_unit + 0.5f, 0.0f, (float)(cells.bins - 1));
                COUNT(bins + (int)bin);
            }
            if (cells.ranged) {
                float shine =
                    cells.luminance[0] * light[0] + cells.luminance[1] * light[1] + cells.luminance[2] * light[2];
                darkest = lesser(shine, darkest);
                brightest_found = greater(shine, brightest_found);
            }
        }
        for (int k = 0; k < MOST_SUMS; k++) total[k] += column[k];
    }
    int plane = cells.nx * frame.ny, at = cy * cells.nx + cx;
    float pixels = (float)((y2 - y1 + step - 1) / step) * (float)(x2 - x1);
    for (int k = 0; k < MOST_SUMS; k++)
        if (k < cells.sums) found[k * plane + at] = total[k] / pixels;
    GLOBAL float *more = found + cells.sums * plane + at;
    more[0] = top;
    more[plane] = (float)full;
    more[2 * plane] = (float)above;
    more[3 * plane] = darkest;
    more[4 * plane] = brightest_found;
}

// Planes of nx * ny: the mean excess over each knot, then the greatest code, how many pixels lie at full
// scale and above it, the least and the greatest luminance.
KERNEL analyse_cells(GLOBAL float *found, GLOBAL unsigned int *histogram, GLOBAL const float *source, Picture picture,
                     Ingest ingest, Frame frame, Cells cells) {
    // Most of a frame's white lies in one bin, on which all of the device would wait.
    LOCAL unsigned int bins[MOST_BINS];
    int cx = GLOBAL_ID(0), cy = GLOBAL_ID(1), me = LOCAL_ID(1) * PIXELS_X + LOCAL_ID(0);
    for (int at = me; at < cells.bins; at += PIXELS_X * PIXELS_Y) bins[at] = 0;
    BARRIER;
    if (cx < cells.nx && cy < frame.ny)
        analyse_cell(found, bins, source, picture, ingest, frame, cells, cx, cy);
    BARRIER;
    for (int at = me; at < cells.bins; at += PIXELS_X * PIXELS_Y)
        if (bins[at] > 0) ADD_COUNTS(histogram + at, bins[at]);
}

typedef struct {
    // Rows and columns of what is seen.
    int rows;
    int columns;
    // Seen is the network's own frame, in its encoding; else the signal in which clipping is judged, and its
    // excess.
    int own;
    // Codes are limited to this.
    float most;
    float knots[LOOK_KNOTS];
} Look;

// What two runs of cells, cut out of one length, have in common: of the pixels `from` to `to`, cut into
// `cells` parts each, and of a cell, cut into `length`.
FN int common(int from, int to, int cell, int cells, int length) {
    int begin = from * cells > cell * length ? from * cells : cell * length;
    int end = to * cells < (cell + 1) * length ? to * cells : (cell + 1) * length;
    return end - begin;
}

// Planes of rows * columns: means of three channels, then of each channel's excess over each knot.
KERNEL analyse_look(GLOBAL float *found, GLOBAL const float *source, Picture picture, Ingest ingest, Taken taken,
                    Frame frame, Look look) {
    int column = GLOBAL_ID(0), row = GLOBAL_ID(1);
    if (column >= look.columns || row >= look.rows) return;
    int x1 = column * frame.width / look.columns, y1 = row * frame.height / look.rows;
    int x2 = ((column + 1) * frame.width + look.columns - 1) / look.columns;
    int y2 = ((row + 1) * frame.height + look.rows - 1) / look.rows;
    float total[LOOK_PLANES], line[LOOK_PLANES], values[3], light[3];
    for (int k = 0; k < LOOK_PLANES; k++) total[k] = 0.0f;
    for (int x = x1; x < x2; x++) {
        for (int k = 0; k < LOOK_PLANES; k++) line[k] = 0.0f;
        // From the row of cells that the first row of pixels lies in.
        for (int cy = ((y1 + 1) * frame.ny - 1) / frame.height; cy < frame.ny; cy++) {
            int from = start_of(cy, frame.ny, frame.height), to = start_of(cy + 1, frame.ny, frame.height);
            if (from >= y2) break;
            int step = row_step(frame, to - from);
            for (int y = from; y < to; y += step) {
                int parts = common(y, y + step < to ? y + step : to, row, look.rows, frame.height);
                if (parts <= 0) continue;
                float weight = (float)parts;
                if (look.own) {
                    float code[4];
                    int odd;
                    load_code(source, picture, ingest, frame.x1 + x, frame.y1 + y, code, &odd);
                    as_taken(ingest, taken, 1.0f, code, values);
                    for (int i = 0; i < 3; i++) line[i] += weight * values[i];
                    continue;
                }
                judge(source, picture, ingest, 0, frame.x1 + x, frame.y1 + y, values, light);
                for (int i = 0; i < 3; i++) line[i] += weight * greater(lesser(values[i], look.most), 0.0f);
                if (greater(values[0], greater(values[1], values[2])) <= look.knots[0]) continue;
                for (int i = 0; i < 3; i++)
                    for (int k = 0; k < LOOK_KNOTS; k++)
                        line[3 + i * LOOK_KNOTS + k] +=
                            weight * greater(lesser(values[i], 1.0f) - look.knots[k], 0.0f);
            }
        }
        float parts = (float)common(x, x + 1, column, look.columns, frame.width);
        for (int k = 0; k < LOOK_PLANES; k++) total[k] += parts * line[k];
    }
    int plane = look.rows * look.columns, at = row * look.columns + column;
    float area = (float)frame.width * (float)frame.height;
    for (int k = 0; k < LOOK_PLANES; k++)
        if (!look.own || k < 3) found[k * plane + at] = total[k] / area;
}

// Edges that are asked for the camera's curve: src/expand/network/blends.rs, which says what is counted.
#define BLEND_LEVELS 4
#define BLEND_NUMBERS (3 * BLEND_LEVELS)
#define BLEND_STRIP 256

typedef struct {
    // Pixels of a row that a work item looks at, and work items of a row.
    int run;
    int runs;
    float least;
    float darkest;
    float brightest;
    float rounding;
    float alike;
    float span[2];
} Blends;

FN float light_of_s_shaped(Blends asked, float code) {
    float part = asked.span[0] + code * (asked.span[1] - asked.span[0]);
    return part / (1.0f - part);
}

// By which share the middle of three lies between the outer two, under the sRGB curve or the S-shaped one.
FN float blend_share(Blends asked, const float *code, int s_shaped) {
    float light[3];
    for (int i = 0; i < 3; i++) light[i] = s_shaped ? light_of_s_shaped(asked, code[i]) : srgb_light(code[i]);
    return (light[1] - light[0]) / (light[2] - light[0]);
}

FN float blend_differs(float a, float b, float v) {
    float d = a - b;
    return 0.69314718f * stops_of(1.0f + d * d / v);
}

// Three pixels, channel by channel.
FN void count_blend(float *sums, float code[3][3], Blends asked) {
    float apart[3], shares[3][2];
    int wanted = 0;
    for (int i = 0; i < 3; i++) {
        float a = code[i][0], m = code[i][1], b = code[i][2];
        float least = lesser(a, lesser(m, b)), most = greater(a, greater(m, b));
        if (!((m - a) * (b - m) >= 0.0f) || !(least > asked.darkest) || !(most < asked.brightest)) return;
        apart[i] = b > a ? b - a : a - b;
        wanted += apart[i] > asked.least;
    }
    if (wanted < 2) return;
    for (int i = 0; i < 3; i++)
        for (int s = 0; s < 2; s++) shares[i][s] = apart[i] > asked.least ? blend_share(asked, code[i], s) : 0.0f;
    for (int pair = 0; pair < 3; pair++) {
        int i = pair < 2 ? 0 : 1, j = pair > 0 ? 2 : 1;
        if (!(apart[i] > asked.least) || !(apart[j] > asked.least)) continue;
        float rounding = asked.rounding / lesser(apart[i], apart[j]);
        float v = asked.alike + rounding * rounding;
        float of_plain = blend_differs(shares[i][0], shares[j][0], v);
        float more = blend_differs(shares[i][1], shares[j][1], v) - of_plain;
        float most = 0.0f;
        for (int k = 0; k < 3; k++) most = greater(most, greater(code[i][k], code[j][k]));
        int level = (most > 63.5f / 255.0f) + (most > 127.5f / 255.0f) + (most > 191.5f / 255.0f);
        // Registers have no index.
        for (int k = 0; k < BLEND_LEVELS; k++) {
            sums[k] += k == level ? of_plain : 0.0f;
            sums[BLEND_LEVELS + k] += k == level ? more : 0.0f;
            sums[2 * BLEND_LEVELS + k] += k == level ? 1.0f : 0.0f;
        }
    }
}

// The sums of each run of each row of cells.
KERNEL analyse_blends(GLOBAL float *found, GLOBAL const float *source, Picture picture, Ingest ingest, Frame frame,
                      Blends asked) {
    int run = GLOBAL_ID(0), cy = GLOBAL_ID(1);
    if (run >= asked.runs || cy >= frame.ny) return;
    int from = start_of(cy, frame.ny, frame.height), to = start_of(cy + 1, frame.ny, frame.height);
    int x1 = run * asked.run, x2 = x1 + asked.run < frame.width ? x1 + asked.run : frame.width;
    int step = row_step(frame, to - from);
    float sums[BLEND_NUMBERS], code[3][3], signal[3], light[3];
    for (int k = 0; k < BLEND_NUMBERS; k++) sums[k] = 0.0f;
    for (int i = 0; i < 3; i++) code[i][1] = code[i][2] = 0.0f;
    for (int y = from; y < to; y += step) {
        int known = 0;
        for (int x = x1 > 0 ? x1 - 1 : 0; x < x2 + 1 && x < frame.width; x++) {
            judge(source, picture, ingest, 0, frame.x1 + x, frame.y1 + y, signal, light);
            for (int i = 0; i < 3; i++) {
                code[i][0] = code[i][1];
                code[i][1] = code[i][2];
                code[i][2] = signal[i];
            }
            known++;
            int middle = x - 1;
            // As on the CPU, where strips do not know of each other.
            int at = middle % BLEND_STRIP;
            if (known < 3 || at == 0 || at == BLEND_STRIP - 1 || middle < x1) continue;
            count_blend(sums, code, asked);
        }
    }
    for (int k = 0; k < BLEND_NUMBERS; k++) found[(cy * asked.runs + run) * BLEND_NUMBERS + k] = sums[k];
}

// Work items that read a row, and numbers that tell it from others.
#define READERS 64
#define MARKS 2

// One group per row: what its numbers are, bit by bit and in their order, comes to MARKS numbers.
KERNEL fingerprint(GLOBAL unsigned int *found, GLOBAL const float *memory, Picture picture) {
    LOCAL unsigned int marks[MARKS][READERS];
    int me = LOCAL_ID(0), row = GROUP_ID(0);
    unsigned int a = 0x9e3779b9u + (unsigned int)me, b = 0x85ebca6bu ^ (unsigned int)me;
    WIDE start = picture.first + (WIDE)row * picture.row;
    int count = (picture.x2 - picture.x1) * picture.components;
    for (int i = me; i < count; i += READERS) {
        unsigned int bits = BITS_OF(load_component(memory, picture, start + i));
        a = (a ^ bits) * 0xcc9e2d51u;
        a ^= a >> 15;
        b = (b + bits) * 0x1b873593u;
        b ^= b >> 13;
    }
    marks[0][me] = a;
    marks[1][me] = b;
    BARRIER;
    if (me >= MARKS) return;
    unsigned int sum = 0;
    for (int i = 0; i < READERS; i++) {
        sum = (sum ^ marks[me][i]) * 0x2c1b3c6du;
        sum ^= sum >> 12;
    }
    found[row * MARKS + me] = sum;
}
