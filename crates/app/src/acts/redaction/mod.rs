//! Reading before a copy of somebody's data leaves: every text of it and of the files enclosed with it is looked through
//! for others, and of each of them somebody decides whether they stay (DPA 2018 Sch 2 para 16). Neither answer is the
//! default; what nobody has decided keeps the copy here.
//!
//! What is read is the copy itself, as it would leave, so that no table can be forgotten.

mod decide;
mod release;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use ::read::{Reading, Sort};
use custody::id::{DocumentId, PersonId, RequestId};
use custody::{Grant, Life};
use policy::KindSet;
use store::mention::{self, Index, What};
use store::redaction::{self, About, Answer, Decision, Place};
use store::request::{Kind, SubjectRequest};
use store::{Keys, Tx, document, entry};

use super::{Acting, request as desk};
use crate::attachment::Reader;
use crate::fault::Fault;
use crate::print::{Pack, copy, portable};

pub use decide::{Given, KEEP, REMOVE, Why, check, decide, is_exemption, marked, take_back};
pub use release::{Made, Released, released, verified};

/// All of a person's lines.
const ALL: u32 = u32::MAX / 4;
/// How headings of the program's own records begin.
const RECORD: &str = "A record:";
/// What a step begins with that keeps what was found when the pack was made.
const SEALED: &str = "read for the pack: ";
/// Whether a step only keeps what was found when the pack was made: it says nothing to anybody.
#[must_use]
pub fn is_seal(step: &str) -> bool {
    step.starts_with(SEALED)
}

/// What stands where something was taken out.
pub const GONE: &str = "[removed: ";

/// The copy as it would leave, unread, and the files enclosed with it.
#[derive(Clone)]
pub struct Gathered {
    /// For which request.
    pub request: RequestId,
    /// About whom.
    pub person: PersonId,
    /// The copy.
    pub pack: Pack,
    /// The files, each under the name it is enclosed as.
    pub files: Vec<(String, Vec<u8>)>,
    /// Which documents they are, in the same order.
    documents: Vec<DocumentId>,
    /// Texts that are also about somebody else by what they are linked to, by their hash.
    shared: BTreeSet<[u8; 32]>,
}

/// Everything held about whoever asks, opened for them, and the files.
///
/// # Errors
/// [`Fault::NotFound`] once they are gone; [`Fault::Refused`] unless the role may see all of it to answer.
pub fn gather(acting: &Acting<'_>, tx: &Tx<'_>, request: RequestId, files: bool) -> Result<Gathered, Fault> {
    let asked = desk::on_desk(acting, tx, request)?;
    let life = acting.life(tx, asked.person.ok_or(Fault::NotFound)?)?;
    let kinds: KindSet = acting.policy.kinds.iter().map(|kind| kind.id).collect();
    let all = super::person::act(
        custody::Verb::Answer,
        Some(policy::role::Deed::AnswerRequests),
        custody::act::Asked::Exactly(kinds),
    );
    let grant = acting.decide(&all, &[&life], &custody::Gate::default())?;
    acting.opens("pack.opened", &grant);
    gather_with(acting, tx, &asked, (&life, &grant), files)
}

/// The same with a grant that was made already.
///
/// # Errors
/// If the grant does not cover all of it; whatever the store or the disk says.
pub fn gather_with(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    asked: &SubjectRequest,
    (life, grant): (&Life, &Grant),
    files: bool,
) -> Result<Gathered, Fault> {
    let choices = store::pack_choice::of_request(tx, asked.id)?;
    let pack = copy::of(acting, tx, life, grant, Some(asked), &choices)?;
    let keys = acting.instance.store.keys();
    let mut shared = BTreeSet::new();
    for line in entry::of_person(tx, &acting.policy, life.person, (None, None), ALL)? {
        if line.people.iter().any(|(who, _)| *who != life.person) {
            shared.insert(text_mark(keys, &copy::text(&line.body, grant)?));
        }
    }
    let mut held = document::of_person(tx, &acting.policy, life.person)?;
    if asked.kind == Kind::Portability {
        let movable = portable::kinds(&acting.policy, life, asked.received_on, acting.today);
        held.retain(|document| portable::moves_document(movable, document));
    }
    let (mut enclosed, mut documents) = (Vec::new(), Vec::new());
    for (which, name) in copy::enclosed(&held, grant)?.into_iter().filter(|_| files) {
        let Some((file, key)) = held.iter().find(|one| one.id == which).and_then(|one| one.file.as_ref())
        else {
            continue;
        };
        enclosed.push((name, store::files::read(&acting.instance.store, file, key)?.to_vec()));
        documents.push(which);
    }
    Ok(Gathered { request: asked.id, person: life.person, pack, files: enclosed, documents, shared })
}

