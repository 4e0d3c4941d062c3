//! Worlds: small stories of people for each policy pack, played through the acts with a simulated clock.
//! Nobody in them exists.

/// The sign-in that a practice instance shows on its sign-in page.
pub const SIGN_IN_HINT: &str = "helen.marsh@cti.example, password: practice makes perfect";
