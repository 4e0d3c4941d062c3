//! Intake: reading files that other programs wrote, and guessing what their columns are.
//!
//! Bytes in, rows and guesses out. Nothing here stores anything or decides whether it may be stored; a
//! row that cannot be taken is a row with a problem, never a lost row and never a failed file.

pub mod column;
pub mod decode;
pub mod draft;
pub mod heading;
pub mod outgoing;
pub mod sheet;
pub mod source;

pub use column::{ColumnGuess, NamePart, Target};
pub use decode::{Decoded, decode};
pub use draft::{Draft, RowProblem};
pub use sheet::{Problem, Row, Sheet};
pub use source::Source;

/// The largest file that is read, in bytes.
pub const MAX_FILE_BYTES: usize = 40 * 1024 * 1024;
/// The longest cell that is taken, in bytes: what a spreadsheet cell can hold.
pub const MAX_CELL_BYTES: usize = 32 * 1024;
/// The most rows of one file.
pub const MAX_ROWS: usize = 200_000;
/// The most columns of one file.
pub const MAX_COLUMNS: usize = 512;
