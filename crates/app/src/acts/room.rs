//! Whether the disk has room for what is about to be brought back aside. Where nobody can say how much is free, it is begun.

use std::path::Path;

use store::backup::{self, Point};
use store::place::Place;

use super::health::{DISK_MEBIBYTES_MIN, free};
use crate::fault::Fault;
use crate::instance::Instance;

/// Refuses to begin where the newest backup and the files would not leave those at work the room they need.
///
/// # Errors
/// If there is too little room.
pub fn for_all_of(live: &Instance, from: &Place) -> Result<(), Fault> {
    // What is wrong with the place is said by whoever reads from it.
    let points: Vec<Point> = backup::points(from, live.store.keys()).unwrap_or_default();
    let tree = points.last().map(|newest| newest.header.tree.clone());
    let mut needs = bytes_under(&live.store.data().join(store::files::FOLDER));
    for point in points.iter().filter(|point| Some(&point.header.tree) == tree.as_ref()) {
        needs += from.size(&point.name).ok().flatten().unwrap_or(0);
    }
    match free(live.store.data()) {
        Some(kibibytes) => enough(needs, kibibytes).map_err(Fault::Other),
        None => Ok(()),
    }
}

/// Whether so many bytes leave enough of what is free.
fn enough(needs: u64, free_kibibytes: u64) -> Result<(), String> {
    let needs = needs.div_ceil(1 << 20);
    let free = free_kibibytes >> 10;
    if free >= needs + DISK_MEBIBYTES_MIN {
        return Ok(());
    }
    Err(format!(
        "to bring everything back aside takes about {needs} MB, and {free} MB of the disk are free; \
         {DISK_MEBIBYTES_MIN} MB must stay free for those at work. Make room, or try it on another machine \
         with `probity restore --quarantine`"
    ))
}

/// How many bytes lie in a folder and those in it; nothing of what cannot be looked at.
fn bytes_under(folder: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    let sizes = entries.flatten().map(|entry| match entry.metadata() {
        Ok(found) if found.is_dir() => bytes_under(&entry.path()),
        Ok(found) => found.len(),
        Err(_) => 0,
    });
    sizes.sum()
}

#[cfg(test)]
mod tests {
    use super::{DISK_MEBIBYTES_MIN, enough};

    #[test]
    fn what_people_work_on_keeps_its_room() {
        let mebibytes = |count: u64| count << 10;
        assert_eq!(enough(5 << 20, mebibytes(DISK_MEBIBYTES_MIN + 5)), Ok(()));
        let said = enough((5 << 20) + 1, mebibytes(DISK_MEBIBYTES_MIN + 5)).unwrap_err();
        assert!(said.starts_with("to bring everything back aside takes about 6 MB, and"), "{said}");
    }
}
