//! Training on made pictures: every network, every way in which a run ends and goes on.

mod document;
mod ends;
mod learns;
mod made;
mod networks;
mod resumes;
mod safe;
