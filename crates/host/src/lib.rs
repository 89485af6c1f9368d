//! An OpenFX host that checks what a plug-in does.
