// What follows from what was gathered of a frame: at which code it clips (src/expand/level.rs), the field of the
// highlights (src/expand/field.rs), and what networks are given of the frame (src/expand/network/tensors.rs). So
// that a render need not wait for any of it.

// Group of the kernels that are one group: all of them.
#define FOLLOWERS 256

#define LOWEST 238
#define REACH 17
#define FULL_BIN 254
#define FOOT 250

// 0 at `from`, 1 at `to`, even in the logarithm.
FN float rise(float v, float from, float to) {
    float least = greater(v, 1.0e-12f);
    return limited(log2_positive(least / from) / log2_positive(to / from), 0.0f, 1.0f);
}

FN unsigned int count_around(OF_LOCAL unsigned int *bins, int from, int to) {
    unsigned int sum = 0;
    for (int i = from; i < to; i++) sum += bins[i];
    return sum;
}

// What of a bin stands out of a floor.
FN unsigned int above_floor(unsigned int count, unsigned int floor_of) {
    return count > floor_of ? count - floor_of : 0;
}

// Where what clips at full scale begins, in bins.
FN float ceiling_of(OF_LOCAL unsigned int *bins, int top) {
    int valley = top - 1;
    for (int i = top - 2; i >= FOOT; i--) {
        unsigned int up = above_floor(bins[i], bins[valley]);
        // Any such square is more than there are pixels.
        if (up > 65535 || up * up > bins[valley]) break;
        if (bins[i] < bins[valley]) valley = i;
    }
    unsigned int all = 0, before = 0;
    for (int i = valley; i <= top; i++) all += above_floor(bins[i], bins[valley]);
    for (int i = valley; i <= top; i++) {
        unsigned int here = above_floor(bins[i], bins[valley]);
        if (here > 0 && 200 * (before + here) >= 3 * all) {
            float into = (float)(3 * all - 200 * before) / (float)(200 * here);
            return (float)i - 0.5f + into;
        }
        before += here;
    }
    return (float)top - 0.5f;
}

// The pile at full scale or before it. Counts are compared in fifths, as whole numbers.
FN void pile(OF_LOCAL unsigned int *bins, float per_unit, float greatest, float share_at_full_scale, float total,
             float *level, float *strength) {
    int top = (int)limited(greatest * per_unit + 0.5f, (float)LOWEST, 255.0f);
    int valley = top - 3;
    unsigned int floor_fifths = count_around(bins, valley - 2, valley + 3);
    for (int i = top - 4; i >= top - REACH; i--) {
        unsigned int here = count_around(bins, i - 2, i + 3);
        if (here < floor_fifths) {
            floor_fifths = here;
            valley = i;
        }
    }
    unsigned int all = 0, below = 0, full = 0;
    for (int i = valley; i <= top; i++) {
        unsigned int here = above_floor(5 * bins[i], floor_fifths);
        all += here;
        if (i >= FULL_BIN) full += here;
    }
    int within = valley;
    for (int i = valley; i <= top; i++) {
        below += above_floor(5 * bins[i], floor_fifths);
        within = i;
        if (10 * below >= all) break;
    }
    float code = greater((float)within - 0.5f, (float)LOWEST);
    float piled = (float)all * 0.2f, floor_of = (float)floor_fifths * 0.2f;
    float dense = piled / (8.0f * floor_of + 1.0e-5f * total + 1.0e-9f);
    float in_pile = smooth((dense - 3.0f) / 5.0f) * rise(piled / greater(total, 1.0f), 1.0e-4f, 1.0e-3f);
    in_pile *= smooth((greatest - 0.925f) / 0.02f);
    float short_of = smooth((0.5f - (float)full / (float)(all > 0 ? all : 1)) / 0.25f);
    float at_ceiling = rise(share_at_full_scale, 1.0e-6f, 1.0e-4f);
    code += (ceiling_of(bins, top) - code) * at_ceiling * (1.0f - in_pile * short_of);
    *level = code / per_unit;
    *strength = greater(at_ceiling, in_pile);
}

