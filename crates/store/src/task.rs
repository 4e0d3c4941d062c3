//! Tasks: what a member of staff must do before something can go or be answered: destroy paper, give back an
//! original, tell a recipient. Open ones are seen; those that block keep their request open.

use custody::id::{DocumentId, EngagementId, EntryId, GroundId, PersonId, RequestId, StaffId, TaskId};
use jiff::Timestamp;
use jiff::civil::Date;
use policy::Policy;

mod outside;

use outside::kept;
pub(crate) use outside::{is_outside, kept_where, look_through, masking};

use crate::disclosure::Telling;
use crate::{Error, Result, Row, Tx, Value, id, life, params, ring_duty};

/// What kind of thing is to be done. The names are the database's.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Kind {
    /// Destroy a paper file.
    DestroyPaper,
    /// Give an original back.
    Return,
    /// Deliver a copy.
    Deliver,
    /// Tell a recipient that data was erased (UK GDPR Art 19).
    TellRecipient,
    /// Look through a text that stays for somebody else, for traces of the person who went.
    Mask,
    /// Find out whether somebody has left their organisation.
    Left,
    /// Find out whether an address is right that mail comes back from.
    CameBack,
    /// Decide whether what somebody wrote is a request or a complaint.
    Asks,
    /// Answer what somebody wrote by a form.
    Answer,
    /// Anything else.
    Other,
}

impl Kind {
    const ALL: &[(Self, &'static str)] = &[
        (Self::DestroyPaper, "destroy paper"),
        (Self::Return, "return"),
        (Self::Deliver, "deliver"),
        (Self::TellRecipient, "tell recipient"),
        (Self::Mask, "mask"),
        (Self::Left, "left"),
        (Self::CameBack, "came back"),
        (Self::Asks, "asks"),
        (Self::Answer, "answer"),
        (Self::Other, "other"),
    ];

    /// Its name in the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("other", |(_, name)| name)
    }

    /// The kind of a name.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self::ALL.iter().find(|(_, known)| *known == name).map_or(Self::Other, |(kind, _)| *kind)
    }
}

/// A task about to be made.
#[derive(Clone, Copy, Debug)]
pub struct NewTask<'a> {
    /// What kind.
    pub kind: Kind,
    /// In a sentence. No address, number or note of a person belongs in it.
    pub what: &'a str,
    /// About whom.
    pub person: Option<PersonId>,
    /// On which work.
    pub engagement: Option<EngagementId>,
    /// For which request.
    pub request: Option<RequestId>,
    /// Which document.
    pub document: Option<DocumentId>,
    /// Which paper file.
    pub paper: Option<i64>,
    /// Which entry.
    pub entry: Option<EntryId>,
    /// Which ground's end it follows, where its person may be gone before it is done.
    pub ground: Option<GroundId>,
    /// Of what it is, where its person may be gone before it is done: a kind, a day, a piece of work. It goes when it is done.
    pub about: Option<&'a str>,
    /// Where that is. It goes when it is done.
    pub place: Option<&'a str>,
    /// The key of the clause that asks for it.
    pub rule: Option<&'a str>,
    /// Where a text is to be masked that must stay as it is for now, as [`crate::mention::later`] notes it.
    pub mask: Option<&'a str>,
    /// Whom it has somebody tell or ask something: a recipient of somebody's details, as the policy names them.
    pub recipient: Option<&'a str>,
    /// What that is.
    pub told: Option<Telling>,
    /// Of what was put right, which kind it is.
    pub detail: Option<&'a str>,
    /// Whether the request stays open until it is done.
    pub blocks: bool,
    /// Who does it; else whoever has the role.
    pub owner: Option<StaffId>,
    /// The last day for it.
    pub due_on: Option<Date>,
}

impl<'a> NewTask<'a> {
    /// A task with nothing but its kind and sentence.
    #[must_use]
    pub fn new(kind: Kind, what: &'a str) -> Self {
        Self {
            kind,
            what,
            person: None,
            engagement: None,
            request: None,
            document: None,
            paper: None,
            entry: None,
            ground: None,
            about: None,
            place: None,
            rule: None,
            mask: None,
            recipient: None,
            told: None,
            detail: None,
            blocks: false,
            owner: None,
            due_on: None,
        }
    }
}