impl Gathered {
    /// The texts of the files, read in a process of its own.
    #[must_use]
    pub fn readings(&self, reader: &Reader) -> Vec<Reading> {
        reader.texts(&self.files)
    }
}

/// Where a text comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum From {
    /// The copy's own text of this number, as [`Pack::texts_mut`] lists them.
    Pack(usize),
    /// A part of a file.
    File(usize, usize),
    /// A file as a whole, with what of it could not be read.
    Unread(usize),
}

/// A text that speaks of somebody else, or that somebody has to look at.
#[derive(Clone, Debug)]
pub struct Piece {
    /// From where.
    pub from: From,
    /// What it is.
    pub heading: String,
    /// What it says; of what could not be read, why.
    pub text: String,
    /// The places, in order: by number of [`Review::places`].
    pub places: Range<usize>,
    /// Whether it has to be decided as a whole, and under which mark it is.
    pub whole: Whole,
}

/// A decision about a whole text.
#[derive(Clone, Debug)]
pub struct Whole {
    /// Under which mark it is decided.
    pub mark: [u8; 32],
    /// Whether somebody must.
    pub asked: bool,
    /// What was decided.
    pub decision: Option<Decision>,
}

/// A place that speaks of somebody else.
#[derive(Clone, Debug)]
pub struct Spot {
    /// In which piece.
    pub piece: usize,
    /// Where in its text.
    pub span: Range<usize>,
    /// Of whom: a number of [`Review::groups`].
    pub group: usize,
    /// What is decided for this place alone.
    pub here: Option<Decision>,
    /// About this place alone.
    pub about: About,
}

/// Somebody, or something, that texts speak of.
#[derive(Clone, Debug)]
pub struct Group {
    /// Under which mark it is decided.
    pub mark: [u8; 32],
    /// Whom or what.
    pub what: What,
    /// As it is written, at its longest.
    pub said: String,
    /// How often.
    pub times: usize,
    /// What is decided for all of it.
    pub decision: Option<Decision>,
}

/// A copy, read.
#[derive(Clone, Debug)]
pub struct Review {
    /// Texts that have something to decide.
    pub pieces: Vec<Piece>,
    /// Every place.
    pub places: Vec<Spot>,
    /// Whom they are of.
    pub groups: Vec<Group>,
    /// How many texts were read altogether, and how many characters.
    pub read: (usize, usize),
    /// How many files were read.
    pub files: usize,
    /// How many decisions wait for a second reader, where the policy wants one.
    pub unread_again: usize,
}

/// Keeps what was found and decided, now that the pack is made.
///
/// # Errors
/// Whatever the database says.
pub fn keep_seal(acting: &Acting<'_>, tx: &Tx<'_>, request: RequestId, seal: &str) -> Result<(), Fault> {
    let step = format!("{SEALED}{seal}");
    Ok(store::request::step(tx, request, acting.today, &step, None, acting.staff_id(), acting.now)?)
}

/// Holds a copy back where something was found, or is found, that was another when the pack was made: who is known by
/// what changes with what is held of others, and with them what would be taken out.
///
/// # Errors
/// [`Fault::Invalid`] where it differs.
pub fn still_sealed(acting: &Acting<'_>, tx: &Tx<'_>, request: RequestId, seal: &str) -> Result<(), Fault> {
    let asked = store::request::one(tx, &acting.policy, request)?;
    let steps = store::request::steps(tx, &acting.policy, &asked)?;
    let made = steps.iter().rev().find_map(|step| step.step.strip_prefix(SEALED));
    if made.is_none_or(|made| made == seal) {
        return Ok(());
    }
    let words = "What speaks of others in it, or what was decided, is no longer what it was when the pack was made: somebody may be gone, or no longer \
                 linked. Nothing was released. Read the pack again, and make it again.";
    Err(Fault::field("reading", words))
}