// The highest code that stands out of its neighbours by far.
FN void spike(OF_LOCAL unsigned int *bins, int count, float per_unit, float total, float *level, float *strength) {
    *level = 1.0f;
    *strength = 0.0f;
    for (int i = 250; i < count - 8; i++) {
        if (bins[i] < bins[i - 1] || bins[i] < bins[i + 1]) continue;
        float around = 0.1f * (float)(count_around(bins, i - 6, i - 1) + count_around(bins, i + 2, i + 7));
        float here = (float)count_around(bins, i - 1, i + 2);
        float ratio = here / (3.0f * around + 1.0e-7f * total + 1.0e-9f);
        float found = smooth((ratio - 4.0f) / 8.0f) * rise(here / greater(total, 1.0f), 1.0e-5f, 1.0e-3f);
        if (found > 0.0f && found >= 0.5f * *strength) {
            *level = ((float)i - 0.5f) / per_unit;
            *strength = found;
        }
    }
}

// The code at which the frame clips, and how sure that is. `pixels` were read.
KERNEL follow_level(GLOBAL float *level, GLOBAL const float *found, GLOBAL const unsigned int *histogram, Cells cells,
                    int ny, int pixels) {
    LOCAL unsigned int bins[MOST_BINS], sums[3 * FOLLOWERS];
    LOCAL float tops[FOLLOWERS];
    int me = LOCAL_ID(0), all = cells.nx * ny;
    GLOBAL const float *greatest = found + cells.sums * all;
    float top = 0.0f;
    unsigned int counted = 0, full = 0, above = 0;
    for (int at = me; at < cells.bins; at += FOLLOWERS) {
        bins[at] = histogram[at];
        counted += histogram[at];
    }
    for (int at = me; at < all; at += FOLLOWERS) {
        top = greater(greatest[at], top);
        full += (unsigned int)greatest[all + at];
        above += (unsigned int)greatest[2 * all + at];
    }
    tops[me] = top;
    sums[me] = counted;
    sums[FOLLOWERS + me] = full;
    sums[2 * FOLLOWERS + me] = above;
    BARRIER;
    for (int half_of = FOLLOWERS / 2; half_of > 0; half_of /= 2) {
        if (me < half_of) {
            tops[me] = greater(tops[me + half_of], tops[me]);
            for (int i = 0; i < 3; i++) sums[i * FOLLOWERS + me] += sums[i * FOLLOWERS + me + half_of];
        }
        BARRIER;
    }
    if (me > 0) return;
    float of = (float)(pixels > 0 ? pixels : 1), total = (float)sums[0];
    float code = 1.0f, strength = 0.0f, spiked = 1.0f, sure = 0.0f;
    float way = rise((float)sums[2 * FOLLOWERS] / of, 1.0e-6f, 1.0e-4f);
    if (way < 1.0f) pile(bins, cells.bins_per_unit, tops[0], (float)sums[FOLLOWERS] / of, total, &code, &strength);
    if (way > 0.0f) {
        spike(bins, cells.bins, cells.bins_per_unit, total, &spiked, &sure);
        float from = (1.0f - way) * strength, to = way * sure;
        strength = from + to;
        if (way >= 1.0f) code = spiked;
        else if (strength > 0.0f) code = (code * from + spiked * to) / strength;
    }
    level[0] = code;
    level[1] = strength;
}

// By how much narrower the clip mask's ramp is under a curve that was found: src/expand/network/tone.rs.
#define SRGB_RISE 0.1457176f
#define LEAST_RISE 1.0e-3f

FN float narrower(const float *tone, float code) {
    float rise = tone_stops(tone, code) - tone_stops(tone, lesser(code, 1.0f) - 1.0f / (float)(TONE_KNOTS - 1));
    return lesser(SRGB_RISE / greater(rise, LEAST_RISE), 1.0f);
}

// Codes of 255 between which a clip level is taken less and less for the mark of JPEG: src/expand/mask.rs.
#define SCATTERED_CODE 253.0f
#define FULL_CODE 254.3f