/// A task.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Task {
    /// Its row.
    pub id: TaskId,
    /// What kind.
    pub kind: Kind,
    /// In a sentence.
    pub what: String,
    /// About whom.
    pub person: Option<PersonId>,
    /// On which work.
    pub engagement: Option<EngagementId>,
    /// For which request.
    pub request: Option<RequestId>,
    /// Which document.
    pub document: Option<DocumentId>,
    /// Which paper file.
    pub paper: Option<i64>,
    /// Which entry.
    pub entry: Option<EntryId>,
    /// Of what it is, whoever it was about.
    pub about: Option<String>,
    /// Where that is.
    pub place: Option<String>,
    /// The key of the clause that asks for it.
    pub rule: Option<String>,
    /// Where a text is to be masked that must stay as it is for now, as [`crate::mention::later`] notes it.
    pub mask: Option<String>,
    /// Whom it has somebody tell or ask something: a recipient of somebody's details, as the policy names them.
    pub recipient: Option<String>,
    /// What that is.
    pub told: Option<Telling>,
    /// Of what was put right, which kind it is.
    pub detail: Option<String>,
    /// Whether the request stays open until it is done.
    pub blocks: bool,
    /// Who does it.
    pub owner: Option<StaffId>,
    /// The last day for it.
    pub due_on: Option<Date>,
    /// Done.
    pub done_on: Option<Date>,
    /// What was written down when it was done: how, or what a recipient answered.
    pub outcome: Option<String>,
}

const SELECT: &str = "SELECT id, kind, what, person_id, engagement_id, request_id, document_id, paper_id, entry_id, blocks, owner_id,
    due_on, done_on, about, place, rule, mask, outcome, recipient, told, detail FROM task";

fn read(row: &Row<'_>) -> Result<Task> {
    Ok(Task {
        id: TaskId(row.int(0)?),
        kind: Kind::named(row.str(1)?),
        what: row.text(2)?,
        person: row.opt_int(3)?.map(PersonId),
        engagement: row.opt_int(4)?.map(EngagementId),
        request: row.opt_int(5)?.map(RequestId),
        document: row.opt_int(6)?.map(DocumentId),
        paper: row.opt_int(7)?,
        entry: row.opt_int(8)?.map(EntryId),
        blocks: row.bool(9)?,
        owner: row.opt_int(10)?.map(StaffId),
        due_on: row.opt_date(11)?,
        done_on: row.opt_date(12)?,
        about: row.opt_text(13)?,
        place: row.opt_text(14)?,
        rule: row.opt_text(15)?,
        mask: row.opt_text(16)?,
        outcome: row.opt_text(17)?,
        recipient: row.opt_text(18)?,
        told: row.opt_str(19)?.and_then(Telling::named),
        detail: row.opt_text(20)?,
    })
}

/// What somebody does who destroys a document of this kind by hand.
pub(crate) fn destroying(kind: &str, elsewhere: bool) -> String {
    match elsewhere {
        true => format!("Delete the {kind} that lies elsewhere"),
        false => format!("Destroy the {kind} on paper"),
    }
}

/// Makes a task.
///
/// # Errors
/// [`Error::Referred`] if the person, request or owner is not there.
pub fn add(tx: &Tx<'_>, new: &NewTask<'_>, now: Timestamp) -> Result<TaskId> {
    let task = TaskId(id::next());
    tx.exec(
        "INSERT INTO task (id, kind, what, person_id, engagement_id, request_id, document_id, paper_id, entry_id, blocks, owner_id,
            due_on, created_at, about, place, rule, mask, recipient, told, detail, ground_id)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21)",
        params![
            task, new.kind.name(), new.what, new.person, new.engagement, new.request, new.document, new.paper, new.entry,
            new.blocks, new.owner, new.due_on, now, new.about, new.place,
            new.rule, new.mask, new.recipient, new.told.map(Telling::name), new.detail, new.ground
        ],
    )?;
    kept(tx, task)?;
    Ok(task)
}

/// Says that a task is part of answering a request.
///
/// # Errors
/// [`Error::Missing`] if there is no such task.
pub fn belongs(tx: &Tx<'_>, task: TaskId, request: RequestId) -> Result<()> {
    match tx.exec("UPDATE task SET request_id = ?2 WHERE id = ?1", params![task, request])? {
        0 => Err(Error::Missing),
        _ => kept(tx, task),
    }
}

