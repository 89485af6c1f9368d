//! A filmic curve: a logistic function of the exposure in stops.
//!
//! With `e = log2(light / 0.18)` and `s(x) = 1 / (1 + exp(-STEEPNESS x))`, the signal is
//! `(s(e - c) - s(-8 - c)) / (s(4.2 - c) - s(-8 - c))`: 0 at the toe 8 stops below mid-grey and
//! 1 at the white 4.2 stops above it. The centre `c` is what puts mid-grey at one half.

use std::sync::LazyLock;

/// Linear light of mid-grey.
const MID_GREY: f64 = 0.18;
/// Stops from mid-grey to black.
const TOE: f64 = -8.0;
/// Stops from mid-grey to white.
const WHITE: f64 = 4.2;
/// Steepness per stop: about one sixth of full scale per stop at mid-grey, a little more than the
/// sRGB curve has there.
const STEEPNESS: f64 = 0.7;

fn logistic(stops: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-STEEPNESS * stops))
}

/// Where the logistic function begins and ends.
fn ends(centre: f64) -> [f64; 2] {
    [logistic(TOE - centre), logistic(WHITE - centre)]
}

/// Part of the logistic function that signals 0 and 1 stand for: the light of a signal between them is, up to a factor
/// and a power of ln 2 / STEEPNESS, the odds of what lies there.
pub(crate) static SPAN: LazyLock<[f64; 2]> = LazyLock::new(|| ends(*CENTRE));

fn signal(stops: f64, centre: f64) -> f64 {
    let [low, high] = ends(centre);
    (logistic(stops - centre) - low) / (high - low)
}

/// The centre that gives mid-grey one half, by bisection: the signal falls as the centre rises.
static CENTRE: LazyLock<f64> = LazyLock::new(|| {
    let (mut low, mut high) = (-4.0, 4.0);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if signal(0.0, middle) > 0.5 {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
});

/// Exposure to signal; 0 at and below the toe, 1 at and above white.
pub(super) fn curve(light: f64) -> f64 {
    if light <= 0.0 {
        return 0.0;
    }
    let stops = libm::log2(light / MID_GREY).clamp(TOE, WHITE);
    signal(stops, *CENTRE)
}
