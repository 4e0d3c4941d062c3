//! What an editor asks while a policy is being typed: what may stand here, what this means, where it was declared.
//! Works on text that does not read yet. Knows no protocol; answers in bytes of the text.

mod complete;
mod define;
mod hover;
mod keywords;
mod names;
mod position;
mod within;

pub use complete::{Completion, Sort, complete};
pub use define::define;
pub use hover::hover;
pub use names::{Declared, declared};
pub use position::{Position, offset_of, position_of};