/// Keeps whom the open tasks of telling recipients for a request are about, once nothing else says it: until each is done.
///
/// # Errors
/// Whatever the database says.
pub fn name(tx: &Tx<'_>, request: RequestId, whom: &str) -> Result<()> {
    let sql = "UPDATE task SET about = ?2 WHERE request_id = ?1 AND kind = 'tell recipient' AND done_on IS NULL AND about IS NULL";
    tx.exec(sql, params![request, whom])?;
    Ok(())
}

/// The tasks of telling recipients that name somebody, and the day on which each was made, where it can be read.
///
/// # Errors
/// Whatever the database says.
pub fn naming(tx: &Tx<'_>, policy: &Policy) -> Result<Vec<(TaskId, Result<Date>)>> {
    let sql =
        "SELECT id, created_at FROM task WHERE kind = 'tell recipient' AND about IS NOT NULL ORDER BY id";
    let made = |row: &Row<'_>| row.at(1).map(|at| life::local_date(policy, at));
    tx.all(sql, &[], |row| Ok((TaskId(row.int(0)?), made(row))))
}

/// Whether somebody was to tell a recipient this of a person, or of the end of a ground of theirs, since a day, whether or not they have.
pub(crate) fn told_since(
    tx: &Tx<'_>,
    policy: &Policy,
    (person, ground, recipient): (PersonId, GroundId, &str),
    telling: Telling,
    since: Date,
) -> Result<bool> {
    // That something is erased is told of all of it at once, whatever ground the task has. Each is asked for apart, by its index.
    let sql = "SELECT created_at FROM task WHERE recipient = ?2 AND told = ?3 AND person_id = ?1
        UNION ALL SELECT created_at FROM task WHERE recipient = ?2 AND told = ?3 AND ground_id = ?4
        UNION ALL SELECT k.created_at FROM ground g JOIN task k ON k.ground_id = g.id
            WHERE g.person_id = ?1 AND k.recipient = ?2 AND k.told = ?3 AND k.told = 'erased'";
    let made = tx.all(sql, params![person, recipient, telling.name(), ground], |row| row.at(0))?;
    Ok(made.into_iter().any(|made| life::local_date(policy, made) >= since))
}

/// Takes away what the open tasks of a person, for a request or for none, would tell recipients, and the drafts of letters that say it: it
/// is no longer so.
///
/// # Errors
/// Whatever the database says.
pub fn superseded(
    tx: &Tx<'_>,
    (person, request): (PersonId, Option<RequestId>),
    telling: Telling,
) -> Result<()> {
    let request = request.map_or(0, |request| request.0);
    let open = "person_id = ?1 AND COALESCE(request_id, 0) = ?2 AND told = ?3 AND done_on IS NULL";
    ring_duty::delete(tx, "task", open, params![person, request, telling.name()])?;
    let drafts = "request_id = ?1 AND sort = 'recipient' AND sent_on IS NULL";
    ring_duty::delete(tx, "letter", drafts, params![request])?;
    Ok(())
}

/// Takes away the open tasks of telling a recipient of a person that something may be used again, and the drafts of letters to them: it
/// may not.
///
/// # Errors
/// Whatever the database says.
pub fn goes_on_no_more(tx: &Tx<'_>, person: PersonId, recipient: &str) -> Result<()> {
    let open = "person_id = ?1 AND recipient = ?2 AND told IN (?3, ?4) AND done_on IS NULL";
    let values = params![person, recipient, Telling::GoesOn.name(), Telling::Lifted.name()];
    if ring_duty::delete(tx, "task", open, values)? > 0 {
        let drafts = "person_id = ?1 AND recipient = ?2 AND sort = 'recipient' AND sent_on IS NULL";
        ring_duty::delete(tx, "letter", drafts, params![person, recipient])?;
    }
    Ok(())
}

/// Whoever heard that what a person objects to may only be stored, and not since what came of it.
///
/// # Errors
/// Whatever the database says.
pub fn left_in_doubt(tx: &Tx<'_>, person: PersonId) -> Result<Vec<String>> {
    left(tx, person, "objection", Telling::GoesOn)
}