// What pixels are told, of a level: see `told.h`. With `spares`, a ramp over which JPEG scattered what clips stays wide.
KERNEL tell(GLOBAL float *values, GLOBAL const float *level, Ingest ingest, Clip clip, int spares) {
    if (GLOBAL_ID(0) + GLOBAL_ID(1) > 0) return;
    ingest = ingest_by(ingest, values);
    float code = level[0], strength = level[1];
    // A level above 1 is the foot of a spike one 8-bit code wide.
    float white = code > 1.0f ? code + 1.5f / 255.0f : 1.0f;
    float codes[3] = {white, white, white}, light[3];
    to_light(ingest, codes, light);
    float share = ingest.curve.kind == CURVE_TONE ? narrower(ingest.curve.n, code) : 1.0f;
    float whole = smooth((code * 255.0f - SCATTERED_CODE) / (FULL_CODE - SCATTERED_CODE));
    if (spares) share += (1.0f - share) * (1.0f - whole);
    float width = clip.width * share;
    // Half a code below white is as much more light.
    values[0] = code + greater(1.0f - code, 0.0f) * (1.0f - share) - width;
    values[1] = 1.0f / width;
    values[2] = strength;
    values[3] = white;
    values[4] = ingest.display ? light[1] : srgb_light(white) * ingest.exposure;
}

#define MOST_CROSSTALK 0.5f

// The curve that a network found: src/expand/network/tone.rs.
KERNEL tell_tone(GLOBAL float *values, GLOBAL const float *curve, GLOBAL const float *crosstalk) {
    int at = GLOBAL_ID(0);
    if (at >= TONE_NUMBERS || GLOBAL_ID(1) > 0) return;
    values[TOLD_TONE + at] = at < TONE_KNOTS ? curve[at] : limited(crosstalk[0], 0.0f, MOST_CROSSTALK);
}

// The field.

#define FIELD_RAMP 0.06f
#define FIELD_ROUNDING 1.0e-5f

// A level of the pyramid has four planes: what clips, what clips to white, light of the rest, and the sum.

// Mean excess above any code of a cell, straight between the knots of `of` sums from `first` on.
FN float excess_above(GLOBAL const float *found, Cells cells, int all, int at, int first, int of, float code) {
    int next = 1;
    while (next < of && cells.knots[first + next] <= code) next++;
    float end = next < of ? cells.knots[first + next] : cells.most;
    float before = cells.knots[first + next - 1];
    float t = limited((code - before) / (end - before), 0.0f, 1.0f);
    float below = found[(first + next - 1) * all + at] * (1.0f - t);
    // Nothing lies above the last knot's end.
    return next < of ? below + found[(first + next) * all + at] * t : below;
}

FN float share_in_ramp(GLOBAL const float *found, Cells cells, int all, int at, int first, int of, float high) {
    float low = high - FIELD_RAMP;
    float above_low = excess_above(found, cells, all, at, first, of, low);
    float above_high = excess_above(found, cells, all, at, first, of, high);
    return limited((above_low - above_high) / (high - low), 0.0f, 1.0f);
}

// The pyramid's finest level.
KERNEL field_cells(GLOBAL float *pyramid, GLOBAL const float *found, GLOBAL const float *level, Cells cells, int ny) {
    int x = GLOBAL_ID(0), y = GLOBAL_ID(1);
    if (x >= cells.nx || y >= ny) return;
    int all = cells.nx * ny, at = y * cells.nx + x, whites = cells.sums - cells.of_greatest;
    float code = limited(level[0], cells.knots[1] + FIELD_RAMP, 1.0f);
    float white_code = greater(code, cells.knots[cells.of_greatest] + FIELD_RAMP);
    float graded = lesser((white_code - code) * (1.0f / FIELD_RAMP), 1.0f);
    float clipped = share_in_ramp(found, cells, all, at, 0, cells.of_greatest, code);
    float every = share_in_ramp(found, cells, all, at, cells.of_greatest, whites, white_code);
    pyramid[at] = clipped;
    pyramid[all + at] = every + (clipped - every) * graded;
    pyramid[2 * all + at] = greater(lesser(found[at], code) - clipped * code - FIELD_ROUNDING, 0.0f);
}

