//! The access pack: everything held about somebody who asked, as pages and as data, by HTTP as staff fetch it. The
//! pages are set in a process of their own, as in earnest.

use app::acts::redaction::{self, Given};
use app::acts::{Acting, identity};
use app::cli::Failure;
use custody::coverage::Role;
use custody::id::{PersonId, RequestId};
use policy::Policy;
use policy::count::grouped;
use store::document::{self, NewDocument, Where};
use store::entry::{self, NewEntry};
use store::request::{self, Kind, NewRequest};
use store::{Tx, files};

use super::http::{Asked, drive};
use super::measure::{Row, Target, median, quantile};
use super::names;
use super::reading::{plain, plainly};
use super::seed::{Seeded, TODAY};

/// How many packs are made.
const PACKS: usize = 12;
/// Lines of the large one.
const LINES: usize = 1000;
/// Files of the large one.
const FILES: usize = 20;

/// Makes the pack of people with some twenty rows each.
pub fn pack(seeded: &Seeded) -> Result<Vec<Row>, Failure> {
    let policy = seeded.instance.policy();
    let who = |n: usize| seeded.person(n * 10 + 1);
    let (now, packs) = (seeded.now(), seeded.times(PACKS));
    let requests = seeded.store().write(|tx| {
        let open = |n| request::open(tx, &policy, &of(seeded, who(n)), now);
        (0..packs).map(open).collect::<Result<Vec<_>, _>>()
    })?;
    // Among a million people somebody in a text is called like somebody we know.
    for request in &requests {
        decided(seeded, *request)?;
    }
    let path = |n: usize, name: &str| {
        let id = requests.get(n % packs).map_or(0, |request| request.0);
        Asked::get(format!("/requests/{id}/{name}"))
    };
    let pages = drive(seeded.address, &seeded.key, 1, packs, |_, n| path(n, "pack.pdf"))?;
    let data = drive(seeded.address, &seeded.key, 1, packs, |_, n| path(n, "pack.json"))?;
    let (rows, _) = plainly(1, packs, |_, n| Ok(seeded.store().read(|tx| plain(tx, who(n)))?))?;
    let [packed, found] = large(seeded, &policy)?;
    // The requests must not keep the sweep from anybody, nor break a promise.
    seeded.store().write(|tx| requests.iter().try_for_each(|id| forget(tx, *id)))?;
    let both: Vec<f64> = pages.took.iter().zip(&data.took).map(|(pages, data)| pages + data).collect();
    Ok(vec![
        Row::held(
            "access pack, PDF and JSON, p50",
            median(&both),
            "ms",
            Some(median(&rows)),
            Target::Most(50.0),
        ),
        Row::plain("access pack, PDF and JSON, p99", quantile(&both, 0.99), "ms"),
        Row::plain("access pack, JSON alone, p50", median(&data.took), "ms"),
        packed,
        found,
    ])
}

/// The pack of somebody with a thousand lines and twenty files, all in one archive.
fn large(seeded: &Seeded, policy: &Policy) -> Result<[Row; 2], Failure> {
    let (now, lines, times) = (seeded.now(), seeded.times(LINES), seeded.times(5));
    let who = seeded.person(0);
    let kind =
        |name: &str| policy.kind_named(name).map(|kind| kind.id).ok_or_else(|| Failure(format!("no {name}")));
    let (line, form) = (kind("contact record")?, kind("service agreement")?);
    let files = (0..seeded.times(FILES))
        .map(|n| {
            Ok((
                files::write(seeded.store(), attachment(n).as_slice())?,
                if n % 2 == 0 { "application/pdf" } else { "text/plain" },
            ))
        })
        .collect::<Result<Vec<_>, Failure>>()?;
    let request = seeded.store().write(|tx| {
        for n in 0..lines {
            let new = NewEntry {
                kind: line,
                on: TODAY,
                direction: None,
                body: &names::line(n),
                source: "staff",
                import: None,
                people: &[(who, Role::Subject)],
                engagements: &[],
                author: None,
            };
            entry::add(tx, policy, &new, now)?;
        }
        for (file, media) in &files {
            let new = NewDocument {
                kind: form,
                title: "An agreement",
                place: Where::File(file, media),
                on: TODAY,
                source: "the person",
                people: &[(who, Role::Subject)],
                engagements: &[],
                by: None,
            };
            document::add(tx, policy, &new, now)?;
        }
        request::open(tx, policy, &of(seeded, who), now)
    })?;
    let path = format!("/requests/{}/pack.zip", request.0);
    decided(seeded, request)?;
    let took = drive(seeded.address, &seeded.key, 1, times, |_, _| Asked::get(path.clone()))?.took;
    let page = format!("/requests/{}/review", request.0);
    let read = drive(seeded.address, &seeded.key, 1, times, |_, _| Asked::get(page.clone()))?.took;
    // Documents on no ground would break a promise that is proved after this.
    seeded.store().write(|tx| {
        store::ring_duty::delete(tx, "document_person", "person_id = ?1", store::params![who])?;
        forget(tx, request)
    })?;
    let all: Vec<f64> = took.iter().zip(&read).map(|(took, read)| took + read).collect();
    let much = format!("{} entries and {} files", grouped(lines as u64), files.len());
    Ok([
        Row::held(format!("access pack, {much}, p50"), median(&took), "ms", None, Target::Most(2000.0)),
        Row::held(
            format!("others in {much} found, suggested and packed without them, p50"),
            median(&all),
            "ms",
            None,
            Target::Most(5000.0),
        ),
    ])
}

