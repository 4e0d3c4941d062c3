//! What was opened is still not text: it is revealed in the few places where it leaves the program.
use custody::{Grant, Sealed};

fn log(value: &Sealed, grant: &Grant) -> String {
    match value.open(grant) {
        Ok(shown) => format!("{shown} {shown:?}"),
        Err(_) => String::new(),
    }
}

fn main() {}