/// Whoever heard that what a person had restricted may only be stored, and not since that this has ended.
///
/// # Errors
/// Whatever the database says.
pub fn left_restricted(tx: &Tx<'_>, person: PersonId) -> Result<Vec<String>> {
    left(tx, person, "restriction", Telling::Lifted)
}

/// Whoever heard last, by a request of a kind or by none where it is a restriction, that it may only be stored.
fn left(tx: &Tx<'_>, person: PersonId, kind: &str, ended: Telling) -> Result<Vec<String>> {
    let sql = "SELECT k.recipient, k.told FROM task k LEFT JOIN request q ON q.id = k.request_id
        WHERE k.person_id = ?1 AND k.recipient IS NOT NULL AND k.done_on IS NOT NULL
        AND (k.told IN (?3, ?4) OR (k.told = ?2 AND COALESCE(q.kind, 'restriction') = ?5)) ORDER BY k.done_on, k.id";
    let only_stored = Telling::Restricted.name();
    let values = params![person, only_stored, ended.name(), Telling::Stopped.name(), kind];
    let mut left: Vec<String> = Vec::new();
    for (recipient, told) in tx.all(sql, values, |row| Ok((row.text(0)?, row.text(1)?)))? {
        left.retain(|known| *known != recipient);
        if told == only_stored {
            left.push(recipient);
        }
    }
    Ok(left)
}

/// Whom open tasks have somebody tell that something of a person may only be stored.
///
/// # Errors
/// Whatever the database says.
pub fn to_hear_only_stored(tx: &Tx<'_>, person: PersonId) -> Result<Vec<String>> {
    let sql = "SELECT DISTINCT recipient FROM task WHERE person_id = ?1 AND told = ?2 AND recipient IS NOT NULL AND done_on IS NULL
        ORDER BY recipient";
    tx.all(sql, params![person, Telling::Restricted.name()], |row| row.text(0))
}

/// Takes the name out of a task.
///
/// # Errors
/// Whatever the database says.
pub fn unname(tx: &Tx<'_>, task: TaskId) -> Result<()> {
    ring_duty::lost(tx, "task", "id = ?1 AND about IS NOT NULL", params![task])?;
    tx.exec("UPDATE task SET about = NULL WHERE id = ?1", params![task])?;
    Ok(())
}

/// One task.
///
/// # Errors
/// [`Error::Missing`] if there is none.
pub fn one(tx: &Tx<'_>, task: TaskId) -> Result<Task> {
    tx.one(&format!("{SELECT} WHERE id = ?1"), params![task], read)
}

/// Open tasks, those due first; all of them, or those of one member of staff and of nobody.
///
/// # Errors
/// Whatever the database says.
pub fn open(tx: &Tx<'_>, of: Option<StaffId>, limit: u32) -> Result<Vec<Task>> {
    tx.all(&open_where(""), params![of, limit], read)
}

/// The same of one kind.
///
/// # Errors
/// Whatever the database says.
pub fn open_kind(tx: &Tx<'_>, of: Option<StaffId>, kind: Kind, limit: u32) -> Result<Vec<Task>> {
    tx.all(&open_where("AND kind = ?3"), params![of, limit, kind.name()], read)
}

/// The same but for what anybody outside can bring about, who must not push the rest off a list by writing often.
///
/// # Errors
/// Whatever the database says.
pub fn open_of_ours(tx: &Tx<'_>, of: Option<StaffId>, limit: u32) -> Result<Vec<Task>> {
    let (answer, asks) = (Kind::Answer.name(), Kind::Asks.name());
    tx.all(&open_where("AND kind NOT IN (?3, ?4)"), params![of, limit, answer, asks], read)
}

fn open_where(and: &str) -> String {
    format!(
        "{SELECT} WHERE done_on IS NULL AND (CAST(?1 AS BIGINT) IS NULL OR owner_id IS NULL OR owner_id = ?1) {and}
            ORDER BY CASE WHEN due_on IS NULL THEN 1 ELSE 0 END, due_on, id LIMIT ?2"
    )
}

/// The tasks of a request, done ones too.
///
/// # Errors
/// Whatever the database says.
pub fn of_request(tx: &Tx<'_>, request: RequestId) -> Result<Vec<Task>> {
    tx.all(&format!("{SELECT} WHERE request_id = ?1 ORDER BY id"), params![request], read)
}

