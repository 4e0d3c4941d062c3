//! "Why do we hold this?", as sentences a member of staff can read out.

use jiff::civil::Date;
use policy::{ActivityId, Policy};

use crate::life::Life;

/// A piece of a sentence, so that a page can set it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Segment {
    /// Plain words.
    Text(String),
    /// What matters most: kinds, dates.
    Strong(String),
    /// The person's name, which this crate does not know.
    Name,
}

/// Whether a channel may be used under a card's activity, and why not.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ChannelAnswer {
    /// The channel's title: "news by e-mail".
    pub channel: String,
    /// Whether it may be used today.
    pub open: bool,
    /// Why not, or on what: "they asked on 3 Mar 2026".
    pub reason: String,
}

/// One purpose for which a person is held.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Card {
    /// The activity.
    pub activity: ActivityId,
    /// Its title: "Coaching sessions".
    pub title: String,
    /// What is held, in the notice's words.
    pub kinds: Vec<String>,
    /// The basis: "your signed consent".
    pub basis: String,
    /// Since when.
    pub since: Date,
    /// The last day, once known.
    pub until: Option<Date>,
    /// The sentences.
    pub sentences: Vec<Vec<Segment>>,
    /// What would change this, one event a line.
    pub changes: Vec<String>,
    /// With whom it is shared.
    pub shared_with: Vec<String>,
    /// Channels, each with a reason.
    pub channels: Vec<ChannelAnswer>,
}

/// Every purpose for which the person is held today, the longest-lived first.
#[must_use]
pub fn why(policy: &Policy, life: &Life, today: Date) -> Vec<Card> {
    let _ = (policy, life, today);
    Vec::new()
}
