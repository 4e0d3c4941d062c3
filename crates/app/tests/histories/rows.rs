//! The rows of the model's world, found by their keys and by whom they are about.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;

use jiff::civil::Date;

use crate::plain::Row;

/// A table and a number in it.
pub type Key = (String, i64);

/// A row and what clocks may count from in it.
#[derive(Clone, Debug)]
pub struct Lying {
    pub row: Row,
    /// The day it was written.
    pub written: Date,
    pub about: About,
}

/// What a row says of itself, as it lies in its table.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct About {
    /// Collected, happened, or put among what waits to be sent.
    pub on: Option<Date>,
    /// `in`, `out`, `both`.
    pub direction: Option<String>,
    pub closed: Option<Date>,
    pub sent: Option<Date>,
    /// Of a message.
    pub state: Option<String>,
    /// Of a request that needs what is held: until when it keeps what is due.
    pub access_until: Option<Date>,
    /// A value by which people are found, in its normal form, or a birthday.
    pub value: Option<String>,
}

/// All rows. People may be cut from one that lies there; nobody comes into it.
#[derive(Clone, Default)]
pub struct Rows {
    all: BTreeMap<Key, Lying>,
    /// Whose each was when it came.
    theirs: BTreeMap<i64, BTreeSet<Key>>,
}

impl Deref for Rows {
    type Target = BTreeMap<Key, Lying>;

    fn deref(&self) -> &Self::Target {
        &self.all
    }
}

impl Rows {
    pub fn insert(&mut self, key: Key, lying: Lying) {
        for (who, _) in &lying.row.people {
            self.theirs.entry(*who).or_default().insert(key.clone());
        }
        self.all.insert(key, lying);
    }

    pub fn remove(&mut self, key: &Key) {
        for (who, _) in self.all.remove(key).iter().flat_map(|lying| &lying.row.people) {
            self.theirs.entry(*who).or_default().remove(key);
        }
    }

    pub fn get_mut(&mut self, key: &Key) -> Option<&mut Lying> {
        self.all.get_mut(key)
    }

    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut Lying> {
        self.all.values_mut()
    }

    /// Those about somebody.
    pub fn of(&self, who: i64) -> Vec<&Lying> {
        let theirs = self.theirs.get(&who).into_iter().flatten().filter_map(|key| self.all.get(key));
        theirs.filter(|lying| lying.row.people.iter().any(|(about, _)| *about == who)).collect()
    }
}