/// The open task that says exactly this.
///
/// # Errors
/// Whatever the database says.
pub fn open_of_words(tx: &Tx<'_>, what: &str) -> Result<Option<TaskId>> {
    let sql = "SELECT id FROM task WHERE what = ?1 AND done_on IS NULL ORDER BY id LIMIT 1";
    tx.maybe(sql, params![what], |row| Ok(TaskId(row.int(0)?)))
}

/// Open tasks about a person.
///
/// # Errors
/// Whatever the database says.
pub fn open_of_person(tx: &Tx<'_>, person: PersonId) -> Result<Vec<Task>> {
    tx.all(&format!("{SELECT} WHERE person_id = ?1 AND done_on IS NULL ORDER BY id"), params![person], read)
}

/// The open tasks of a piece of work.
///
/// # Errors
/// Whatever the database says.
pub fn of_engagement(tx: &Tx<'_>, engagement: EngagementId) -> Result<Vec<Task>> {
    tx.all(
        &format!("{SELECT} WHERE engagement_id = ?1 AND done_on IS NULL ORDER BY id"),
        params![engagement],
        read,
    )
}

/// Whether something still keeps a request open.
///
/// # Errors
/// Whatever the database says.
pub fn blocking(tx: &Tx<'_>, request: RequestId) -> Result<bool> {
    tx.any("SELECT 1 FROM task WHERE request_id = ?1 AND blocks = 1 AND done_on IS NULL", params![request])
}

/// Whether an open task stands for a document or a paper file already: one that hands it over or destroys it, of one piece of
/// work where that is asked.
pub(crate) fn stands_for(
    tx: &Tx<'_>,
    document: Option<i64>,
    paper: Option<i64>,
    work: Option<EngagementId>,
) -> Result<bool> {
    let sql =
        "SELECT 1 FROM task WHERE done_on IS NULL AND kind <> 'mask' AND (document_id = ?1 OR paper_id = ?2)";
    let (document, paper) = (document.unwrap_or(0), paper.unwrap_or(0));
    match work {
        Some(work) => tx.any(&format!("{sql} AND engagement_id = ?3"), params![document, paper, work]),
        None => tx.any(sql, params![document, paper]),
    }
}

/// Whether somebody was asked before to hand over a document, whether or not that is done.
pub(crate) fn handed_over(tx: &Tx<'_>, document: i64) -> Result<bool> {
    tx.any("SELECT 1 FROM task WHERE document_id = ?1 AND kind IN ('return', 'deliver')", params![document])
}

/// An open task `t` about work or somebody that went: it can never sensibly be done. What a disposal owes (paper to
/// destroy, originals to return, recipients to tell) outlives the person by its nature. Whoever asks or complains and is nobody
/// we hold has no details, and has not gone: their request, or the letter that did not reach them, is there. A text that is still to be
/// masked is there whatever is left of whom it is about.
pub(crate) const LEFT_BEHIND: &str = "t.done_on IS NULL AND t.kind IN ('other', 'mask', 'asks', 'answer', 'came back') AND (
    (t.engagement_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM engagement e WHERE e.id = t.engagement_id))
    OR (t.engagement_id IS NOT NULL AND t.person_id IS NOT NULL AND NOT EXISTS
        (SELECT 1 FROM engagement_person p WHERE p.engagement_id = t.engagement_id AND p.person_id = t.person_id))
    OR (t.person_id IS NOT NULL AND t.mask IS NULL AND NOT EXISTS (SELECT 1 FROM item i WHERE i.person_id = t.person_id)
        AND NOT EXISTS (SELECT 1 FROM request q WHERE q.id = t.request_id AND q.person_id IS NOT NULL)
        AND NOT EXISTS (SELECT 1 FROM letter l WHERE l.person_id = t.person_id AND t.rule = 'letter ' || CAST(l.id AS TEXT)))
    OR (t.entry_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM entry n WHERE n.id = t.entry_id))
    OR (t.kind = 'mask' AND t.document_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM document d WHERE d.id = t.document_id)))";

/// How a task was done that nobody had to do any more.
pub(crate) const HAS_GONE: &str = "what it was about has gone";

