// Repairs the steps of 8-bit or 10-bit storage: src/expand/dequantise.rs.

typedef struct {
    // 0: nothing is repaired.
    float amount;
    // From full-range code to stored codes.
    float scale;
    float offset;
    // How far a code may be from a whole one.
    float tolerance;
} Dequantise;

// Stored codes of a pixel.
FN void stored_codes(GLOBAL const float *memory, Picture picture, Ingest ingest, Dequantise by, int x, int y,
                     float *stored) {
    stored_signal(memory, picture, ingest, x, y, stored);
    for (int i = 0; i < 3; i++) stored[i] = stored[i] * by.scale + by.offset;
}

// How far each value should move, in stored codes.
FN void repair(GLOBAL const float *memory, Picture picture, Ingest ingest, Dequantise by, int x, int y,
               float *delta) {
    float here[3], a[3], b[3], sum[3] = {0.0f, 0.0f, 0.0f}, weight[3] = {1.0f, 1.0f, 1.0f};
    stored_codes(memory, picture, ingest, by, x, y, here);
    for (int i = 0; i < 5; i++) {
        int reach = 1 << i;
        float counts = i < 3 ? 1.0f : i == 3 ? 0.8f : 0.5f;
        for (int way = 0; way < 4; way++) {
            int dx = way == 1 ? 0 : way == 3 ? -reach : reach;
            int dy = way == 0 ? 0 : reach;
            stored_codes(memory, picture, ingest, by, x - dx, y - dy, a);
            stored_codes(memory, picture, ingest, by, x + dx, y + dy, b);
            for (int c = 0; c < 3; c++) {
                if (greater(fabs(a[c] - here[c]), fabs(b[c] - here[c])) > 1.2f) continue;
                weight[c] += counts;
                sum[c] += counts * (0.5f * (a[c] + b[c]) - here[c]);
            }
        }
    }
    for (int c = 0; c < 3; c++) {
        int whole = fabs(here[c] - floor(here[c] + 0.5f)) <= by.tolerance;
        delta[c] = whole ? greater(lesser(sum[c] / weight[c], 0.5f), -0.5f) * by.amount : 0.0f;
    }
}

// Adds to linear light what the change of its sRGB code amounts to.
FN void repair_light(Ingest ingest, Dequantise by, const float *delta, float *light) {
    for (int i = 0; i < 3; i++) {
        if (delta[i] == 0.0f) continue;
        float code = srgb_code(light[i] * (1.0f / ingest.exposure));
        float change = srgb_light(code + delta[i] / by.scale) - srgb_light(code);
        light[i] += change * ingest.exposure;
    }
}
