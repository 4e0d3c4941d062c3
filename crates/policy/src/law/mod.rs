//! The law's own calendar: periods that a statute sets and no policy may lengthen.

pub mod holidays;
pub mod transfer;
pub mod uk;