/// Closes the open tasks about what has gone.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn close_left_behind(tx: &Tx<'_>, on: Date) -> Result<()> {
    tx.put(
        &format!(
            "UPDATE task SET done_on = ?1, outcome = '{HAS_GONE}'
                WHERE id IN (SELECT t.id FROM task t WHERE {LEFT_BEHIND})"
        ),
        params![on],
    )
}

/// Whether a task with these words was closed on a day because what it was about had gone.
///
/// # Errors
/// Whatever the database says.
pub fn closed_as_gone(tx: &Tx<'_>, what: &str, on: Date) -> Result<bool> {
    let sql =
        format!("SELECT 1 FROM task WHERE what = ?1 AND done_on = ?2 AND outcome = '{HAS_GONE}' LIMIT 1");
    tx.any(&sql, params![what, on])
}

/// Lets what is still to be done by hand outlive the requests it belongs to, which go now: paper is there, a recipient has not
/// heard, a text has not been masked. Whatever else was to be done for a request goes with it.
pub(crate) fn outlive(tx: &Tx<'_>, requests: &str, values: &[Value<'_>]) -> Result<()> {
    let theirs = format!("done_on IS NULL AND request_id IN ({requests})");
    kept_where(tx, &theirs, values)?;
    let sql = format!(
        "UPDATE task SET request_id = NULL WHERE {theirs} AND kind IN ('destroy paper', 'return', 'deliver', 'tell recipient', 'mask')"
    );
    tx.exec(&sql, values)?;
    Ok(())
}

/// Says in the open tasks for a paper file that it is elsewhere now.
pub(crate) fn moved(tx: &Tx<'_>, paper: i64) -> Result<()> {
    let theirs = "paper_id = ?1 AND done_on IS NULL AND place IS NOT NULL";
    ring_duty::lost(tx, "task", theirs, params![paper])?;
    tx.exec(
        &format!("UPDATE task SET place = (SELECT p.place || ': ' || p.what FROM paper p WHERE p.id = ?1) WHERE {theirs}"),
        params![paper],
    )?;
    Ok(())
}

/// Marks a task as done; what says of what it was goes. What it was for happens in [`crate::sweep::confirm`], which calls this.
///
/// # Errors
/// [`Error::Missing`] if there is no such open task.
pub fn done(tx: &Tx<'_>, task: TaskId, on: Date, by: Option<StaffId>, outcome: Option<&str>) -> Result<Task> {
    ring_duty::lost(tx, "task", "id = ?1 AND done_on IS NULL AND about IS NOT NULL", params![task])?;
    let sql =
        "UPDATE task SET done_on = ?2, done_by = ?3, outcome = ?4, about = NULL, place = NULL, mask = NULL
        WHERE id = ?1 AND done_on IS NULL";
    match tx.exec(sql, params![task, on, by, outcome])? {
        0 => Err(Error::Missing),
        _ => {
            kept(tx, task)?;
            one(tx, task)
        }
    }
}

/// A piece of work that the text of a task lies on.
///
/// # Errors
/// Whatever the database says.
pub fn lies_on(tx: &Tx<'_>, task: &Task) -> Result<Option<EngagementId>> {
    let found = match (task.document, task.entry) {
        (Some(document), _) => {
            let sql = "SELECT MIN(engagement_id) FROM document_work WHERE document_id = ?1";
            tx.maybe(sql, params![document], |row| row.opt_int(0))?
        }
        (None, Some(entry)) => {
            let sql = "SELECT MIN(engagement_id) FROM entry_work WHERE entry_id = ?1";
            tx.maybe(sql, params![entry], |row| row.opt_int(0))?
        }
        (None, None) => None,
    };
    Ok(found.flatten().map(EngagementId))
}

/// Gives a task to somebody, or to nobody.
///
/// # Errors
/// [`Error::Missing`] if there is no such open task.
pub fn assign(tx: &Tx<'_>, task: TaskId, owner: Option<StaffId>) -> Result<()> {
    match tx.exec("UPDATE task SET owner_id = ?2 WHERE id = ?1 AND done_on IS NULL", params![task, owner])? {
        0 => Err(Error::Missing),
        _ => kept(tx, task),
    }
}
