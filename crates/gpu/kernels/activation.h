// Functions that end a layer. The numbers are those of `activation` in crates/gpu/src/layout.rs.

#define ACTIVATION_NONE 0
#define ACTIVATION_RELU 1
#define ACTIVATION_LEAKY_RELU 2
#define ACTIVATION_SILU 3
#define ACTIVATION_SIGMOID 4
#define ACTIVATION_SOFTPLUS 5
#define ACTIVATION_TANH 6
#define ACTIVATION_RELU6 7

FN float activate(int function, float slope, float x) {
    switch (function) {
    case ACTIVATION_RELU: return x < 0.0f ? 0.0f : x;
    case ACTIVATION_LEAKY_RELU: return x <= 0.0f ? slope * x : x;
    case ACTIVATION_SILU: return x / (1.0f + exp(-x));
    case ACTIVATION_SIGMOID: return 1.0f / (1.0f + exp(-x));
    // In this order what is not a number stays so.
    case ACTIVATION_SOFTPLUS: return (x < 0.0f ? 0.0f : x) + log1p(exp(-fabs(x)));
    case ACTIVATION_TANH: return tanh(x);
    case ACTIVATION_RELU6: return x < 0.0f ? 0.0f : x > 6.0f ? 6.0f : x;
    default: return x;
    }
}