/// The mark of a whole text.
fn text_mark(keys: &Keys, text: &str) -> [u8; 32] {
    keys.hash("redaction text", text)
}

fn group_mark(keys: &Keys, what: &What, said: &str) -> [u8; 32] {
    let sort = match what {
        What::People(_) => "people",
        What::Email => "email",
        What::Phone => "phone",
        What::Iban => "iban",
        What::Card => "card",
        What::NationalInsurance => "national insurance",
        What::Nhs => "nhs",
        What::Postcode => "postcode",
        What::Name => "name",
    };
    keys.hash("redaction of", &format!("{sort} {}", mention::same(what, said)))
}

/// Looks through everything that was gathered. The readings of the files stand in the files' order; none where only the
/// copy itself is looked at.
///
/// # Errors
/// Whatever the database says.
pub fn review(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    request: RequestId,
    gathered: &Gathered,
    readings: &[Reading],
) -> Result<Review, Fault> {
    let mut pack = gathered.pack.clone();
    let texts: Vec<(From, String, String)> = pack
        .texts_mut()
        .into_iter()
        .enumerate()
        .map(|(number, (heading, text))| (From::Pack(number), heading, text.clone()))
        .chain(readings.iter().enumerate().flat_map(|(file, reading)| {
            let name = gathered.files.get(file).map_or("", |(name, _)| name.as_str());
            reading.parts.iter().enumerate().map(move |(part, read)| {
                let heading =
                    if read.name.is_empty() { name.to_owned() } else { format!("{name}, {}", read.name) };
                (From::File(file, part), heading, read.text.clone())
            })
        }))
        .collect();
    let index =
        mention::index(tx, &acting.policy, gathered.person, texts.iter().map(|(.., text)| text.as_str()))?;
    let decisions = redaction::of_request(tx, request)?;
    let kept = kept(tx, request, &decisions)?;
    let mut review = Review {
        pieces: Vec::new(),
        places: Vec::new(),
        groups: Vec::new(),
        read: (texts.len(), texts.iter().map(|(.., text)| text.len()).sum()),
        files: readings.len(),
        unread_again: match acting.policy.requests.copies_read_by_two {
            true => decisions.iter().filter(|decision| decision.checked_by.is_none()).count(),
            false => 0,
        },
    };
    let keys = acting.instance.store.keys();
    let mut building = Building {
        keys,
        index: &index,
        ours: ours(keys, &gathered.pack, &index),
        decisions: decisions.iter().map(|decision| (decision.about, decision)).collect(),
        kept,
        marks: BTreeMap::new(),
    };
    for (from, heading, text) in texts {
        let shared =
            matches!(from, From::Pack(_)) && gathered.shared.contains(&text_mark(building.keys, &text));
        building.take(&mut review, from, heading, text, shared);
    }
    for (file, reading) in readings.iter().enumerate() {
        let document = gathered.documents.get(file).map_or(0, |document| document.0);
        let name = gathered.files.get(file).map_or("", |(name, _)| name.as_str());
        building.unread(&mut review, file, (document, name), reading);
    }
    Ok(review)
}

/// What was decided at places of texts when it was decided, by the texts' hashes.
type Kept<'a> = BTreeMap<[u8; 32], Vec<(Range<usize>, &'a Decision)>>;

fn kept<'a>(tx: &Tx<'_>, request: RequestId, decisions: &'a [Decision]) -> Result<Kept<'a>, Fault> {
    let by_row: BTreeMap<i64, &Decision> = decisions.iter().map(|decision| (decision.id, decision)).collect();
    let mut kept: Kept<'a> = BTreeMap::new();
    for (row, place) in redaction::kept(tx, request)? {
        let span = usize::try_from(place.start).ok().zip(usize::try_from(place.end).ok());
        if let Some(((start, end), decision)) = span.zip(by_row.get(&row)) {
            kept.entry(place.text).or_default().push((start..end, *decision));
        }
    }
    Ok(kept)
}

