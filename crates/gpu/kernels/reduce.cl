// Means over the picture, normalisation by them, and matrices of vectors. One group of THREADS work
// items makes one result; partial sums are added pairwise, always in the same order.

#define THREADS 64

// The sum of everybody's `value`; every work item of the group must call it.
FN float sum_of_group(OF_LOCAL float *sums, float value) {
    int me = LOCAL_ID(0);
    sums[me] = value;
    BARRIER;
    for (int half_of = THREADS / 2; half_of > 0; half_of /= 2) {
        if (me < half_of) sums[me] += sums[me + half_of];
        BARRIER;
    }
    float sum = sums[0];
    BARRIER;
    return sum;
}

// Mean of every channel; one group per channel. Each row is summed by itself, so that long sums lose
// little.
KERNEL global_mean(GLOBAL number *arena, View input, View output) {
    LOCAL float sums[THREADS];
    int c = GROUP_ID(0), me = LOCAL_ID(0);
    float total = 0.0f;
    for (int y = me; y < input.height; y += THREADS) {
        float sum = 0.0f;
        for (int x = 0; x < input.width; x++) sum += LOAD(arena, pixel_of(input, y, x) + c);
        total += sum;
    }
    total = sum_of_group(sums, total);
    int pixels = input.height * input.width;
    if (me == 0) STORE(arena, output.start + c, total / (float)(pixels > 0 ? pixels : 1));
}

// One group per group of channels.
KERNEL group_norm(GLOBAL number *arena, GLOBAL const float *values, View input, View output, int groups,
                  float epsilon, int weight, int bias) {
    LOCAL float sums[THREADS];
    int group = GROUP_ID(0), me = LOCAL_ID(0);
    int each = input.channels / groups, first = group * each;
    float count = (float)input.height * (float)input.width * (float)each;
    float total = 0.0f;
    for (int y = me; y < input.height; y += THREADS) {
        float sum = 0.0f;
        for (int x = 0; x < input.width; x++) {
            int at = pixel_of(input, y, x) + first;
            for (int c = 0; c < each; c++) sum += LOAD(arena, at + c);
        }
        total += sum;
    }
    float mean = sum_of_group(sums, total) / count;
    total = 0.0f;
    for (int y = me; y < input.height; y += THREADS) {
        float sum = 0.0f;
        for (int x = 0; x < input.width; x++) {
            int at = pixel_of(input, y, x) + first;
            for (int c = 0; c < each; c++) {
                float off = LOAD(arena, at + c) - mean;
                sum += off * off;
            }
        }
        total += sum;
    }
    float scale = 1.0f / sqrt(sum_of_group(sums, total) / count + epsilon);
    for (int y = me; y < input.height; y += THREADS) {
        for (int x = 0; x < input.width; x++) {
            int from = pixel_of(input, y, x) + first, to = pixel_of(output, y, x) + first;
            for (int c = 0; c < each; c++) {
                float value = (LOAD(arena, from + c) - mean) * scale;
                STORE(arena, to + c, value * values[weight + first + c] + values[bias + first + c]);
            }
        }
    }
}

// One group per output. `bias` is below 0 where there is none.
KERNEL linear(GLOBAL number *arena, GLOBAL const float *values, View input, View output, int weight,
              int bias) {
    LOCAL float sums[THREADS];
    int row = GROUP_ID(0), me = LOCAL_ID(0);
    float sum = 0.0f;
    for (int c = me; c < input.channels; c += THREADS)
        sum += values[weight + row * input.channels + c] * LOAD(arena, input.start + c);
    sum = sum_of_group(sums, sum);
    if (me == 0) STORE(arena, output.start + row, sum + (bias < 0 ? 0.0f : values[bias + row]));
}

// Sines, then cosines, of t times frequencies that are given as the sum of two floats: angles reach a
// thousand, where one float would be off by 1e-4.
KERNEL time_embedding(GLOBAL number *arena, GLOBAL const float *values, View input, View output,
                      int frequencies) {
    int i = GLOBAL_ID(0), half_of = output.channels / 2;
    if (i >= half_of) return;
    float t = LOAD(arena, input.start);
    float high = values[frequencies + i], low = values[frequencies + half_of + i];
    float angle = t * high;
    float rest = fma(t, high, -angle) + t * low;
    float s = sin(angle), c = cos(angle);
    STORE(arena, output.start + i, s + c * rest);
    STORE(arena, output.start + half_of + i, c - s * rest);
}
