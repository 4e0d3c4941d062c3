//! A grant is for one act: it cannot be kept and used again by a copy.
use custody::Grant;

fn hoard(grant: &Grant) -> Grant {
    grant.clone()
}

fn default() -> Grant {
    Grant::default()
}

fn main() {}