/// A file of the large pack: ten are PDFs of one page that has to be drawn anew, ten are texts.
fn attachment(n: usize) -> Vec<u8> {
    let line = format!("Agreed with Rowan Whitlock{n} on the terms, ring 01632 960{n:03}.");
    if n % 2 == 1 {
        return format!("{}\n", names::line(n)).repeat(400).into_bytes();
    }
    let content =
        format!("BT /F1 11 Tf 50 780 Td 14 TL ({line}) Tj T* (Second line of the agreement.) Tj ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [4 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> /Contents 5 0 R >>".to_owned(),
        format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len()),
    ];
    let (mut out, mut places) = (String::from("%PDF-1.7\n"), Vec::new());
    for (number, object) in objects.iter().enumerate() {
        places.push(out.len());
        out.push_str(&format!("{} 0 obj\n{object}\nendobj\n", number + 1));
    }
    let start = out.len();
    out.push_str("xref\n0 6\n0000000000 65535 f \n");
    for place in places {
        out.push_str(&format!("{place:010} 00000 n \n"));
    }
    out.push_str(&format!("trailer << /Size 6 /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"));
    out.into_bytes()
}

/// Says how we know who asks, and decides for everybody found that they are taken out.
fn decided(seeded: &Seeded, request: RequestId) -> Result<(), Failure> {
    let fault = |fault: app::fault::Fault| Failure(format!("{fault:?}"));
    let reader = app::attachment::Reader::this()?;
    let acting = Acting::staff(&seeded.instance, seeded.account.clone()).map_err(fault)?;
    let known = ("known", acting.today);
    seeded.store().write(|tx| identity::known(&acting, tx, request, known)).map_err(fault)?;
    let gathered = seeded.store().read(|tx| redaction::gather(&acting, tx, request, true)).map_err(fault)?;
    let readings = gathered.readings(&reader);
    let review = seeded
        .store()
        .read(|tx| redaction::review(&acting, tx, request, &gathered, &readings))
        .map_err(fault)?;
    let marks = review.groups.iter().map(|group| group.mark);
    let whole = review.pieces.iter().filter(|piece| piece.whole.asked).map(|piece| piece.whole.mark);
    for mark in marks.chain(whole) {
        let given = Given {
            answer: "remove".into(),
            mark: store::keys::hex(&mark),
            why: "others".into(),
            ..Given::default()
        };
        seeded.store().write(|tx| redaction::decide(&acting, tx, request, &given, &[])).map_err(fault)?;
    }
    Ok(())
}

fn forget(tx: &Tx<'_>, request: RequestId) -> store::Result<()> {
    for table in ["redaction_place", "redaction", "request_step", "task"] {
        tx.exec(&format!("DELETE FROM {table} WHERE request_id = ?1"), store::params![request])?;
    }
    tx.exec("DELETE FROM request WHERE id = ?1", store::params![request]).map(drop)
}

fn of(seeded: &Seeded, person: PersonId) -> NewRequest<'static> {
    NewRequest {
        kind: Kind::Access,
        person,
        name: "Bench Person",
        organisation: None,
        received_on: TODAY,
        channel: "letter",
        words: None,
        owner: Some(seeded.account.id),
        by: Some(seeded.account.id),
    }
}