// A level of the pyramid: where it lies, and its size.
typedef struct {
    int start;
    int nx;
    int ny;
} Level;

// Half the size, smoothed by 1 3 3 1; one work item per number of the three planes, planes one below the other.
KERNEL field_halve(GLOBAL float *pyramid, Level from, Level to) {
    int x = GLOBAL_ID(0), row = GLOBAL_ID(1);
    if (x >= to.nx || row >= 3 * to.ny) return;
    int plane = row / to.ny, y = row % to.ny;
    GLOBAL const float *values = pyramid + from.start + plane * from.nx * from.ny;
    float lines[4];
    for (int i = 0; i < 4; i++) {
        int k = 2 * y + i - 1;
        k = k < 0 ? 0 : k < from.ny ? k : from.ny - 1;
        GLOBAL const float *line = values + k * from.nx;
        int last = from.nx - 1, at = 2 * x;
        float before = line[at > 0 ? at - 1 : 0], after = line[at + 2 < last ? at + 2 : last];
        lines[i] = (before + after) * 0.125f + (line[at < last ? at : last] + line[at + 1 < last ? at + 1 : last]) * 0.375f;
    }
    pyramid[to.start + plane * to.nx * to.ny + y * to.nx + x] =
        (lines[0] + lines[3]) * 0.125f + (lines[1] + lines[2]) * 0.375f;
}

// The two of `n` values between which value `i` of twice as many lies, the nearer first.
FN void doubled(int i, int n, int *near, int *other) {
    int a = i / 2, b = i % 2 == 0 ? (a > 0 ? a - 1 : 0) : a + 1;
    *near = a < n ? a : n - 1;
    *other = b < n ? b : n - 1;
}

// The weighted sum of a level's planes and of the coarser level's sum, if it has one.
KERNEL field_sum(GLOBAL float *pyramid, Level here, Level coarser, float white, float coloured, float around) {
    int x = GLOBAL_ID(0), y = GLOBAL_ID(1);
    if (x >= here.nx || y >= here.ny) return;
    int all = here.nx * here.ny, at = here.start + y * here.nx + x;
    float clipped = pyramid[at], whole = pyramid[at + all];
    float rest = pyramid[at + 2 * all] / (1.0f - clipped + 1.0e-3f);
    float sum = white * whole + coloured * (clipped - whole) + around * rest;
    if (coarser.nx > 0) {
        int left, right, top, bottom;
        doubled(x, coarser.nx, &left, &right);
        doubled(y, coarser.ny, &top, &bottom);
        GLOBAL const float *sums = pyramid + coarser.start + 3 * coarser.nx * coarser.ny;
        float near = sums[top * coarser.nx + left] * 0.75f + sums[bottom * coarser.nx + left] * 0.25f;
        float other = sums[top * coarser.nx + right] * 0.75f + sums[bottom * coarser.nx + right] * 0.25f;
        sum += near * 0.75f + other * 0.25f;
    }
    pyramid[at + 3 * all] = sum;
}

// The field: `finest` is the sum of places, `whole` that of the frame, a mean over what clips.
KERNEL field_values(GLOBAL float *values, GLOBAL const float *pyramid, Level finest, Level whole, float base,
                    float least_of_frame, float bend) {
    int x = GLOBAL_ID(0), y = GLOBAL_ID(1);
    if (x >= finest.nx || y >= finest.ny) return;
    float sum = 0.0f, weight = 1.0e-9f;
    int cells = whole.nx * whole.ny;
    for (int i = 0; i < cells; i++) {
        float clipped = pyramid[whole.start + i];
        sum += pyramid[whole.start + 3 * cells + i] * clipped;
        weight += clipped;
    }
    int at = y * finest.nx + x;
    float v = base + greater(sum / weight, least_of_frame) + pyramid[finest.start + 3 * finest.nx * finest.ny + at];
    v = 0.5f * (v + sqrt(v * v + 0.25f));
    values[TOLD_NUMBERS + at] = v + bend * v * v;
}

// What networks are given.

#define LOOK_CHANNELS 8
#define HISTOGRAM_BINS 32
// Distance at which the channel of distances is one half, in cells.
#define NEAR 16.0f
// Squared distance where there is nothing outside.
#define NOWHERE 1.0e30f

