//! Transfer functions, named by standard and direction; exact, in f64, one pixel component at a
//! time. What needs speed uses [`crate::vector`], which is tested against these.
//!
//! Conventions: an `eotf` or `log_decoding` takes encoded signal (0 to 1) to linear light, an
//! `oetf`, `inverse_eotf` or `log_encoding` takes linear light to signal. Linear 1.0 is the
//! document's reference white (a perfect reflector for cameras). Nothing here clamps unless its
//! description says that the document asks for it. NaN gives NaN.

mod acescc;
mod acescct;
mod apple_log;
mod bmdfilm;
mod bt709;
mod camera_log;
mod canon;
mod davinci;
mod dlog;
mod gamma;
mod hlg;
mod log3g10;
mod logc3;
mod logc4;
mod moncurve;
mod slog3;
mod srgb;
mod st2084;
mod vlog;

pub use acescc::{ACESCC_FLOOR, log_decoding_acescc, log_encoding_acescc};
pub use acescct::{ACESCCT, log_decoding_acescct, log_encoding_acescct};
pub use apple_log::{AppleLog, log_decoding_apple_log, log_encoding_apple_log};
pub use bmdfilm::{BMDFILM_GEN5, log_decoding_bmdfilm_gen5, log_encoding_bmdfilm_gen5};
pub use bt709::{BT709, inverse_oetf_bt709, oetf_bt709};
pub use camera_log::CameraLog;
pub use canon::{
    CanonLog2, CanonLog3, log_decoding_canonlog2, log_decoding_canonlog3, log_encoding_canonlog2,
    log_encoding_canonlog3,
};
pub use davinci::{
    DAVINCI_INTERMEDIATE, log_decoding_davinci_intermediate, log_encoding_davinci_intermediate,
};
pub use dlog::{DLOG, log_decoding_dlog, log_encoding_dlog};
pub use gamma::{
    ADOBE_RGB_GAMMA, Negatives, eotf_bt1886, eotf_gamma, inverse_eotf_bt1886, inverse_eotf_gamma,
};
pub use hlg::{
    HLG_BLACK_FLOOR, HLG_PEAK_NITS, HLG_SYSTEM_GAMMA, Hlg, inverse_oetf_hlg, inverse_ootf_hlg,
    oetf_hlg, ootf_hlg,
};
pub use log3g10::{LOG3G10, log_decoding_log3g10, log_encoding_log3g10};
pub use logc3::{EXPOSURE_INDICES, log_decoding_logc3, log_encoding_logc3, logc3};
pub use logc4::{LOGC4, log_decoding_logc4, log_encoding_logc4};
pub use moncurve::Moncurve;
pub use slog3::{SLOG3, log_decoding_slog3, log_encoding_slog3};
pub use srgb::{
    SRGB, eotf_srgb, eotf_srgb_mirrored, inverse_eotf_srgb, inverse_eotf_srgb_mirrored,
};
pub use st2084::{PQ_PEAK_NITS, St2084, eotf_st2084, inverse_eotf_st2084};
pub use vlog::{VLOG, log_decoding_vlog, log_encoding_vlog};
