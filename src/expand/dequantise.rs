//! Repairs the steps of an 8-bit or 10-bit signal in flat areas.
