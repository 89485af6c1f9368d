//! Raw OpenFX bindings: openfx-sys and what it lacks.
