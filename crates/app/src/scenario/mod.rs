//! Scenarios: what a policy means, told as short stories and played on a throw-away instance. A line says what is
//! given, what is tried or which day comes, and what must then be so. Touches no real instance.

mod attempt;
mod look;
mod play;
mod read;

pub use play::{Played, play};
pub use read::{Part, Scenario, ScenarioError, Step, read};
