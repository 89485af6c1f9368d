//! A thin safe face over the OpenFX C interface, for plug-ins.
