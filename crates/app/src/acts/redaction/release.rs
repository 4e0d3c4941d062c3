//! The copy as it leaves: without what was taken out, files made anew where something of them was, and everything opened
//! once more and searched for what was removed before anybody gets it.

use std::collections::BTreeSet;

use ::read::{Reading, Removal, Sort, text_without};
use serde::Serialize;
use store::redaction::Answer;

use super::{From, GONE, Gathered, Piece, REMOVE, Review};
use crate::attachment::{Reader, at_once, sought, times};
use crate::fault::Fault;
use crate::print::{Pack, pack::Withheld};

/// What a file that was made anew is set from.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Typed {
    /// What it is called.
    pub title: String,
    /// Its parts.
    pub parts: Vec<TypedPart>,
}

/// A part of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct TypedPart {
    /// Which.
    pub name: String,
    /// Its lines.
    pub lines: Vec<String>,
}

/// How a file leaves.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Made {
    /// As it is.
    AsItIs(Vec<u8>),
    /// Set anew as text.
    Typed(Typed),
    /// Drawn anew as pictures.
    Drawn(Vec<u8>),
    /// Not at all.
    Withheld,
}

/// A copy without what was taken out.
pub struct Released {
    /// The copy.
    pub pack: Pack,
    /// The files that go with it, by their names.
    pub files: Vec<(String, Made)>,
    /// What was removed from the copy's own texts and stands nowhere in them any more, as it is looked for.
    gone: BTreeSet<String>,
    /// The same of each file, and whatever was removed anywhere and stays nowhere.
    gone_of_files: Vec<BTreeSet<String>>,
    /// Files of which something is not read, and somebody looked and let them go in whole.
    looked_at: BTreeSet<usize>,
}

impl Released {
    /// Whether nothing was taken out anywhere: then there is nothing to look for in what leaves.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.gone.is_empty()
            && self.gone_of_files.iter().all(BTreeSet::is_empty)
            && self.files.iter().all(|(_, made)| matches!(made, Made::AsItIs(_)))
    }
}

/// Takes out what was decided to be taken out.
///
/// # Errors
/// [`Fault::Invalid`] while something is undecided, or where a file could not be made anew.
pub fn released(
    gathered: &Gathered,
    readings: &[Reading],
    review: &Review,
    reader: &Reader,
) -> Result<Released, Fault> {
    review.done()?;
    let mut pack = gathered.pack.clone();
    let (mut removed, mut reasons) = (BTreeSet::new(), BTreeSet::new());
    let mut withheld = Vec::new();
    {
        let mut texts = pack.texts_mut();
        for piece in &review.pieces {
            let From::Pack(number) = piece.from else { continue };
            let Some((heading, text)) = texts.get_mut(number) else { continue };
            if let Some(decision) = left_out(piece) {
                removed.insert(sought(text));
                *(*text) = format!("{GONE}the whole text]");
                withheld.push(Withheld { what: heading.clone(), reason: reason(&decision.why) });
                continue;
            }
            let removals = removals(review, piece, 0, &mut removed, &mut reasons);
            **text = text_without(text, &removals.iter().collect::<Vec<_>>());
        }
    }
    let left: String = pack
        .texts_mut()
        .iter()
        .map(|(_, text)| sought(text))
        .chain(named_by_right(&gathered.pack))
        .collect::<Vec<_>>()
        .join("\n");
    let everywhere = everywhere(review, readings, &left);
    let gone: BTreeSet<String> =
        removed.into_iter().filter(|text| !text.is_empty() && times(&left, text) == 0).collect();
    let (mut files, mut gone_of_files) = (Vec::new(), Vec::new());
    let made = at_once(readings.len().min(gathered.files.len()), |number| {
        let reading = readings.get(number)?;
        let (name, bytes) = gathered.files.get(number)?;
        Some(file(review, number, (name, bytes), reading, reader))
    });
    for (number, one) in made.into_iter().flatten().enumerate() {
        let (made, mut gone, whys) = one?;
        reasons.extend(whys);
        if made == Made::Withheld {
            let whole =
                review.pieces.iter().find(|piece| piece.from == From::Unread(number)).and_then(left_out);
            let why = whole.map_or_else(|| reason("others"), |whole| reason(&whole.why));
            withheld.push(Withheld { what: "A file".to_owned(), reason: why });
        }
        files.push((gathered.files.get(number).map_or_else(String::new, |(name, _)| name.clone()), made));
        gone.extend(everywhere.iter().cloned());
        gone_of_files.push(gone);
    }
    rename(&mut pack, &mut files);
    match files.iter().filter(|(_, made)| *made == Made::Withheld).count() {
        0 => {}
        1 => pack.letter.push("One of the files is left out; why stands under what was left out.".to_owned()),
        many => {
            pack.letter.push(format!("{many} of the files are left out; why stands under what was left out."))
        }
    }
    for word in reasons {
        let what = "Places where others are named, marked in the text".to_owned();
        withheld.push(Withheld { what, reason: reason(&word) });
    }
    pack.withheld.extend(withheld);
    // The copy's data are looked through here, whoever takes them; its pages and files where they are set.
    let data = pack.to_json().map_err(|error| Fault::Other(error.to_string()))?;
    let data = sought(&data.replace("\\n", "\n"));
    if gone.iter().any(|text| times(&data, text) > 0) {
        return Err(Fault::field(
            "reading",
            "The copy still says something of what was removed, in what it says of why we hold this and where it came from. Nothing was \
             released. Read the pack again, and decide again what was removed.",
        ));
    }
    let looked_at = review.pieces.iter().filter_map(|piece| match piece.from {
        From::Unread(file) if piece.whole.asked => {
            piece.whole.decision.as_ref().filter(|decision| decision.answer == Answer::Keep).map(|_| file)
        }
        _ => None,
    });
    Ok(Released { pack, files, gone, gone_of_files, looked_at: looked_at.collect() })
}

