//! The policies that come with the program and the world of each: sound, told right by their scenarios, their promises broken one by
//! one, their months foretold. Their years night by night are in `robust/years.rs`.

#![expect(clippy::unwrap_used, reason = "a test says what is wrong by failing")]

#[path = "../common/mod.rs"]
mod common;
mod foretold;
mod keeping;
mod packs;
mod rehearse;

use app::world::Pack;
use common::copied::copy_of;
use common::{Data, played};
use store::keys::Secret;

/// A pack's world at the end of its story, closed, and what opens it. Its text need not be compiled in again to be tried.
fn at_its_end(pack: &Pack) -> (Data, Secret) {
    let secret = Secret::of([3; 32]);
    let data = copy_of(pack.name, None, |data| {
        let world = format!("{}/../../worlds/{}.toml", env!("CARGO_MANIFEST_DIR"), pack.name);
        let world = std::fs::read_to_string(world).unwrap();
        drop(played(data, &secret, pack.policy().unwrap(), &world));
    });
    (data, secret)
}
