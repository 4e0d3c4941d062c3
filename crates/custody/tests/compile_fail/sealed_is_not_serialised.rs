//! A sealed value cannot be sent as JSON.
use custody::Sealed;

fn answer<T: serde::Serialize>(_: &T) {}

fn send(value: &Sealed) {
    answer(value);
}

fn main() {}