/// What was removed anywhere, and stands in nothing that stays: no file may have it, whether anything was taken out of
/// that file or not. `left` is what stays of the copy's own texts.
fn everywhere(review: &Review, readings: &[Reading], left: &str) -> BTreeSet<String> {
    let whole_files: BTreeSet<usize> = review
        .pieces
        .iter()
        .filter(|piece| left_out(piece).is_some())
        .filter_map(|piece| if let From::Unread(file) = piece.from { Some(file) } else { None })
        .collect();
    let (mut removed, mut taken) = (BTreeSet::new(), Vec::new());
    for piece in &review.pieces {
        for spot in review.within(piece).iter().filter(|spot| review.answer(spot) == Some(Answer::Remove)) {
            removed.insert(sought(piece.text.get(spot.span.clone()).unwrap_or_default()));
            if let From::File(file, part) = piece.from {
                taken.push((file, Removal { part, span: spot.span.clone(), instead: "\n".to_owned() }));
            }
        }
        if left_out(piece).is_some() && !matches!(piece.from, From::Unread(_)) {
            removed.insert(sought(&piece.text));
            if let From::File(file, part) = piece.from {
                let instead = "\n".to_owned();
                taken.push((file, Removal { part, span: 0..piece.text.len(), instead }));
            }
        }
    }
    let stays = readings.iter().enumerate().filter(|(file, _)| !whole_files.contains(file));
    let stays: Vec<String> = stays
        .flat_map(|(file, reading)| reading.parts.iter().enumerate().map(move |part| (file, part)))
        .map(|(file, (part, read))| {
            let here = taken.iter().filter(|(of, removal)| (*of, removal.part) == (file, part));
            sought(&text_without(&read.text, &here.map(|(_, removal)| removal).collect::<Vec<_>>()))
        })
        .collect();
    removed.retain(|text| {
        !text.is_empty() && times(left, text) == 0 && stays.iter().all(|stays| times(stays, text) == 0)
    });
    removed
}

/// What the copy names by right: recipients (Art 15(1)(c)), organisations, who wrote a line, who holds it, whom it is about, and
/// what it says of rights and complaints in the policy's words and the law's.
fn named_by_right(pack: &Pack) -> Vec<String> {
    let controller = [
        Some(&pack.controller.name),
        pack.controller.address.as_ref(),
        pack.controller.email.as_ref(),
        pack.controller.phone.as_ref(),
    ];
    let person = [Some(&pack.person.name), pack.person.address.as_ref()];
    let named = pack
        .disclosures
        .iter()
        .map(|told| &told.recipient)
        .chain(pack.organisations.iter().map(|belongs| &belongs.name))
        .chain(pack.timeline.iter().filter_map(|entry| entry.by.as_ref()))
        .chain(&pack.letter)
        .chain(&pack.transfers)
        .chain(&pack.rights)
        .chain([&pack.complaint])
        .chain(controller.into_iter().flatten())
        .chain(person.into_iter().flatten());
    named.map(|text| sought(text)).collect()
}

