//! What would become of a row, before anything is taken: looked at one by one ([`super::planning`] looks at all of them), rows put
//! right, and people who were held back let in on their own word.

use std::collections::{BTreeMap, BTreeSet};

use custody::id::{ImportId, PersonId};
use jiff::civil::Date;
use policy::activity::Purpose;
use policy::channel::Means;
use policy::policy::Clause;
use serde_json::json;
use store::import::matching::{Addition, Incoming, addition, find, known_of};
use store::import::{self, ImportRow, Outcome, State};
use store::normal::{self, Shape};
use store::suppression::Forbids;
use store::{Tx, certificate, suppression};

use super::{Importing, Raw, must_stand};
use crate::acts::{Acting, familiar};
use crate::fault::Fault;
use crate::intake::{Draft, Row, Sheet, Target, draft};
use policy::role::Deed;

/// What each column becomes. A word for something undeclared is refused.
pub(super) fn targets(
    importing: &Importing<'_>,
    sheet: &Sheet,
    words: &[String],
) -> Result<Vec<Target>, Fault> {
    if words.len() != sheet.headers.len() {
        return Err(Fault::field("columns", "The file has other columns than these. Begin again."));
    }
    let mut targets = Vec::with_capacity(words.len());
    for (at, word) in words.iter().enumerate() {
        let target = Target::of_word(word, &importing.kinds).ok_or_else(|| {
            let what = word.rsplit(':').next().unwrap_or(word);
            Fault::field(
                &format!("column-{at}"),
                format!("The policy does not declare {what} for {}.", importing.activity.name),
            )
        })?;
        targets.push(target);
    }
    if targets.iter().all(|target| *target == Target::Ignore) {
        return Err(Fault::field("columns", "Every column is left out, so nothing would come in."));
    }
    Ok(targets)
}

/// The cells of declared columns, as they are kept: nothing else of the file is.
pub(super) fn kept(importing: &Importing<'_>, row: &Row) -> Result<String, Fault> {
    let cells = importing
        .targets
        .iter()
        .enumerate()
        .filter(|(at, target)| **target != Target::Ignore && !row.cell(*at).is_empty())
        .map(|(at, _)| (at, row.cell(at).to_owned()))
        .collect();
    let raw = Raw { cells, shape: row.problem.as_ref().map(|problem| problem.message.clone()) };
    serde_json::to_string(&raw).map_err(|error| Fault::Other(error.to_string()))
}

/// Rows of whose addresses and numbers nothing is known: nobody has them, none objected, none was let go. Most rows of
/// most files are such, and each of them would cost half a dozen questions.
#[derive(Default)]
pub(super) struct Strangers {
    lines: BTreeSet<i64>,
    /// What rows taken since have brought.
    taken: BTreeSet<String>,
}

impl Strangers {
    /// Looks for all the addresses and numbers of some rows together.
    pub(super) fn among(
        acting: &Acting<'_>,
        tx: &Tx<'_>,
        importing: &Importing<'_>,
        rows: &[ImportRow],
    ) -> Result<Self, Fault> {
        let drafts: Vec<(i64, Draft)> =
            rows.iter().filter_map(|row| Some((row.line, importing.draft(row).ok()?))).collect();
        let mut identities = Vec::new();
        let mut lines = Vec::new();
        let mut strangers = BTreeSet::new();
        for (line, draft) in &drafts {
            for identity in importing.identities(draft) {
                identities.push(identity);
                lines.push(*line);
                strangers.insert(*line);
            }
        }
        for at in known_of(tx, acting.instance.store.keys(), &identities)? {
            if let Some(line) = lines.get(at) {
                strangers.remove(line);
            }
        }
        Ok(Self { lines: strangers, taken: BTreeSet::new() })
    }

    /// Whether a row is still about nobody known.
    fn are(&self, importing: &Importing<'_>, line: i64, draft: &Draft) -> bool {
        self.lines.contains(&line)
            && (self.taken.is_empty()
                || importing
                    .identities(draft)
                    .all(|(kind, value)| !self.taken.contains(&normal::value(kind, value))))
    }

