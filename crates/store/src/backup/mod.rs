//! Backups: everything the instance keeps, as sealed rows in files of their own, made while others go on working.
//!
//! The first backup of a tree of keys holds every row; each later one holds what changed since. After some days a new
//! tree begins, and an old one leaves whole, so that nothing in the place of backups is ever older than the policy says.
//! What the instance lets go of leaves every backup at once, because the key goes ([`crate::ring_duty`]). A row that
//! the program deleted for any other reason does not come back either; one that vanished behind its back does.

use std::path::Path as FilePath;

use jiff::{Timestamp, Unit};

use crate::place::Place;
use crate::ring::{Path, Ring, Walk};
use crate::safe::{self, Safe, Tree};
use crate::schema::{self, Owner};
use crate::{Error, Result, Store, Tx, keys, ring_duty};

mod filling;
mod pack;
mod points;
pub mod restore;
pub(crate) mod row;
mod state;

pub use pack::{Header, Reader, Record, open};
use pack::{Writer, seal};
pub use points::{Point, points};
use state::{Earlier, Entry, Later};

/// A backup that was made, read back and found whole.
#[derive(Debug)]
pub struct Made {
    /// Its name in the place of backups.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// Whether it holds everything, and not only what changed.
    pub whole: bool,
    /// Rows it wrote.
    pub written: u64,
    /// Rows that stand in the database.
    pub held: u64,
    /// Rows about people that were there at the backup before and vanished without the program having let go of them.
    pub vanished: u64,
    /// Files of documents that were copied.
    pub files: u64,
    /// Backups that left because their time was over.
    pub left: u64,
    /// Places of the safe that could not be written, and why.
    pub unreached: Vec<(Place, Error)>,
}

/// Where backups go and how long they stay.
#[derive(Clone, Debug)]
pub struct Keeping {
    /// The place of backups.
    pub to: Place,
    /// The second places of the safe.
    pub safes: Vec<Place>,
    /// How many days a backup may stay, at least one.
    pub days: i64,
}

/// Makes a backup, reads it back, and takes away what is past its time.
///
/// # Errors
/// [`Error::Damaged`] if what was read back is not what was written; whatever the disk or the database says. Then
/// nothing new counts as a backup.
pub fn make(store: &Store, keeping: &Keeping, now: Timestamp) -> Result<Made> {
    let to = &keeping.to;
    to.prepare()?;
    store.gather()?;
    let _only = safe::one_backup(store.data())?;
    let alone = safe::alone(store.data())?;
    ring_duty::carry_out_alone(store, &keeping.safes, now)?;
    let mut safe = Safe::open(store)?;
    let points = points(to, store.keys())?;
    // A tree lasts a sixth of the time, so that one leaves when its first backup must, and five sixths stay.
    let lasts = (keeping.days / 6).max(1);
    let tables: Vec<(String, Vec<String>)> = row::tables()
        .map(|table| {
            (table.name.to_owned(), table.columns.iter().map(|column| column.name.to_owned()).collect())
        })
        .collect();
    let before = points.iter().rfind(|point| safe.ring(&point.header.tree).is_some()).filter(|point| {
        let tree = safe.trees.iter().find(|tree| tree.name == point.header.tree);
        tree.is_some_and(|tree| days_between(tree.began, now) < lasts)
            && point.header.schema == schema::VERSION
            // Rows are known by the numbers of their tables and by what stood in all their columns.
            && point.header.tables == tables
    });
    let mut earlier = match before {
        Some(point) => Earlier::open(store.data(), &point.state())?,
        None => Earlier::open(store.data(), "")?,
    };
    let (tree, number) = match before.filter(|_| !earlier.is_empty()) {
        Some(point) => (point.header.tree.clone(), point.header.number + 1),
        None => (now.strftime("%Y-%m-%dT%H-%M-%SZ").to_string(), 0),
    };
    let name = points::name(&tree, number);
    if to.size(&name)?.is_some() {
        return Err(Error::Place(format!(
            "there is a {} already, of another instance or of this second",
            to.at(&name)
        )));
    }
    if number == 0 {
        safe.trees.push(Tree {
            name: tree.clone(),
            place: to.whole()?,
            began: now,
            last: now,
            ring: Ring::new()?,
        });
        // The keys are safe before anything is written under them.
        safe.write(store, &keeping.safes, now)?;
        earlier = Earlier::open(store.data(), "")?;
    }
    points::leave_half(to, store)?;
    let of = points::whose(store.keys());
    let half = to.half(&name, &of, store.data());
    let header = Header {
        of: of.clone(),
        tree: tree.clone(),
        number,
        at: now.as_millisecond(),
        schema: schema::VERSION,
        ring: safe.changes,
        salt: salt()?,
        tables,
    };
    let ring = safe.ring(&tree).ok_or(Error::Missing)?;
    let written = write(store, &half, &header, ring, &mut earlier).and_then(|written| {
        verified(store, &half, ring)?;
        // Whoever goes from here on must know under which keys they stand in it.
        store.write(|tx| {
            written
                .aliases
                .iter()
                .try_for_each(|(table, row, alias)| ring_duty::alias(tx, table, *row, *alias))
        })?;
        // What goes up may take long. Keys are destroyed meanwhile, and what is on its way then opens no more.
        drop(alone);
        let files = points::copy_files(store, to, keeping.days, now)?;
        to.put_half(&name, &of, store.data())?;
        Ok((written, files))
    });
    let (written, files) = written.inspect_err(|_| {
        let _ = std::fs::remove_file(&half);
    })?;
    let _alone = safe::alone(store.data())?;
    let mut safe = Safe::open(store)?;
    written.later.end(store.data())?;
    let left = points::leave(to, &mut safe, &points, keeping.days, now)?;
    safe.trees.iter_mut().filter(|known| known.name == tree).for_each(|known| known.last = now);
    safe.forget_backed_up();
    safe.log = store.read(crate::log::checkpoint)?.map(|found| (found.size, keys::hex(&found.root)));
    let mut unreached = safe.write(store, &keeping.safes, now)?;
    let since = ring_duty::carry_out_alone(store, &keeping.safes, now)?;
    if since.wrote {
        unreached = since.unreached;
    }
    Ok(Made {
        name,
        size: written.size,
        whole: number == 0,
        written: written.written,
        held: written.held,
        vanished: written.vanished,
        files,
        left,
        unreached,
    })
}

