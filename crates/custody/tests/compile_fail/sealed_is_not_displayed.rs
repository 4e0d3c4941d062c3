//! A sealed value cannot be put into text.
use custody::Sealed;

fn page(value: &Sealed) -> String {
    format!("<td>{value}</td>")
}

fn main() {}
