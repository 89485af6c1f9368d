// Drives an OpenFX plug-in through MLT's own OpenFX host: a ramp with a clipped patch goes in.
#include <framework/mlt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static mlt_image_format want;
static int get_image(mlt_frame f, uint8_t **image, mlt_image_format *format, int *w, int *h, int writable) {
    (void)writable; int wide = *format == mlt_image_rgba64; *format = wide ? mlt_image_rgba64 : mlt_image_rgba;
    int size = *w * *h * (wide ? 8 : 4); uint8_t *p = mlt_pool_alloc(size); uint16_t *p16 = (uint16_t *)p;
    for (int y = 0; y < *h; y++) for (int x = 0; x < *w; x++) {
        int q[4] = {255 * x / (*w - 1), 255 * y / (*h - 1), 128, 255};
        if (x > *w / 2 && y > *h / 2) q[0] = q[1] = q[2] = 255;
        for (int c = 0; c < 4; c++) { size_t i = 4 * ((size_t)y * *w + x) + c; if (wide) p16[i] = q[c] * 257; else p[i] = q[c]; } }
    mlt_frame_set_image(f, p, size, mlt_pool_release); *image = p; return 0; }
static int get_frame(mlt_producer p, mlt_frame_ptr out, int index) { (void)index;
    *out = mlt_frame_init(MLT_PRODUCER_SERVICE(p)); mlt_frame_set_position(*out, mlt_producer_position(p));
    mlt_frame_push_get_image(*out, get_image);
    mlt_properties_set_int(MLT_FRAME_PROPERTIES(*out), "test_image", 0);
    mlt_producer_prepare_next(p); return 0; }
int main(int argc, char **argv) {
    setvbuf(stdout, NULL, _IONBF, 0);
    mlt_repository r = mlt_factory_init(argv[1]);
    mlt_properties filters = mlt_repository_filters(r);
    char *name = NULL;
    for (int i = 0; i < mlt_properties_count(filters); i++) { char *n = mlt_properties_get_name(filters, i); if (!strncmp(n, "openfx.", 7)) { printf("found %s\n", n); name = n; } }
    if (!name) { puts("no OpenFX plug-in found"); return 1; }
    mlt_properties meta = mlt_repository_metadata(r, mlt_service_filter_type, name);
    printf("title %s, parameters %d\n", mlt_properties_get(meta, "title"), mlt_properties_count(mlt_properties_get_data(meta, "parameters", NULL)));
    mlt_profile profile = mlt_profile_init("square_pal"); profile->width = 320; profile->height = 180;
    for (int round = 0; round < 3; round++) {
        mlt_producer p = calloc(1, sizeof *p); mlt_producer_init(p, NULL); p->get_frame = get_frame;
        mlt_filter f = mlt_factory_filter(profile, name, NULL);
        if (!f) { puts("filter not made"); return 1; }
        for (int a = 2; a + 1 < argc; a += 2) mlt_properties_set(MLT_FILTER_PROPERTIES(f), argv[a], argv[a + 1]);
        mlt_filter c = mlt_factory_filter(profile, "imageconvert", NULL); if (!c) { puts("no imageconvert"); return 1; } mlt_producer_attach(p, c); mlt_filter_close(c);
        mlt_producer_attach(p, f);
        for (int n = 0; n < 3; n++) {
            mlt_frame frame; mlt_producer_seek(p, n); mlt_service_get_frame(MLT_PRODUCER_SERVICE(p), &frame, 0);
            int w = 320, h = 180; uint8_t *im = NULL; mlt_image_format fm = mlt_image_rgba64;
            int e = mlt_frame_get_image(frame, &im, &fm, &w, &h, 0);
            printf("round %d frame %d error %d format %s %dx%d:", round, n, e, mlt_image_format_name(fm), w, h);
            int at[][2] = {{80, 45}, {10, 170}, {300, 10}, {300, 170}};
            for (int k = 0; k < 4; k++) { int i = 4 * (at[k][1] * w + at[k][0]);
                if (fm == mlt_image_rgba64) { uint16_t *q = (uint16_t *)im + i; printf(" (%d %d %d %d)", q[0], q[1], q[2], q[3]); }
                else printf(" (%d %d %d %d)", im[i], im[i+1], im[i+2], im[i+3]); }
            puts(""); mlt_frame_close(frame); }
        mlt_filter_close(f); mlt_producer_close(p); }
    mlt_factory_close(); puts("closed"); return 0; }