    /// Notes what a row has brought: a later one with the same is about no stranger.
    pub(super) fn took(&mut self, importing: &Importing<'_>, draft: &Draft) {
        let brought = importing.identities(draft).map(|(kind, value)| normal::value(kind, value));
        self.taken.extend(brought);
    }
}

/// Rows of the same file that will be new people, by their addresses: a later row about one of them is none.
#[derive(Default)]
pub(super) struct Seen {
    before: BTreeMap<String, Vec<(i64, String)>>,
    /// In the transaction that runs, which may run again.
    now: BTreeMap<String, Vec<(i64, String)>>,
}

impl Seen {
    /// Nothing was seen since what was kept.
    pub(super) fn anew(&mut self) {
        self.now.clear();
    }

    /// What was seen is kept.
    pub(super) fn keep(&mut self) {
        for (address, rows) in std::mem::take(&mut self.now) {
            self.before.entry(address).or_default().extend(rows);
        }
    }

    /// The earlier row about the same person, if there is one; otherwise this one is remembered.
    fn earlier(&mut self, importing: &Importing<'_>, draft: &Draft, line: i64) -> Option<i64> {
        let name = importing.name_of(draft).map(normal::name).unwrap_or_default();
        let addresses: Vec<String> = importing
            .identities(draft)
            .filter(|(kind, _)| Shape::of(kind) == Shape::Email)
            .map(|(kind, value)| normal::value(kind, value))
            .collect();
        let known = addresses.iter().find_map(|address| {
            let mut rows =
                [&self.before, &self.now].into_iter().filter_map(|seen| seen.get(address)).flatten();
            rows.find(|(_, theirs)| *theirs == name || theirs.is_empty() || name.is_empty())
                .map(|(line, _)| *line)
        });
        if known.is_none() {
            for address in addresses {
                self.now.entry(address).or_default().push((line, name.clone()));
            }
        }
        known
    }
}

impl Importing<'_> {
    /// The clause by which a row was held back for a reason.
    #[must_use]
    pub fn clause_behind(&self, reason: &str) -> Option<Clause> {
        let keeps = |record: &str| {
            let kind = self.policy.kind_named(record)?.id;
            self.policy.rules.iter().find(|rule| rule.kinds.contains(kind)).map(|rule| Clause::Keep(rule.id))
        };
        if reason.starts_with("was erased") {
            let mut registers = self.policy.requests.registers.iter();
            let at = registers.position(|register| register.name == "erasure");
            return at.map(Clause::Register).or_else(|| keeps("certificate"));
        }
        keeps(if reason.starts_with("was let go") { "certificate" } else { "suppression" })
    }

    /// Counts the ways of reaching somebody whom a row will add.
    pub(super) fn count(&mut self, row: &ImportRow) {
        if !matches!(row.outcome, Outcome::Create | Outcome::Back) {
            return;
        }
        let Ok(draft) = self.draft(row) else { return };
        let has = |shape| self.identities(&draft).any(|(kind, _)| Shape::of(kind) == shape);
        let (phone, email) = (has(Shape::Phone), has(Shape::Email));
        self.said.phones += u64::from(phone);
        self.said.emails += u64::from(email);
    }

    /// The name in a draft.
    #[must_use]
    pub fn name_of<'d>(&self, draft: &'d Draft) -> Option<&'d str> {
        let is_name = |id| self.kinds.iter().any(|kind| kind.id == id && draft::is_name(&kind.name));
        draft.items.iter().find(|(kind, _)| is_name(*kind)).map(|(_, value)| value.as_str())
    }

    /// The addresses and numbers in a draft, with the names of their kinds.
    fn identities<'d>(&'d self, draft: &'d Draft) -> impl Iterator<Item = (&'d str, &'d str)> {
        draft.items.iter().filter_map(|(id, value)| {
            let kind = self.kinds.iter().find(|kind| kind.id == *id)?;
            Shape::of(&kind.name).identifies()?;
            Some((kind.name.as_str(), value.as_str()))
        })
    }

    /// A draft as the store compares it.
    pub(super) fn incoming<'d>(&'d self, draft: &'d Draft) -> Incoming<'d> {
        Incoming {
            items: &draft.items,
            organisation: draft.organisation.as_deref(),
            category: self.category_name(),
        }
    }
}

