// How far inside what clips a pixel lies: src/expand/edge.rs.

// The ramp of the clip mask of each channel, of the picture as it is stored; its last pixels go on beyond it.
FN void clip_ramps(GLOBAL const float *memory, Picture picture, Ingest ingest, Clip clip, Told told, int x, int y,
                   float *ramps) {
    int rows = (picture.y2 - 1 - picture.y1) / picture.step * picture.step;
    x = x < picture.x1 ? picture.x1 : x >= picture.x2 ? picture.x2 - 1 : x;
    y = y < picture.y1 ? picture.y1 : y >= picture.y2 ? picture.y1 + rows : y;
    stored_signal(memory, picture, ingest, x, y, ramps);
    if (!clip.any_channel) ramps[0] = ramps[1] = ramps[2] = lesser(ramps[0], lesser(ramps[1], ramps[2]));
    for (int i = 0; i < 3; i++) ramps[i] = ramp_of_code(told, ramps[i]);
}

// Share of the stops of each channel: 1 where all nine pixels around it clip.
FN void shares_inside(GLOBAL const float *memory, Picture picture, Ingest ingest, Clip clip, Told told, int x, int y,
                      float *shares) {
    for (int i = 0; i < 3; i++) shares[i] = 0.0f;
    for (int down = -1; down <= 1; down++)
        for (int along = -1; along <= 1; along++) {
            float ramps[3], weight = (down == 0 ? 0.5f : 0.25f) * (along == 0 ? 0.5f : 0.25f);
            clip_ramps(memory, picture, ingest, clip, told, x + along, y + down * picture.step, ramps);
            for (int i = 0; i < 3; i++) shares[i] += weight * ramps[i];
        }
    for (int i = 0; i < 3; i++) shares[i] *= sqrt(shares[i]);
}