// The code that an sRGB camera with the same white would have recorded of a grey: src/expand/network/tone.rs.
FN float recoded(const float *tone, float code) {
    return srgb_code(light_of(tone_stops(tone, code) - tone_stops(tone, 1.0f)));
}

// All channels of the look but the distance, the counts of its codes, and which cells lie inside a clipped
// region. One work item per cell.
KERNEL look_cells(GLOBAL float *look, GLOBAL float *inside, GLOBAL unsigned int *counts, GLOBAL const float *planes,
                  GLOBAL const float *values, Ingest ingest, Look asked, int recodes) {
    LOCAL unsigned int bins[3 * HISTOGRAM_BINS];
    int x = GLOBAL_ID(0), y = GLOBAL_ID(1);
    int me = LOCAL_ID(1) * PIXELS_X + LOCAL_ID(0);
    if (me < 3 * HISTOGRAM_BINS) bins[me] = 0;
    BARRIER;
    int all = asked.rows * asked.columns, at = y * asked.columns + x;
    if (x < asked.columns && y < asked.rows) {
        GLOBAL float *to = look + at * LOOK_CHANNELS;
        Told told = told_by(values);
        ingest = ingest_by(ingest, values);
        float codes[3], covered[3], brighter[3];
        int far = 0;
        for (int i = 0; i < 3; i++) {
            // Means of the ramp, and of codes as an sRGB camera would have recorded them, taken straight between knots.
            // Nothing is known of the ramp below the first; there the code of the mean is taken.
            GLOBAL const float *excess = planes + (3 + i * LOOK_KNOTS) * all + at;
            float slope = 0.0f, sum = 0.0f, slope_of_code = 0.0f, more = 0.0f;
            for (int k = 0; k < LOOK_KNOTS && excess[0] != 0.0f; k++) {
                float knot = asked.knots[k], next = k + 1 < LOOK_KNOTS ? asked.knots[k + 1] : 1.0f;
                float here = k > 0 ? clip_of_code(told, knot) : 0.0f;
                float steeper = (clip_of_code(told, next) - here) / (next - knot);
                sum += excess[k * all] * (steeper - slope);
                slope = steeper;
                if (!recodes) continue;
                steeper = (recoded(ingest.curve.n, next) - recoded(ingest.curve.n, knot)) / (next - knot);
                more += excess[k * all] * (steeper - slope_of_code);
                slope_of_code = steeper;
            }
            // Weights of opposite signs leave rounding where the ramp has not begun.
            covered[i] = sum < 1.0e-5f ? 0.0f : lesser(sum, 1.0f);
            far |= covered[i] >= 0.5f;
            codes[i] = planes[i * all + at] - (recodes ? excess[0] : 0.0f);
            brighter[i] = more;
        }
        if (recodes) {
            float light[3];
            to_light(ingest, codes, light);
            for (int i = 0; i < 3; i++) codes[i] = srgb_code(greater(light[i] / told.light, 0.0f)) + brighter[i];
        }
        for (int i = 0; i < 3; i++) {
            to[i] = codes[i];
            to[3 + i] = covered[i];
            float below_white = sqrt(limited(1.0f - codes[i], 0.0f, 1.0f));
            int bin = (int)lesser((1.0f - below_white) * (float)HISTOGRAM_BINS, (float)HISTOGRAM_BINS - 1.0f);
            COUNT(bins + i * HISTOGRAM_BINS + bin);
        }
        to[6] = 0.0f;
        to[7] = 1.0f - (float)y / (float)(asked.rows - 1);
        inside[at] = far ? NOWHERE : 0.0f;
    }
    BARRIER;
    if (me < 3 * HISTOGRAM_BINS) ADD_COUNTS(counts + me, bins[me]);
}

