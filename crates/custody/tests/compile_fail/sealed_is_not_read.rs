//! A sealed value has no way in but `open`.
use custody::Sealed;

fn peek(value: &Sealed) -> String {
    value.value.0.clone()
}

fn main() {}
