//! Opening needs a grant; nothing else will do.
use custody::Sealed;

fn read(value: &Sealed) -> String {
    value.open().unwrap().reveal().to_owned()
}

fn main() {}