/// Where we and the regulator are reached, as the copy itself says: nobody's details to be decided about, unless they are of
/// somebody we know.
fn ours(keys: &Keys, pack: &Pack, index: &Index) -> BTreeSet<[u8; 32]> {
    let controller = &pack.controller;
    let said = [controller.address.as_deref(), controller.email.as_deref(), controller.phone.as_deref()];
    let mut ours = BTreeSet::new();
    for text in said.into_iter().flatten().chain([pack.complaint.as_str()]) {
        let found = mention::find(text, index);
        let reached =
            found.iter().filter(|one| matches!(one.what, What::Email | What::Phone | What::Postcode));
        ours.extend(
            reached.map(|one| group_mark(keys, &one.what, text.get(one.span.clone()).unwrap_or_default())),
        );
    }
    ours
}

struct Building<'a> {
    keys: &'a Keys,
    index: &'a Index,
    ours: BTreeSet<[u8; 32]>,
    decisions: BTreeMap<About, &'a Decision>,
    kept: Kept<'a>,
    marks: BTreeMap<[u8; 32], usize>,
}

impl Building<'_> {
    fn decision(&self, about: About) -> Option<Decision> {
        self.decisions.get(&about).map(|decision| (*decision).clone())
    }

    /// What a text speaks of: what is found in it now, and what was found when it was decided and is found no more, or as
    /// something else, because what is held of others has changed.
    fn found(&self, text: &str, hash: [u8; 32]) -> Vec<(Range<usize>, What, [u8; 32])> {
        let now = mention::find(text, self.index).into_iter();
        let mut found: Vec<_> = now
            .map(|one| {
                let mark = group_mark(self.keys, &one.what, text.get(one.span.clone()).unwrap_or_default());
                (one.span, one.what, mark)
            })
            .filter(|(.., mark)| !self.ours.contains(mark))
            .collect();
        for (span, decision) in self.kept.get(&hash).into_iter().flatten() {
            let mark = decision.about.mark;
            let meets = |other: &Range<usize>| mention::pattern::overlap(other, span);
            let decided = |mark: [u8; 32]| self.decisions.contains_key(&About { mark, place: None });
            if text.get(span.clone()).is_none()
                || found.iter().any(|(other, _, its)| meets(other) && (*its == mark || decided(*its)))
            {
                continue;
            }
            found.retain(|(other, ..)| !meets(other));
            found.push((span.clone(), What::People(Vec::new()), mark));
        }
        found.sort_by_key(|(span, ..)| span.start);
        found
    }

    fn whole(&self, mark: [u8; 32], asked: bool) -> Whole {
        Whole { mark, asked, decision: self.decision(About { mark, place: None }) }
    }

    fn take(&mut self, review: &mut Review, from: From, heading: String, text: String, shared: bool) {
        let hash = text_mark(self.keys, &text);
        let found = self.found(&text, hash);
        if found.is_empty() && !shared {
            return;
        }
        let (piece, first) = (review.pieces.len(), review.places.len());
        for (span, what, mark) in found {
            let said = text.get(span.clone()).unwrap_or_default();
            let group = match self.marks.get(&mark) {
                Some(group) => *group,
                None => {
                    let decision = self.decision(About { mark, place: None });
                    review.groups.push(Group {
                        mark,
                        what: what.clone(),
                        said: String::new(),
                        times: 0,
                        decision,
                    });
                    self.marks.insert(mark, review.groups.len() - 1);
                    review.groups.len() - 1
                }
            };
            if let Some(known) = review.groups.get_mut(group) {
                known.times += 1;
                if known.said.len() < said.len() {
                    said.split_whitespace().collect::<Vec<_>>().join(" ").clone_into(&mut known.said);
                }
            }
            let narrow = |place: usize| i64::try_from(place).unwrap_or(i64::MAX);
            let place = Place { text: hash, start: narrow(span.start), end: narrow(span.end) };
            let about = About { mark, place: Some(place) };
            review.places.push(Spot { piece, span, group, here: self.decision(about), about });
        }
        let places = first..review.places.len();
        review.pieces.push(Piece { from, heading, text, places, whole: self.whole(hash, shared) });
    }

    fn unread(&self, review: &mut Review, file: usize, (document, name): (i64, &str), reading: &Reading) {
        let why: Vec<String> = reading
            .unread
            .iter()
            .map(|unread| {
                if unread.what.is_empty() {
                    unread.why.clone()
                } else {
                    format!("{}: {}", unread.what, unread.why)
                }
            })
            .collect();
        let asked = !why.is_empty();
        let heading = if !asked {
            format!("{name}, the whole file")
        } else if reading.sort == Sort::Other {
            format!("{name}, not read")
        } else {
            format!("{name}, in part not read")
        };
        let mark = self.keys.hash("redaction file", &document.to_string());
        let at = review.places.len();
        review.pieces.push(Piece {
            from: From::Unread(file),
            heading,
            text: why.join("\n"),
            places: at..at,
            whole: self.whole(mark, asked),
        });
    }
}

