//! Certificates: what remains after disposal. When, under which rules, why and how much; keyed hashes of the
//! addresses and numbers that went, by which an import knows whom it brings back. Never a value.

use std::collections::{BTreeMap, BTreeSet};

use custody::id::{CertificateId, PersonId, StaffId};
use jiff::Timestamp;
use jiff::civil::Date;
use policy::{Disposal, Policy, Rule};

use crate::{Error, Keys, Result, Row, Tx, id, log, normal, params, ring_duty, suppression};

/// The cause of what somebody saw to by hand, after a sweep or an erasure left them the task.
pub const BY_HAND: &str = "by hand";

/// A certificate about to be written.
#[derive(Clone, Debug)]
pub struct NewCertificate<'a> {
    /// Of whom, by number.
    pub person: PersonId,
    /// The day.
    pub on: Date,
    /// The keys of the rules that covered what went.
    pub rules: &'a BTreeSet<String>,
    /// `sweep`, `erasure` or [`BY_HAND`].
    pub cause: &'a str,
    /// How: `erase`, or what was handed over and then erased: `return then erase`, `deliver then erase`, `transfer then erase`.
    pub disposal: &'a str,
    /// How much, by kind.
    pub counts: &'a BTreeMap<String, u32>,
    /// Why, in the words of the clauses.
    pub reasons: &'a BTreeSet<String>,
    /// Who granted it, where somebody did.
    pub by: Option<StaffId>,
    /// The earliest day one of the details was collected.
    pub earliest_collected: Option<Date>,
    /// Addresses and numbers that went, by kind: only their keyed hashes are written.
    pub identities: &'a [(String, String)],
}

/// A certificate.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Certificate {
    /// Its row.
    pub id: CertificateId,
    /// Of whom, by number; they may be gone.
    pub person: PersonId,
    /// The day.
    pub on: Date,
    /// When exactly.
    pub at: Timestamp,
    /// The keys of the rules.
    pub rules: Vec<String>,
    /// `sweep`, `erasure` or [`BY_HAND`].
    pub cause: String,
    /// How.
    pub disposal: String,
    /// How much, by kind.
    pub counts: BTreeMap<String, u32>,
    /// Why.
    pub reasons: Vec<String>,
    /// What whoever granted it wrote beside. It was looked through for what says who they were.
    pub note: Option<String>,
}

/// Writes a certificate.
///
/// # Errors
/// Whatever the database says.
pub fn write(tx: &Tx<'_>, keys: &Keys, new: &NewCertificate<'_>, now: Timestamp) -> Result<CertificateId> {
    let certificate = put(tx, new, now)?;
    let hashes: BTreeSet<(&'static str, [u8; 32])> = new
        .identities
        .iter()
        .filter_map(|(kind, value)| suppression::hash(keys, kind, value).or_else(|| named(keys, kind, value)))
        .collect();
    for (what, hash) in hashes {
        tx.put(
            "INSERT INTO certificate_hash (hash, what, certificate_id) VALUES (?1, ?2, ?3)",
            params![&hash, what, certificate],
        )?;
    }
    ring_duty::kept(tx, "certificate", "id = ?1", params![certificate])?;
    Ok(certificate)
}

/// Writes the certificate of a document or paper that somebody has given back, delivered or destroyed.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn by_hand(
    tx: &Tx<'_>,
    (person, on, by): (PersonId, Date, Option<StaffId>),
    rule: Option<&str>,
    (disposal, kind): (&str, &str),
    now: Timestamp,
) -> Result<()> {
    let certificate = put(
        tx,
        &NewCertificate {
            person,
            on,
            rules: &rule.map(str::to_owned).into_iter().collect(),
            cause: BY_HAND,
            disposal,
            counts: &BTreeMap::from([(kind.to_owned(), 1)]),
            reasons: &BTreeSet::from(["somebody has seen to it".to_owned()]),
            by,
            earliest_collected: None,
            identities: &[],
        },
        now,
    )?;
    ring_duty::kept(tx, "certificate", "id = ?1", params![certificate])?;
    let actor = by.map_or_else(|| "system tasks".to_owned(), |by| format!("staff {by}"));
    let rules: Vec<&str> = rule.into_iter().collect();
    let body = serde_json::json!({ "certificate": certificate.0, "cause": BY_HAND, "counts": { kind: 1 }, "rules": rules });
    log::append(tx, now, &actor, "let go", &[person], &body)?;
    Ok(())
}