fn left_out(piece: &Piece) -> Option<&store::redaction::Decision> {
    piece.whole.decision.as_ref().filter(|decision| decision.answer == Answer::Remove)
}

/// A reason in words for whoever asked, and never the note beside it: that is for whoever decides, may name the very
/// person who was taken out, and what telling would do an exemption may forbid to tell.
fn reason(word: &str) -> String {
    let known = REMOVE.iter().find(|why| why.word == word);
    known
        .map_or_else(|| "It is about somebody else.".to_owned(), |why| format!("{} ({}).", why.says, why.law))
}

/// What is taken out of a piece.
fn removals(
    review: &Review,
    piece: &Piece,
    part: usize,
    removed: &mut BTreeSet<String>,
    reasons: &mut BTreeSet<String>,
) -> Vec<Removal> {
    let mut found = Vec::new();
    for spot in review.within(piece).iter().filter(|spot| review.answer(spot) == Some(Answer::Remove)) {
        let group = review.groups.get(spot.group);
        let what = group.map_or("another person", |group| group.what.words());
        let decision = spot.here.as_ref().or_else(|| group.and_then(|group| group.decision.as_ref()));
        reasons.extend(decision.map(|decision| decision.why.clone()));
        removed.insert(sought(piece.text.get(spot.span.clone()).unwrap_or_default()));
        found.push(Removal {
            part,
            span: spot.span.clone(),
            instead: format!("{GONE}{}]", what.trim_start_matches("perhaps ")),
        });
    }
    found
}

/// How a file leaves, what it must not have any more, and the reasons.
type OneFile = (Made, BTreeSet<String>, BTreeSet<String>);

fn file(
    review: &Review,
    number: usize,
    (name, bytes): (&str, &[u8]),
    reading: &Reading,
    reader: &Reader,
) -> Result<OneFile, Fault> {
    let mut reasons = BTreeSet::new();
    let pieces = || review.pieces.iter();
    if pieces().any(|piece| piece.from == From::Unread(number) && left_out(piece).is_some()) {
        return Ok((Made::Withheld, BTreeSet::new(), reasons));
    }
    let (mut removed, mut all) = (BTreeSet::new(), Vec::new());
    for piece in pieces() {
        let From::File(_, part) = piece.from else { continue };
        if !matches!(piece.from, From::File(file, _) if file == number) {
            continue;
        }
        if let Some(decision) = left_out(piece) {
            reasons.insert(decision.why.clone());
            removed.insert(sought(&piece.text));
            all.push(Removal { part, span: 0..piece.text.len(), instead: format!("{GONE}this part]") });
            continue;
        }
        all.extend(removals(review, piece, part, &mut removed, &mut reasons));
    }
    let left: Vec<String> = reading
        .parts
        .iter()
        .enumerate()
        .map(|(part, read)| {
            text_without(&read.text, &all.iter().filter(|removal| removal.part == part).collect::<Vec<_>>())
        })
        .collect();
    let said = sought(&left.join("\n"));
    let gone: BTreeSet<String> =
        removed.into_iter().filter(|text| !text.is_empty() && times(&said, text) == 0).collect();
    if all.is_empty() {
        return Ok((Made::AsItIs(bytes.to_vec()), gone, reasons));
    }
    let title = "A document without what is others'";
    let made = match reading.sort {
        Sort::Pdf => {
            let drawn = reader.without(title, bytes, &all);
            Made::Drawn(drawn.map_err(|why| held_back(&format!("{name} could not be made anew: {why}")))?)
        }
        _ => Made::Typed(Typed {
            title: title.to_owned(),
            parts: reading
                .parts
                .iter()
                .zip(&left)
                .map(|(part, text)| TypedPart {
                    name: shown(&part.name, &gone),
                    lines: text.lines().map(str::to_owned).collect(),
                })
                .collect(),
        }),
    };
    Ok((made, gone, reasons))
}

