//! Files that wait to be brought in: whoever is erased is taken out of them too, so that nothing of them comes in afterwards.
//! Their own row goes; where another row speaks of them they are masked; a file whose columns nobody has named yet cannot be
//! told apart, and goes whole if it speaks of them. What any file was called goes where that is their name, and so do headings of
//! columns that name them, which are kept with every import.

use custody::id::ImportId;
use serde_json::json;
use store::Tx;
use store::import::{self, Batch, ImportRow, Outcome, State};
use store::mention::own::{Own, Surely};

use super::INSTEAD;
use crate::acts::Acting;
use crate::acts::import::{Importing, Raw, Said, sheet};
use crate::fault::Fault;
use crate::intake::Target;

/// Rows looked at with one question.
const AT_ONCE: u32 = 1_000;

/// What stands between cells that are not one name: no name goes over an empty line.
const APART: &str = "\n\n";

/// What became of files that wait.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Incoming {
    /// Rows that were theirs and are gone.
    pub gone: u32,
    /// Rows of others in which they were masked.
    pub masked: u32,
    /// Files that spoke of them and are forgotten whole.
    pub files: u32,
    /// The bytes that can go once this is committed.
    pub(super) bytes: Vec<String>,
}

/// Takes somebody out of every file that waits to be brought in.
pub(super) fn forget(acting: &Acting<'_>, tx: &Tx<'_>, own: &Own) -> Result<Incoming, Fault> {
    let mut done = Incoming::default();
    for state in [State::Planned, State::Running] {
        for batch in import::in_state(tx, state)? {
            rows(acting, tx, own, &batch, &mut done)?;
        }
    }
    for state in [State::Asked, State::Named] {
        for batch in import::in_state(tx, state)? {
            if speaks(acting, own, &batch)? {
                done.bytes.extend(import::forget(tx, batch.id, acting.now)?);
                done.files += 1;
                acting.log(
                    tx,
                    "import.forgotten",
                    &[],
                    &json!({ "import": batch.id.0, "for": "erasure" }),
                )?;
            }
        }
    }
    for (id, said) in import::said(tx)? {
        headings(acting, tx, own, (id, &said), &mut done)?;
    }
    for (id, name) in import::names(tx)? {
        // `Tara_Quill.csv`, `tara-quill-2026.csv`.
        if own.spoken_of(&name.replace(['_', '.', '-'], " ")) == Some(Surely(true)) {
            import::unname(tx, id)?;
        }
    }
    Ok(done)
}

/// The headings of a file's columns, which stay when it has gone.
fn headings(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    own: &Own,
    (id, said): (ImportId, &str),
    done: &mut Incoming,
) -> Result<(), Fault> {
    // What an earlier version of the program wrote and nobody can read any more has no headings to show.
    let Ok(mut said) = serde_json::from_str::<Said>(said) else { return Ok(()) };
    let mut masked = false;
    for heading in &mut said.headings {
        if let Some(bare) = own.masked(heading, INSTEAD) {
            *heading = bare;
            masked = true;
        }
    }
    if masked {
        let said = serde_json::to_string(&said).map_err(|error| Fault::Other(error.to_string()))?;
        import::reword(tx, id, &said)?;
        // The file says it all again: the cells that are needed are kept beside it.
        done.bytes.extend(import::let_file_go(tx, id, acting.now)?);
    }
    Ok(())
}

/// The rows of a file whose columns are known.
fn rows(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    own: &Own,
    batch: &Batch,
    done: &mut Incoming,
) -> Result<(), Fault> {
    let before = (done.gone, done.masked);
    let targets = match Importing::load(&acting.policy, tx, batch.id) {
        Ok(importing) => importing.targets,
        // The policy in force has its activity no more: what its columns are is not known.
        Err(Fault::Invalid(_)) => Vec::new(),
        Err(fault) => return Err(fault),
    };
    let mut after = 0;
    loop {
        let some = import::planned(tx, batch.id, after, AT_ONCE)?;
        let Some(last) = some.last().map(|row| row.line) else { break };
        after = last;
        for row in &some {
            let Some(without) = without(own, row, &targets)? else { continue };
            match &without {
                Some(_) => done.masked += 1,
                None => done.gone += 1,
            }
            import::taken_out(tx, batch.id, row.line, without.as_deref(), acting.now)?;
        }
    }
    if before == (done.gone, done.masked) {
        return Ok(());
    }
    // The file says it all again, and is not needed any more: its cells are kept.
    done.bytes.extend(import::let_file_go(tx, batch.id, acting.now)?);
    Ok(())
}

/// A row without them: nothing where it does not surely speak of them, and then no cells where it is their own.
#[expect(clippy::option_option, reason = "not changed, gone, and changed are three different things")]
fn without(own: &Own, row: &ImportRow, targets: &[Target]) -> Result<Option<Option<String>>, Fault> {
    let Some(text) = &row.raw else { return Ok(None) };
    let Ok(mut raw) = serde_json::from_str::<Raw>(text) else { return Ok(None) };
    // A name may stand in several columns; what stands in others beside it is no part of it.
    let named = |at: usize| targets.is_empty() || matches!(targets.get(at), Some(Target::Name(..)));
    let cells = |of_name: bool| {
        let cells = raw.cells.iter().filter(move |(at, _)| named(**at) == of_name);
        cells.map(|(_, cell)| cell.as_str()).collect::<Vec<_>>()
    };
    let name = cells(true).join(" ");
    let all = [vec![name.as_str()], cells(false)].concat().join(APART);
    if own.spoken_of(&all) != Some(Surely(true)) {
        return Ok(None);
    }
    // Their name over several cells makes it their own row.
    if own.masked(&name, INSTEAD).as_deref() == Some(INSTEAD) {
        return Ok(Some(None));
    }
    let mut masked = false;
    for cell in raw.cells.values_mut() {
        let Some(bare) = own.masked(cell, INSTEAD) else { continue };
        // So does a cell that is all theirs.
        if bare == INSTEAD {
            return Ok(Some(None));
        }
        *cell = bare;
        masked = true;
    }
    if !masked || row.outcome == Outcome::Back {
        return Ok(Some(None));
    }
    let text = serde_json::to_string(&raw).map_err(|error| Fault::Other(error.to_string()))?;
    Ok(Some(Some(text)))
}

/// Whether a file whose columns nobody has named yet speaks of them. What cannot be read cannot be brought in either.
fn speaks(acting: &Acting<'_>, own: &Own, batch: &Batch) -> Result<bool, Fault> {
    let sheet = match sheet(acting.instance, batch) {
        Ok(sheet) => sheet,
        Err(Fault::Store(error @ (store::Error::Contended | store::Error::Away(_)))) => {
            return Err(error.into());
        }
        Err(_) => return Ok(false),
    };
    let speaks = |words: &str| own.spoken_of(words) == Some(Surely(true));
    let in_a_row = sheet.rows.iter().any(|row| speaks(&row.cells().collect::<Vec<_>>().join(" ")));
    Ok(in_a_row || sheet.headers.iter().any(|heading| speaks(heading)))
}
