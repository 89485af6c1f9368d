// Tensors in the arena: channels last, pixels `stride` numbers apart, rows without gaps.

typedef struct {
    int start;
    int height;
    int width;
    int channels;
    int stride;
} View;

// Where the numbers of a pixel begin.
FN int pixel_of(View view, int y, int x) {
    return view.start + (y * view.width + x) * view.stride;
}