/// A name that is printed, unless it says what was removed.
fn shown(name: &str, gone: &BTreeSet<String>) -> String {
    let plain = sought(name);
    if gone.iter().any(|text| times(&plain, text) > 0) { String::new() } else { name.to_owned() }
}

/// Names files after what their documents are called now, where that changed, and by their numbers where they were made
/// anew or something of the copy was taken out of the name.
fn rename(pack: &mut Pack, files: &mut [(String, Made)]) {
    for (number, (name, made)) in files.iter_mut().enumerate() {
        let called = format!("enclosed as {name}");
        let Some(document) =
            pack.documents.iter_mut().find(|document| document.copy.as_deref() == Some(&called))
        else {
            continue;
        };
        let end = name.rsplit_once('.').map(|(_, end)| end.to_owned()).unwrap_or_default();
        let hidden = document.name.contains(GONE);
        match made {
            Made::Withheld => document.copy = Some("left out".to_owned()),
            Made::Typed(_) | Made::Drawn(_) => *name = format!("documents/document-{}.pdf", number + 1),
            Made::AsItIs(_) if hidden => *name = format!("documents/document-{}.{end}", number + 1),
            Made::AsItIs(_) => {}
        }
        if *made != Made::Withheld {
            let anew = matches!(made, Made::Typed(_) | Made::Drawn(_));
            let how = if anew { ", made anew without what is others'" } else { "" };
            document.copy = Some(format!("enclosed as {name}{how}"));
        }
    }
    // The name it is enclosed under says what it is called: where something was taken out of that, it says no more.
    for document in pack.documents.iter_mut().filter(|document| document.name.contains(GONE)) {
        let told =
            document.copy.as_deref().is_some_and(|copy| copy.starts_with("enclosed as documents/document-"));
        if document.copy.as_deref().is_some_and(|copy| copy.starts_with("enclosed as")) && !told {
            document.copy = Some("enclosed".to_owned());
        }
    }
}

/// Opens everything that would leave once more and looks for what was removed: the copy's own pages and data, and the
/// files as they would go out, with their numbers among [`Released::files`].
///
/// # Errors
/// [`Fault::Invalid`] naming the file, and never what was found in it.
pub fn verified(
    released: &Released,
    own: &[(String, Vec<u8>)],
    numbers: &[usize],
    files: &[(String, Vec<u8>)],
    reader: &Reader,
) -> Result<(), Fault> {
    let gone_of = |gone: Option<&BTreeSet<String>>| gone.into_iter().flatten().cloned().collect::<Vec<_>>();
    let enclosed = numbers.iter().zip(files).map(|(number, file)| {
        (file, gone_of(released.gone_of_files.get(*number)), released.looked_at.contains(number))
    });
    let all = own.iter().map(|file| (file, gone_of(Some(&released.gone)), false)).chain(enclosed);
    let (mut sought, mut looked_at) = (Vec::new(), Vec::new());
    for (file, gone, somebody_looked) in all.filter(|(_, gone, _)| !gone.is_empty()) {
        sought.push((file, gone));
        looked_at.push(somebody_looked);
    }
    let found = reader
        .look(&sought)
        .map_err(|why| Fault::Other(format!("what was made could not be looked through: {why}")))?;
    if found.len() != sought.len() {
        return Err(Fault::Other("not every file was looked through, so nothing was released".to_owned()));
    }
    for ((((name, _), _), still), looked_at) in sought.iter().zip(&found).zip(looked_at) {
        let times: usize = still.shown.iter().chain(&still.beside).sum();
        if times > 0 {
            return Err(held_back(&format!("{name} still has {times} places of what was removed")));
        }
        // What cannot be looked into somebody has looked into, or it does not go.
        if let Some(closed) = still.closed.first().filter(|_| !looked_at) {
            return Err(held_back(&format!("{name} cannot be looked through: {closed}")));
        }
    }
    Ok(())
}

/// What keeps the copy here, and the way out of it.
fn held_back(what: &str) -> Fault {
    let words = format!(
        "{what}. Nothing was released. Read the pack again: leave this file out whole, or decide again what was removed."
    );
    Fault::field("reading", words)
}