/// What a row that can be read would do.
pub(super) enum Verdict {
    /// Add somebody.
    New,
    /// Add this to somebody who is here.
    Known(PersonId, Addition),
    /// Be held back, and why.
    Held(String),
}

/// Looks at one row and writes into it what would become of it.
pub(super) fn look(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    importing: &Importing<'_>,
    row: &mut ImportRow,
    seen: Option<&mut Seen>,
    strangers: &Strangers,
) -> Result<(), Fault> {
    let draft = match importing.draft(row) {
        Ok(draft) => draft,
        Err(problems) => {
            row.outcome = Outcome::Wrong;
            // The sentences quote cells; what is kept does not.
            let words = problems.iter().map(|problem| {
                let heading = problem.column.and_then(|at| importing.said.headings.get(at));
                heading
                    .map_or_else(|| problem.what.to_owned(), |heading| format!("{heading}: {}", problem.what))
            });
            row.reason = Some(words.collect::<Vec<_>>().join("; "));
            return Ok(());
        }
    };
    let is_back = row.outcome == Outcome::Back;
    (row.outcome, row.person, row.reason) =
        match judge(acting, tx, importing, row.line, &draft, is_back, strangers)? {
            Verdict::Held(why) => (Outcome::Held, None, Some(why)),
            Verdict::New => match seen.and_then(|seen| seen.earlier(importing, &draft, row.line)) {
                Some(line) => (Outcome::Same, None, Some(format!("the same person as in row {line}"))),
                None if is_back => (Outcome::Back, None, row.reason.take()),
                None => (Outcome::Create, None, None),
            },
            Verdict::Known(person, addition) if addition.is_nothing() => (Outcome::Same, Some(person), None),
            Verdict::Known(person, addition) => {
                (Outcome::Update, Some(person), Some(added(importing, &draft, &addition)))
            }
        };
    Ok(())
}

/// What a readable row would do: held back if its address or number objected, or was let go and is not
/// known again; otherwise new, or an addition to whoever it is about.
pub(super) fn judge(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    importing: &Importing<'_>,
    line: i64,
    draft: &Draft,
    is_back: bool,
    strangers: &Strangers,
) -> Result<Verdict, Fault> {
    if strangers.are(importing, line, draft) {
        return Ok(Verdict::New);
    }
    if !is_back && let Some(why) = objected(acting, tx, importing, draft)? {
        return Ok(Verdict::Held(why));
    }
    let incoming = importing.incoming(draft);
    if let Some(person) = find(tx, &acting.policy, (importing.batch.id, line), &incoming)? {
        return Ok(Verdict::Known(person, addition(tx, &acting.policy, person, &incoming)?));
    }
    if !is_back && let Some(why) = let_go(acting, tx, importing, draft)? {
        return Ok(Verdict::Held(why));
    }
    Ok(Verdict::New)
}

fn objected(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    importing: &Importing<'_>,
    draft: &Draft,
) -> Result<Option<String>, Fault> {
    let keys = acting.instance.store.keys();
    let marketing = importing.activity.purpose == Purpose::DirectMarketing;
    let means = |wanted: Means| {
        let mut channels = importing.activity.channels.iter();
        channels
            .any(|id| acting.policy.channels.get(id.index()).is_some_and(|channel| channel.means == wanted))
    };
    for (kind, value) in importing.identities(draft) {
        let standing = suppression::standing(tx, keys, kind, value)?;
        if standing.contains(&Forbids::AllContact) {
            return Ok(Some(familiar::objected(Forbids::AllContact, kind)));
        }
        if marketing && standing.contains(&Forbids::Marketing) {
            return Ok(Some(familiar::objected(Forbids::Marketing, kind)));
        }
        if marketing && standing.contains(&Forbids::Calls) && means(Means::Phone) {
            return Ok(Some(familiar::objected(Forbids::Calls, kind)));
        }
    }
    Ok(None)
}