fn put(tx: &Tx<'_>, new: &NewCertificate<'_>, now: Timestamp) -> Result<CertificateId> {
    let certificate = CertificateId(id::next());
    let json = |value: serde_json::Result<String>| value.map_err(|error| Error::Database(error.to_string()));
    tx.put(
        "INSERT INTO certificate (id, person_number, at, on_date, rules, cause, disposal, counts, reason, staff_id, earliest_collected)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        params![
            certificate, new.person, now, new.on, json(serde_json::to_string(new.rules))?, new.cause, new.disposal,
            json(serde_json::to_string(new.counts))?, json(serde_json::to_string(new.reasons))?, new.by, new.earliest_collected
        ],
    )?;
    Ok(certificate)
}

/// The keyed hash of a name, apart from addresses: many people have the same, so it holds nobody back.
fn named(keys: &Keys, kind: &str, value: &str) -> Option<(&'static str, [u8; 32])> {
    let normal = normal::name(value);
    (kind == "name" && !normal.is_empty()).then(|| ("name", keys.hash("name", &normal)))
}

/// Every time that somebody of this address, number or name was let go, the latest first. Several people may have
/// had the same name; nothing here says who.
///
/// # Errors
/// Whatever the database says.
pub fn asked(tx: &Tx<'_>, keys: &Keys, said: &str) -> Result<Vec<LetGo>> {
    let hashes = ["email", "phone"].iter().map(|kind| suppression::hashes_of(keys, kind, said));
    let hashes = hashes.into_iter().find(|hashes| !hashes.is_empty());
    let hashes = hashes.unwrap_or_else(|| named(keys, "name", said).into_iter().collect());
    let (Some((what, hash)), Some((_, before))) = (hashes.first(), hashes.last()) else {
        return Ok(Vec::new());
    };
    tx.all(
        "SELECT DISTINCT c.id, c.on_date, c.cause FROM certificate_hash h JOIN certificate c ON c.id = h.certificate_id
            WHERE h.hash IN (?1, ?3) AND h.what = ?2 ORDER BY c.on_date DESC, c.id DESC",
        params![hash, *what, before],
        let_go,
    )
}

fn let_go(row: &Row<'_>) -> Result<LetGo> {
    Ok(LetGo { certificate: CertificateId(row.int(0)?), on: row.date(1)?, erased: row.str(2)? == "erasure" })
}

/// Adds the reason of whoever granted it to the certificates of a person's departure on a day, and what they wrote beside.
/// What was written beside an earlier one goes: it may speak of who has just been erased.
///
/// # Errors
/// Whatever the database says.
pub fn because(tx: &Tx<'_>, person: PersonId, on: Date, (why, note): (&str, Option<&str>)) -> Result<()> {
    forget_notes(tx, person, "")?;
    for written in
        of_person(tx, person)?.into_iter().filter(|written| written.on == on && written.cause == "erasure")
    {
        let mut reasons = written.reasons;
        reasons.push(why.to_owned());
        let reasons = serde_json::to_string(&reasons).map_err(|error| Error::Database(error.to_string()))?;
        let sql = "UPDATE certificate SET reason = ?2, note = ?3 WHERE id = ?1";
        tx.exec(sql, params![written.id, reasons, note])?;
        ring_duty::kept(tx, "certificate", "id = ?1", params![written.id])?;
    }
    Ok(())
}

/// Certificates of a person, `?1`, and of every number that leads to theirs.
pub(crate) const THEIRS: &str =
    "person_number IN (SELECT CAST(?1 AS BIGINT) UNION ALL SELECT id FROM person WHERE into_person_id = ?1)";