fn days_between(from: Timestamp, to: Timestamp) -> i64 {
    from.until((Unit::Hour, to)).map_or(0, |span| i64::from(span.get_hours()) / 24)
}

fn salt() -> Result<String> {
    let mut salt = [0; 16];
    crate::keys::random(&mut salt)?;
    Ok(keys::hex(&salt))
}

/// What was written.
struct Written {
    size: u64,
    written: u64,
    held: u64,
    vanished: u64,
    aliases: Vec<(&'static str, Path, i64)>,
    later: Later,
}

/// Goes through every table at one moment and writes what is not as it was.
fn write(
    store: &Store,
    beside: &FilePath,
    header: &Header,
    ring: &Ring,
    earlier: &mut Earlier,
) -> Result<Written> {
    let mut writer = Writer::begin(beside.to_owned(), store.keys(), header)?;
    let mut later = Later::begin(store.data(), &format!("{}/{}", header.tree, header.number))?;
    let mut made = Counts::default();
    let personal: Vec<bool> = row::tables().map(|table| table.owner != Owner::None).collect();
    let mut walk = Walk::new(ring);
    store.read(|tx| {
        for (number, table) in (0u8..).zip(row::tables()) {
            each_row(tx, table, |path, plain| {
                made.held += 1;
                let before = earlier
                    .find(number, path, |gone| vanished(&mut writer, ring, &personal, gone, &mut made))?;
                let key = before.map_or(path, |entry| entry.key);
                if let Some(entry) = before
                    && let Some(seed) = walk.key(key)
                    && entry.tag == tag(&seed, plain)
                {
                    return later.add(entry);
                }
                let (key, seed) = match walk.key(key) {
                    Some(seed) => (key, seed),
                    None => {
                        let alias = ring_duty::new_alias();
                        made.aliases.push((table.name, path, alias));
                        let key = Path::stored(alias, 0);
                        (key, walk.key(key).ok_or(Error::Missing)?)
                    }
                };
                writer.row(number, path, key, &seal(&seed, &header.salt, number, path, plain)?)?;
                made.written += 1;
                later.add(Entry { table: number, row: path, key, tag: tag(&seed, plain) })
            })?;
        }
        earlier.rest(|gone| vanished(&mut writer, ring, &personal, gone, &mut made))
    })?;
    let size = writer.end()?;
    let Counts { written, held, vanished, aliases } = made;
    Ok(Written { size, written, held, vanished, aliases, later })
}

#[derive(Default)]
struct Counts {
    written: u64,
    held: u64,
    vanished: u64,
    aliases: Vec<(&'static str, Path, i64)>,
}

/// A row of the backup before is not there any more.
fn vanished(
    writer: &mut Writer,
    ring: &Ring,
    personal: &[bool],
    gone: Entry,
    made: &mut Counts,
) -> Result<()> {
    if personal.get(usize::from(gone.table)) == Some(&true) && ring.key(gone.key).is_some() {
        made.vanished += 1;
    }
    writer.gone(gone.table, gone.row)
}

fn tag(seed: &[u8; 32], plain: &[u8]) -> [u8; 16] {
    let key = blake3::keyed_hash(seed, b"tag");
    let mut tag = [0; 16];
    blake3::Hasher::new_keyed(key.as_bytes()).update(plain).finalize_xof().fill(&mut tag);
    tag
}

/// Every row of a table with the path of its key, in the order of paths.
fn each_row(
    tx: &Tx<'_>,
    table: &'static schema::Table,
    mut f: impl FnMut(Path, &[u8]) -> Result<()>,
) -> Result<()> {
    let first = table.key.first().copied().unwrap_or("id");
    let sql = format!("SELECT {} FROM {} ORDER BY {first}", row::names(table), table.name);
    let mut together: Vec<(Path, zeroize::Zeroizing<Vec<u8>>)> = Vec::new();
    tx.each(&sql, &[], |read| {
        let values = row::values(read, table)?;
        let path = row::path(table, &values)?;
        if together.first().is_some_and(|(known, _)| known.id() != path.id()) {
            together.sort_unstable_by_key(|(path, _)| path.bytes());
            together.drain(..).try_for_each(|(path, plain)| f(path, &plain))?;
        }
        together.push((path, row::written(&values)));
        Ok::<(), Error>(())
    })?;
    together.sort_unstable_by_key(|(path, _)| path.bytes());
    together.drain(..).try_for_each(|(path, plain)| f(path, &plain))
}

/// Reads a backup from its beginning to its end and opens every row.
fn verified(store: &Store, path: &FilePath, ring: &Ring) -> Result<()> {
    let mut reader = Reader::of_file(path, store.keys())?;
    let salt = reader.header.salt.clone();
    while let Some(record) = reader.next()? {
        if let Record::Row { table, row, key, sealed } = record {
            let plain = open(ring, &salt, table, row, key, &sealed)?;
            row::read(&plain.ok_or_else(|| Error::Damaged("a row of the backup just made".into()))?)?;
        }
    }
    Ok(())
}