impl Review {
    /// The places where whoever, or whatever, has a mark stands now.
    #[must_use]
    pub fn places_of(&self, mark: &[u8; 32]) -> Vec<Place> {
        let of_it = |spot: &&Spot| self.groups.get(spot.group).is_some_and(|group| group.mark == *mark);
        self.places.iter().filter(of_it).filter_map(|spot| spot.about.place).collect()
    }

    /// What is decided for a place: for it alone, or for whoever it is of.
    #[must_use]
    pub fn answer(&self, spot: &Spot) -> Option<Answer> {
        let of_all = || self.groups.get(spot.group).and_then(|group| group.decision.as_ref());
        spot.here.as_ref().or_else(of_all).map(|decision| decision.answer)
    }

    /// Whether nothing is left to decide in a piece: it stays out whole, or all of its places are decided.
    fn settled(&self, piece: &Piece) -> bool {
        let whole = piece.whole.decision.as_ref().map(|decision| decision.answer);
        match whole {
            Some(Answer::Remove) => true,
            None if piece.whole.asked => false,
            _ => self.within(piece).iter().all(|spot| self.answer(spot).is_some()),
        }
    }

    /// A piece's places.
    #[must_use]
    pub fn within(&self, piece: &Piece) -> &[Spot] {
        self.places.get(piece.places.clone()).unwrap_or_default()
    }

    /// How many things are decided, of how many: places, and texts that are decided as a whole.
    #[must_use]
    pub fn progress(&self) -> (usize, usize) {
        let (mut decided, mut all) = (0, 0);
        for piece in &self.pieces {
            let out = piece.whole.decision.as_ref().is_some_and(|decision| decision.answer == Answer::Remove);
            let spots = self.within(piece);
            all += spots.len() + usize::from(piece.whole.asked);
            decided += usize::from(piece.whole.asked && piece.whole.decision.is_some());
            decided += spots.iter().filter(|spot| out || self.answer(spot).is_some()).count();
        }
        (decided, all)
    }

    /// A word that changes as soon as anything is found at another place, or decided otherwise, than now. Records that the
    /// program keeps of answering grow by answering, and are left out.
    #[must_use]
    pub fn seal(&self, keys: &Keys) -> String {
        let mut found = BTreeSet::new();
        for piece in self.pieces.iter().filter(|piece| !piece.heading.starts_with(RECORD)) {
            let whole = piece.whole.decision.as_ref().map(|decision| decision.answer.word());
            found.insert(format!("{:?} {whole:?} {}", piece.whole.mark, piece.whole.asked));
            for spot in self.within(piece) {
                let answer = self.answer(spot).map(Answer::word);
                found.insert(format!(
                    "{:?} {:?} {:?} {answer:?}",
                    piece.whole.mark, spot.span, spot.about.mark
                ));
            }
        }
        let hash = keys.hash("pack seal", &found.into_iter().collect::<Vec<_>>().join("\n"));
        // Letters alone, so that no pattern of a number is ever found in it.
        let letter = |half: u8| char::from(b'a' + half);
        hash.iter().take(16).flat_map(|byte| [letter(byte >> 4), letter(byte & 15)]).collect()
    }

    /// Holds the copy back until everything is decided.
    ///
    /// # Errors
    /// [`Fault::Invalid`] saying how much is left.
    pub fn done(&self) -> Result<(), Fault> {
        let (decided, all) = self.progress();
        if self.pieces.iter().all(|piece| self.settled(piece)) {
            return match self.unread_again {
                0 => Ok(()),
                _ => Err(Fault::field(
                    "reading",
                    "All is decided. Our policy has copies read by two before they leave: somebody else reads what was decided here again, \
                     and says so under \"A second reader\".",
                )),
            };
        }
        let words = format!(
            "{decided} of {all} decided: what is left also speaks of somebody else. Read it, and decide of each whether it goes into the pack."
        );
        Err(Fault::field("reading", words))
    }
}