/// Takes out what was written beside the certificates of a person: all of it, or what nobody looked through for what says
/// who they were, which is done only where an erasure is granted.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn forget_notes(tx: &Tx<'_>, person: PersonId, but: &str) -> Result<()> {
    let noted = format!("{THEIRS} AND note IS NOT NULL AND cause <> ?2");
    ring_duty::lost(tx, "certificate", &noted, params![person, but])?;
    tx.put(&format!("UPDATE certificate SET note = NULL WHERE {noted}"), params![person, but])
}

/// Why an address or number is known although nobody has it any more.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LetGo {
    /// The certificate.
    pub certificate: CertificateId,
    /// The day it went.
    pub on: Date,
    /// Whether it went because the person asked for it.
    pub erased: bool,
}

/// Whether somebody with this address or number was let go, the latest time. The caller compares days: the
/// person's own new enquiry after that day is new.
///
/// # Errors
/// Whatever the database says.
pub fn known(tx: &Tx<'_>, keys: &Keys, kind: &str, value: &str) -> Result<Option<LetGo>> {
    let hashes = suppression::hashes_of(keys, kind, value);
    let (Some((what, hash)), Some((_, before))) = (hashes.first(), hashes.last()) else { return Ok(None) };
    tx.maybe(
        "SELECT c.id, c.on_date, c.cause FROM certificate_hash h JOIN certificate c ON c.id = h.certificate_id
            WHERE h.hash IN (?1, ?3) AND h.what = ?2 ORDER BY CASE WHEN c.cause = 'erasure' THEN 0 ELSE 1 END, c.on_date DESC LIMIT 1",
        params![hash, *what, before],
        let_go,
    )
}

const SELECT: &str =
    "SELECT id, person_number, on_date, at, rules, cause, disposal, counts, reason, note FROM certificate";

fn read(row: &Row<'_>) -> Result<Certificate> {
    let broken = |_| Error::Malformed("a certificate".into());
    Ok(Certificate {
        id: CertificateId(row.int(0)?),
        person: PersonId(row.int(1)?),
        on: row.date(2)?,
        at: row.at(3)?,
        rules: serde_json::from_str(row.str(4)?).map_err(broken)?,
        cause: row.text(5)?,
        disposal: row.text(6)?,
        counts: serde_json::from_str(row.str(7)?).map_err(broken)?,
        reasons: row.opt_str(8)?.map(serde_json::from_str).transpose().map_err(broken)?.unwrap_or_default(),
        note: row.opt_text(9)?,
    })
}

/// A page of certificates, the newest first, after one of the page before.
///
/// # Errors
/// Whatever the database says.
pub fn page(tx: &Tx<'_>, after: Option<CertificateId>, limit: u32) -> Result<Vec<Certificate>> {
    let after = after.map_or(i64::MAX, |after| after.0);
    tx.all(&format!("{SELECT} WHERE id < ?1 ORDER BY id DESC LIMIT ?2"), params![after, limit], read)
}

/// The certificates of one person, by number, the newest first; with those of entries that were put together into theirs.
///
/// # Errors
/// Whatever the database says.
pub fn of_person(tx: &Tx<'_>, person: PersonId) -> Result<Vec<Certificate>> {
    tx.all(&format!("{SELECT} WHERE {THEIRS} ORDER BY id DESC"), params![person], read)
}

/// The words of a disposal in a certificate, as its clause calls it.
#[must_use]
pub fn disposal_name(disposal: Disposal, rule: Option<&Rule>) -> &'static str {
    match disposal {
        Disposal::Erase => "erase",
        Disposal::Anonymise => "anonymise",
        Disposal::Count => "count and forget",
        Disposal::ReturnThenErase => "return then erase",
        Disposal::DeliverThenErase if rule.is_some_and(|rule| rule.transfer) => "transfer then erase",
        Disposal::DeliverThenErase => "deliver then erase",
    }
}

/// The keys of rules, for a certificate.
#[must_use]
pub fn rule_keys(policy: &Policy, rules: &BTreeSet<policy::RuleId>) -> BTreeSet<String> {
    rules.iter().filter_map(|rule| policy.rules.get(rule.index())).map(|rule| rule.key.clone()).collect()
}