fn let_go(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    importing: &Importing<'_>,
    draft: &Draft,
) -> Result<Option<String>, Fault> {
    let keys = acting.instance.store.keys();
    for (kind, value) in importing.identities(draft) {
        let Some(known) = certificate::known(tx, keys, kind, value)? else { continue };
        let day = words(known.on);
        if known.erased {
            return Ok(Some(familiar::erased(&day, kind)));
        }
        if importing.batch.collected_on < known.on {
            return Ok(Some(format!(
                "was let go on {day} when there was no more reason to hold them, and this was collected before"
            )));
        }
    }
    Ok(None)
}

fn words(day: Date) -> String {
    crate::web::frame::words(day)
}

/// What is added to somebody, in words: kinds, never values.
fn added(importing: &Importing<'_>, draft: &Draft, addition: &Addition) -> String {
    let mut words: Vec<&str> = Vec::new();
    for at in &addition.items {
        let kind =
            draft.items.get(*at).and_then(|(id, _)| importing.kinds.iter().find(|kind| kind.id == *id));
        if let Some(kind) = kind
            && !words.contains(&kind.name.as_str())
        {
            words.push(&kind.name);
        }
    }
    if addition.organisation {
        words.push("the organisation");
    }
    if addition.category {
        words.push(importing.category_name());
    }
    words.join(", ")
}

/// Puts cells of one row right, by column, and looks at it again.
///
/// # Errors
/// [`Fault::NotFound`] if there is no such row to put right.
pub fn put_right(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    id: ImportId,
    line: i64,
    cells: &BTreeMap<usize, String>,
) -> Result<Outcome, Fault> {
    acting.must(Deed::Import)?;
    let mut importing = Importing::load(&acting.policy, tx, id)?;
    must_stand(&importing.batch, &[State::Planned])?;
    let mut row = import::row(tx, id, line)?;
    if row.outcome != Outcome::Wrong {
        return Err(Fault::Changed);
    }
    let mut all = importing.cells(&row);
    for (at, value) in cells {
        if importing.targets.get(*at).is_none_or(|target| *target == Target::Ignore) {
            return Err(Fault::NotFound);
        }
        if value.len() > crate::intake::MAX_CELL_BYTES {
            return Err(Fault::field(&format!("column-{at}"), "This is too long."));
        }
        all.insert(*at, value.trim().to_owned());
    }
    // Whoever saves a row has looked at it: its shape is taken as right.
    let raw = Raw { cells: all, shape: None };
    row.raw = Some(serde_json::to_string(&raw).map_err(|error| Fault::Other(error.to_string()))?);
    look(acting, tx, &importing, &mut row, None, &Strangers::default())?;
    importing.count(&row);
    import::say(tx, id, &importing.said.write()?)?;
    import::set_row(tx, id, &row, acting.staff_id(), Some(acting.now))?;
    Ok(row.outcome)
}

/// Lets somebody in who was held back, on their own later word.
///
/// # Errors
/// [`Fault::Changed`] if the row is not held back.
pub fn welcome_back(acting: &Acting<'_>, tx: &Tx<'_>, id: ImportId, line: i64) -> Result<(), Fault> {
    acting.must(Deed::Import)?;
    let mut importing = Importing::load(&acting.policy, tx, id)?;
    must_stand(&importing.batch, &[State::Planned])?;
    let mut row = import::row(tx, id, line)?;
    if row.outcome != Outcome::Held {
        return Err(Fault::Changed);
    }
    row.outcome = Outcome::Back;
    row.reason = Some("asked to come back".to_owned());
    importing.count(&row);
    import::say(tx, id, &importing.said.write()?)?;
    import::set_row(tx, id, &row, acting.staff_id(), Some(acting.now))?;
    acting.log(tx, "import.welcomed_back", &[], &json!({ "import": id.0, "row": line }))
}
