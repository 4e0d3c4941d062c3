//! What the instance holds: plain synchronous functions over one database transaction, a file per noun.
pub mod normal;
