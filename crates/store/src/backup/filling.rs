//! Filling an empty database row by row: what stands in a backup, unless its key was destroyed; what a later backup or
//! the safe says of a row, in its place. A row that refers to what is not there does not come back, and fails nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::pack::{Reader, open};
use super::restore::{Others, Restored, SURVIVES};
use super::row;
use crate::asked::placeholders;
use crate::ring::Path;
use crate::safe::{Safe, Since};
use crate::schema::{self, Table};
use crate::{Error, Result, Tx, Value, params};

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
        let (_, columns) = reader.header.tables.get(usize::from(number)).ok_or(Error::Missing)?;
        let plain = match self.safe.ring(&reader.header.tree) {
            Some(ring) => open(ring, &reader.header.salt, number, row, key, sealed)?,
            None => None,
        };
        let later = plain.is_none();
        let (columns, plain) = match (plain, self.others.get(&(table.name.to_owned(), row))) {
            (Some(plain), _) => (columns.clone(), plain),
            (None, Some((columns, plain))) => (columns.clone(), plain.clone()),
            (None, None) => {
                self.done.gone += 1;
                self.gone.insert((table.name, row.id()));
                return Ok(());
            }
        };
        match self.insert(tx, table, &columns, &plain, later)? {
            true => self.done.rows += 1,
            false => self.done.orphans += 1,
        }
        Ok(())
    }

    /// A row of the safe takes the place of the one that came from a backup. One that no backup had comes back only
    /// where every restore must bring it back: of any other row the safe knows what it lost, and not what hung on it.
    pub(super) fn since(&mut self, tx: &Tx<'_>, since: &Since) -> Result<()> {
        let Some(table) = schema::table(&since.table) else { return Ok(()) };
        let values = row::read(&since.plain)?;
        let key: Vec<Value<'static>> = table
            .key
            .iter()
            .map(|name| {
                let place = since.columns.iter().position(|column| column == name);
                place.and_then(|place| values.get(place)).cloned().unwrap_or(Value::Null)
            })
            .collect();
        let condition: Vec<String> =
            table.key.iter().zip(1..).map(|(name, number)| format!("{name} = ?{number}")).collect();
        let condition = condition.join(" AND ");
        if tx.any(&format!("SELECT 1 FROM {} WHERE {condition}", table.name), &key)? {
            self.update(tx, table, &since.columns, values, key, &condition)?;
            self.done.since += 1;
        } else if SURVIVES.contains(&table.name)
            && self.insert(tx, table, &since.columns, &since.plain, true)?
        {
            self.done.since += 1;
        }
        Ok(())
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
