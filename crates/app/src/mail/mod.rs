//! Mail: a message put together and handed to the mail server. Whether it may be sent was decided before
//! it comes here; nothing here looks at a person.

pub mod compose;
pub mod letter;
pub mod post;
pub mod sender;

pub use compose::{ComposeError, Kind, Outgoing, compose};
pub use sender::{SendError, Sender};
