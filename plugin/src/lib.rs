//! The OpenFX plug-in.
