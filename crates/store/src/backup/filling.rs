//! Filling an empty database row by row: what stands in a backup, unless its key was destroyed; what a later backup or
//! the safe says of a row, in its place. A row that refers to what is not there does not come back, and fails nothing.

use std::collections::{BTreeMap, BTreeSet};

use zeroize::Zeroizing;

use super::pack::{Reader, open};
use super::restore::{Others, Restored, SURVIVES};
use super::row;
use crate::asked::placeholders;
use crate::ring::Path;
use crate::safe::{Safe, Since};
use crate::schema::{self, Table};
use crate::{Error, Result, Tx, Value, params, task};

/// The table of what is to be done.
const TASKS: &str = "task";

/// Whether a row of it is of what is to be done by hand outside.
fn is_outside(columns: &[String], plain: &[u8]) -> Result<bool> {
    let kind = columns.iter().position(|name| name == "kind");
    let values = row::read(plain)?;
    let kind = kind.and_then(|place| values.get(place));
    Ok(matches!(kind, Some(Value::Text(kind)) if task::is_outside(kind)))
}

/// The columns of a row of a backup, what stands in them, and whether that is of later.
type Opened = (Vec<String>, Zeroizing<Vec<u8>>, bool);

pub(super) struct Filling<'s> {
    safe: &'s Safe,
    others: Others,
    /// Identities of rows that did not come back, by table: what refers to them does not either.
    gone: BTreeSet<(&'static str, i64)>,
    /// Identities of rows that were found to be there.
    there: BTreeSet<(&'static str, i64)>,
    pub done: Restored,
}

impl<'s> Filling<'s> {
    pub(super) fn new(safe: &'s Safe, others: Others) -> Self {
        Self { safe, others, gone: BTreeSet::new(), there: BTreeSet::new(), done: Restored::default() }
    }

    /// A row of a backup.
    pub(super) fn row(
        &mut self,
        tx: &Tx<'_>,
        table: &'static Table,
        (row, key): (Path, Path),
        (reader, number): (&Reader, u8),
        sealed: &[u8],
    ) -> Result<()> {
        let Some((columns, plain, later)) = self.opened(table, (row, key), (reader, number), sealed)? else {
            self.done.gone += 1;
            self.gone.insert((table.name, row.id()));
            return Ok(());
        };
        match self.insert(tx, table, &columns, &plain, later)? {
            true => self.done.rows += 1,
            false => self.done.orphans += 1,
        }
        Ok(())
    }

    /// What stands in a row of a backup; nothing where its key was destroyed.
    fn opened(
        &self,
        table: &'static Table,
        (row, key): (Path, Path),
        (reader, number): (&Reader, u8),
        sealed: &[u8],
    ) -> Result<Option<Opened>> {
        let (_, columns) = reader.header.tables.get(usize::from(number)).ok_or(Error::Missing)?;
        let plain = match self.safe.ring(&reader.header.tree) {
            Some(ring) => open(ring, &reader.header.salt, number, row, key, sealed)?,
            None => None,
        };
        let other = || self.others.get(&(table.name.to_owned(), row));
        Ok(match plain {
            Some(plain) => Some((columns.clone(), plain, false)),
            None => other().map(|(columns, plain)| (columns.clone(), plain.clone(), true)),
        })
    }

    /// A row of the newest backup of a table that comes from an earlier one: what is to be done by hand outside has been asked for and
    /// done since all the same.
    pub(super) fn outside(
        &mut self,
        tx: &Tx<'_>,
        table: &'static Table,
        at: (Path, Path),
        from: (&Reader, u8),
        sealed: &[u8],
    ) -> Result<()> {
        if table.name != TASKS {
            return Ok(());
        }
        match self.opened(table, at, from, sealed)? {
            Some((columns, plain, _)) if is_outside(&columns, &plain)? => {
                self.put(tx, table, &columns, &plain).map(drop)
            }
            _ => Ok(()),
        }
    }

    /// A row of the safe takes the place of the one that came from a backup. One that no backup had comes back only
    /// where every restore must bring it back: of any other row the safe knows what it lost, and not what hung on it.
    pub(super) fn since(&mut self, tx: &Tx<'_>, since: &Since) -> Result<()> {
        let Some(table) = schema::table(&since.table) else { return Ok(()) };
        if self.put(tx, table, &since.columns, &since.plain)? {
            self.done.since += 1;
        }
        Ok(())
    }

    /// Puts a row as it is said of later in the place of the one there. Whether it is there now.
    fn put(&mut self, tx: &Tx<'_>, table: &'static Table, columns: &[String], plain: &[u8]) -> Result<bool> {
        let values = row::read(plain)?;
        let key: Vec<Value<'static>> = table
            .key
            .iter()
            .map(|name| {
                let place = columns.iter().position(|column| column == name);
                place.and_then(|place| values.get(place)).cloned().unwrap_or(Value::Null)
            })
            .collect();
        let condition: Vec<String> =
            table.key.iter().zip(1..).map(|(name, number)| format!("{name} = ?{number}")).collect();
        let condition = condition.join(" AND ");
        if tx.any(&format!("SELECT 1 FROM {} WHERE {condition}", table.name), &key)? {
            self.update(tx, table, columns, values, key, &condition)?;
            return Ok(true);
        }
        let comes = SURVIVES.contains(&table.name) || (table.name == TASKS && is_outside(columns, plain)?);
        Ok(comes && self.insert(tx, table, columns, plain, true)?)
    }

    fn update(
        &mut self,
        tx: &Tx<'_>,
        table: &'static Table,
        columns: &[String],
        values: Vec<Value<'static>>,
        key: Vec<Value<'static>>,
        condition: &str,
    ) -> Result<()> {
        let mut given: BTreeMap<&str, Value<'static>> =
            columns.iter().map(String::as_str).zip(values).collect();
        let mut sets = Vec::new();
        let mut all = key;
        for column in table.columns.iter().filter(|column| !table.key.contains(&column.name)) {
            let Some(mut value) = given.remove(column.name) else { continue };
            if let (Some(refers), Value::Int(id)) = (column.refers, &value)
                && !self.stands(tx, refers, *id)?
            {
                // What it referred to at the point is there, what it refers to now is not.
                if !column.null {
                    continue;
                }
                value = Value::Null;
            }
            all.push(value);
            sets.push(format!("{} = ?{}", column.name, all.len()));
        }
        if !sets.is_empty() {
            tx.exec(&format!("UPDATE {} SET {} WHERE {condition}", table.name, sets.join(", ")), &all)?;
        }
        Ok(())
    }

    /// Whether a row that something refers to is there.
    fn stands(&mut self, tx: &Tx<'_>, table: &'static str, id: i64) -> Result<bool> {
        if self.there.contains(&(table, id)) {
            return Ok(true);
        }
        let stands = tx.any(&format!("SELECT 1 FROM {table} WHERE id = ?1"), params![id])?;
        if stands {
            self.there.insert((table, id));
        }
        Ok(stands)
    }

    /// Inserts a row, if everything it refers to is there. A column that may be empty is emptied instead. What is of
    /// one moment refers only to what was there then; `later`, and across moments, it is looked for.
    fn insert(
        &mut self,
        tx: &Tx<'_>,
        table: &'static Table,
        columns: &[String],
        plain: &[u8],
        later: bool,
    ) -> Result<bool> {
        let mut values = row::read(plain)?;
        if values.len() != columns.len() {
            return Err(Error::Damaged(format!("a row of {} in a backup", table.name)));
        }
        for (name, value) in columns.iter().zip(&mut values) {
            let Some(column) = table.columns.iter().find(|column| column.name == *name) else {
                return Err(Error::Place(format!(
                    "this backup has a column {name} that this version of the program does not know"
                )));
            };
            let (Some(refers), Value::Int(id)) = (column.refers, &*value) else { continue };
            let look = later || SURVIVES.contains(&table.name) || SURVIVES.contains(&refers);
            let known = !self.gone.contains(&(refers, *id)) && (!look || self.stands(tx, refers, *id)?);
            match (known, column.null) {
                (true, _) => {}
                (false, true) => *value = Value::Null,
                (false, false) => {
                    let own =
                        columns.iter().position(|name| name == "id").and_then(|place| values.get(place));
                    if let Some(Value::Int(id)) = own {
                        self.gone.insert((table.name, *id));
                    }
                    return Ok(false);
                }
            }
        }
        let places = placeholders(0, columns.len());
        let sql = format!("INSERT INTO {} ({}) VALUES ({places})", table.name, columns.join(", "));
        tx.put(&sql, &values)?;
        Ok(true)
    }
}
