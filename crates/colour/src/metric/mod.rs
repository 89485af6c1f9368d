//! Spaces in which pictures are compared: PU21, ICtCp and ITP, CIE XYZ and Lab.
//!
//! Luminance goes in and comes out absolute, in nits (cd/m^2). PQ is in [`crate::transfer`].

mod ictcp;
mod lab;
mod pu21;

pub use ictcp::{delta_e_itp, ictcp_from_rgb, itp_from_rgb, rgb_from_ictcp};
pub use lab::{delta_e_76, lab_from_xyz, rgb_from_xyz, xyz_from_lab, xyz_from_rgb};
pub use pu21::{PU21_RANGE_NITS, Pu21, pu21_decoding, pu21_encoding};