// From which cells lie inside to the squared distance to the nearest cell outside in the same column.
KERNEL look_columns(GLOBAL float *distances, GLOBAL const float *inside, Look asked) {
    int x = GLOBAL_ID(0), y = GLOBAL_ID(1);
    if (x >= asked.columns || y >= asked.rows) return;
    float nearest = inside[y * asked.columns + x] == 0.0f ? 0.0f : NOWHERE;
    for (int d = 1; d < asked.rows && nearest == NOWHERE; d++) {
        int above = y - d >= 0 && inside[(y - d) * asked.columns + x] == 0.0f;
        int below = y + d < asked.rows && inside[(y + d) * asked.columns + x] == 0.0f;
        if (above || below) nearest = (float)(d * d);
    }
    distances[y * asked.columns + x] = nearest;
}

// The channel of distances, of the least over each row.
KERNEL look_rows(GLOBAL float *look, GLOBAL const float *distances, Look asked) {
    int x = GLOBAL_ID(0), y = GLOBAL_ID(1);
    if (x >= asked.columns || y >= asked.rows) return;
    GLOBAL const float *row = distances + y * asked.columns;
    float least = row[x];
    for (int d = 1; d < asked.columns && (float)(d * d) < least; d++) {
        if (x >= d) least = lesser(row[x - d] + (float)(d * d), least);
        if (x + d < asked.columns) least = lesser(row[x + d] + (float)(d * d), least);
    }
    float distance = sqrt(least);
    if (least > 0.0f) look[(y * asked.columns + x) * LOOK_CHANNELS + 6] =
        least < NOWHERE ? distance / (distance + NEAR) : 1.0f;
}

// Shares of counts.
KERNEL look_shares(GLOBAL float *shares, GLOBAL const unsigned int *counts, Look asked) {
    int at = GLOBAL_ID(0);
    if (at >= 3 * HISTOGRAM_BINS || GLOBAL_ID(1) > 0) return;
    shares[at] = (float)counts[at] / (float)(asked.rows * asked.columns);
}

// What edges tell of the curve, of the sums of so many parts of the frame.
KERNEL blend_means(GLOBAL float *told, GLOBAL const float *found, int parts, float few) {
    LOCAL float sums[BLEND_NUMBERS][FOLLOWERS];
    int me = LOCAL_ID(0);
    for (int k = 0; k < BLEND_NUMBERS; k++) sums[k][me] = 0.0f;
    for (int part = me; part < parts; part += FOLLOWERS)
        for (int k = 0; k < BLEND_NUMBERS; k++) sums[k][me] += found[part * BLEND_NUMBERS + k];
    BARRIER;
    for (int half_of = FOLLOWERS / 2; half_of > 0; half_of /= 2) {
        if (me < half_of)
            for (int k = 0; k < BLEND_NUMBERS; k++) sums[k][me] += sums[k][me + half_of];
        BARRIER;
    }
    if (me >= BLEND_NUMBERS) return;
    float count = sums[2 * BLEND_LEVELS + me % BLEND_LEVELS][0];
    told[me] = me < 2 * BLEND_LEVELS ? sums[me][0] / (count + few) : 0.30103f * stops_of(count + 10.0f) - 2.0f;
}

// The share of the frame that is clipped, of its histogram and a level.
KERNEL clipped_share(GLOBAL float *share, GLOBAL const unsigned int *histogram, GLOBAL const float *level, Cells cells) {
    LOCAL unsigned int all[FOLLOWERS], clipped[FOLLOWERS];
    int me = LOCAL_ID(0);
    // A level is the lower edge of a bin, give or take its rounding.
    int from = (int)limited(level[0] * cells.bins_per_unit + 0.75f, 0.0f, (float)(cells.bins - 1));
    all[me] = clipped[me] = 0;
    for (int at = me; at < cells.bins; at += FOLLOWERS) {
        all[me] += histogram[at];
        if (at >= from) clipped[me] += histogram[at];
    }
    BARRIER;
    for (int half_of = FOLLOWERS / 2; half_of > 0; half_of /= 2) {
        if (me < half_of) {
            all[me] += all[me + half_of];
            clipped[me] += clipped[me + half_of];
        }
        BARRIER;
    }
    if (me == 0) share[0] = level[1] * ((float)clipped[0] / (float)(all[0] > 0 ? all[0] : 1));
}
