//! Mail: a message put together and handed to the mail server, and messages fetched from a mailbox. Whether one may be
//! sent was decided before it comes here, whose one is that came is decided after; nothing here looks at a person.

pub mod compose;
pub mod dkim;
pub mod dns;
pub mod inbox;
pub mod letter;
pub mod link;
pub mod picture;
mod plain;
pub mod post;
pub mod sender;

pub use compose::{ComposeError, Kind, Outgoing, compose};
pub use sender::{SendError, Sender, Stage};
