//! The ring: the keys of everything that backups hold, so small that it can be made anew whenever one is destroyed.
//!
//! A row in a backup is encrypted under a key of its own, derived along a path through a binary tree (Goldreich,
//! Goldwasser and Micali, 1986): each node gives its two children, none gives its parent. The ring keeps the fewest
//! nodes from which everything not yet destroyed can be derived: one for a new tree. To destroy a key is to replace
//! the node above it by the siblings along its path; no later ring, and nobody who has one, can derive it again.
//! It never holds a value, and it never asks whether something may be destroyed.

use std::collections::BTreeMap;

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::keys::random;
use crate::{Error, Result};

/// How many bits of a path say which row: identities fit into 53.
const ROW: u8 = 56;
/// The depth of a row's own key: its node, then nought.
const OWN: u8 = ROW + 1;
/// The depth of the key of a row without an identity of its own: its node, then one, then 64 bits of its key's hash.
const PART: u8 = OWN + 64;
/// How many bytes a node takes in a written ring.
const NODE: usize = 1 + 16 + 32;

/// A way down the tree: the first `depth` bits of `bits`, highest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Path {
    bits: u128,
    depth: u8,
}

impl Path {
    /// Everything of a row: its own key and those of all that hangs on it.
    #[must_use]
    pub fn row(id: u64) -> Self {
        Self { bits: u128::from(id) << (128 - u32::from(ROW)), depth: ROW }
    }

    /// A row's own key.
    #[must_use]
    pub fn own(id: u64) -> Self {
        Self { depth: OWN, ..Self::row(id) }
    }

    /// The key of a row that hangs on another, or of one without an identity.
    #[must_use]
    pub fn part(id: u64, hash: u64) -> Self {
        let part = (1u128 << (128 - u32::from(OWN))) | (u128::from(hash) << (128 - u32::from(PART)));
        Self { bits: Self::row(id).bits | part, depth: PART }
    }

    /// The path as it is written, sixteen bytes in the order of paths.
    #[must_use]
    pub fn bytes(self) -> [u8; 16] {
        self.bits.to_be_bytes()
    }

    /// The path of a key that was written.
    #[must_use]
    pub fn of(bytes: [u8; 16]) -> Self {
        let bits = u128::from_be_bytes(bytes);
        let part = (bits >> (128 - u32::from(OWN))) & 1 == 1;
        Self { bits, depth: if part { PART } else { OWN } }
    }

    /// The path of a row's key from the two numbers it is stored under.
    #[must_use]
    pub(crate) fn stored(id: i64, part: i64) -> Self {
        let id = u64::try_from(id).unwrap_or(0);
        match u64::try_from(part) {
            Ok(0) | Err(_) => Self::own(id),
            Ok(hash) => Self::part(id, hash),
        }
    }

    /// The identity of the row, or of what it hangs on.
    pub(crate) fn id(self) -> i64 {
        i64::try_from(self.bits >> (128 - u32::from(ROW))).unwrap_or(0)
    }

    /// What tells it apart from others that hang on the same; nought for a row of its own.
    pub(crate) fn hash(self) -> i64 {
        match self.depth {
            PART => i64::try_from((self.bits >> (128 - u32::from(PART))) & u128::from(u64::MAX)).unwrap_or(0),
            _ => 0,
        }
    }

    /// A row's own key and everything that hangs on it; a part by itself.
    pub(crate) fn whole(self) -> Self {
        if self.depth == OWN { Self { depth: ROW, ..self } } else { self }
    }

    fn cut(self, depth: u8) -> u128 {
        match depth {
            0 => 0,
            depth => self.bits >> (128 - u32::from(depth)) << (128 - u32::from(depth)),
        }
    }

    /// The bit that leads from this depth to the next.
    fn bit(self, depth: u8) -> u128 {
        (self.bits >> (127 - u32::from(depth))) & 1
    }
}

#[derive(Zeroize, ZeroizeOnDrop, Clone)]
struct Node {
    depth: u8,
    seed: [u8; 32],
}

/// The nodes from which every key that is not destroyed can be derived.
#[derive(Clone, Default)]
pub struct Ring {
    /// By the first path below them. None lies below another.
    nodes: BTreeMap<u128, Node>,
}

impl Ring {
    /// A new tree.
    ///
    /// # Errors
    /// If the system has no randomness to give.
    pub fn new() -> Result<Self> {
        let mut seed = [0; 32];
        random(&mut seed)?;
        Ok(Self { nodes: BTreeMap::from([(0, Node { depth: 0, seed })]) })
    }

    /// How many nodes it keeps.
    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether nothing can be derived from it any more.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The node a path runs through, if the path was not destroyed.
    fn above(&self, path: Path) -> Option<(u128, &Node)> {
        let (first, node) = self.nodes.range(..=path.bits).next_back()?;
        (node.depth <= path.depth && path.cut(node.depth) == *first).then_some((*first, node))
    }

    /// The key at the end of a path; nothing if it was destroyed.
    #[must_use]
    pub fn key(&self, path: Path) -> Option<Zeroizing<[u8; 32]>> {
        let (_, node) = self.above(path)?;
        let mut seed = Zeroizing::new(node.seed);
        for depth in node.depth..path.depth {
            *seed = child(&seed, path.bit(depth));
        }
        Some(seed)
    }

    /// Whether the key of a row of this number is still given.
    #[must_use]
    pub fn gives(&self, id: i64) -> bool {
        self.above(Path::stored(id, 0)).is_some()
    }

    /// Destroys what lies at and below a path. Whether there was anything left of it.
    pub fn destroy(&mut self, path: Path) -> bool {
        if let Some((first, node)) = self.above(path) {
            let mut node = node.clone();
            self.nodes.remove(&first);
            while node.depth < path.depth {
                let bit = path.bit(node.depth);
                let sibling = Node { depth: node.depth + 1, seed: child(&node.seed, 1 - bit) };
                let flip = 1u128 << (127 - u32::from(node.depth));
                self.nodes.insert(path.cut(sibling.depth) ^ flip, sibling);
                node.seed = child(&node.seed, bit);
                node.depth += 1;
            }
            return true;
        }
        let last = path.bits | (u128::MAX.checked_shr(u32::from(path.depth)).unwrap_or(0));
        let below: Vec<u128> = self.nodes.range(path.bits..=last).map(|(first, _)| *first).collect();
        for first in &below {
            self.nodes.remove(first);
        }
        !below.is_empty()
    }

    /// The ring as bytes, to be encrypted.
    #[must_use]
    pub fn written(&self) -> Zeroizing<Vec<u8>> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(self.nodes.len() * NODE));
        for (first, node) in &self.nodes {
            bytes.push(node.depth);
            bytes.extend_from_slice(&first.to_be_bytes());
            bytes.extend_from_slice(&node.seed);
        }
        bytes
    }

    /// The ring of such bytes.
    ///
    /// # Errors
    /// [`Error::Damaged`] if they are none.
    pub fn read(bytes: &[u8]) -> Result<Self> {
        let damaged = || Error::Damaged("the ring of the backups' keys".into());
        let mut nodes = BTreeMap::new();
        let chunks = bytes.chunks_exact(NODE);
        if !chunks.remainder().is_empty() {
            return Err(damaged());
        }
        for chunk in chunks {
            let (depth, rest) = chunk.split_first().ok_or_else(damaged)?;
            let (first, seed) = rest.split_at_checked(16).ok_or_else(damaged)?;
            let first = u128::from_be_bytes(first.try_into().map_err(|_| damaged())?);
            let seed = seed.try_into().map_err(|_| damaged())?;
            nodes.insert(first, Node { depth: *depth, seed });
        }
        Ok(Self { nodes })
    }
}

/// Asks a ring for many keys in the order of their paths: what two of them share is derived once.
pub struct Walk<'r> {
    ring: &'r Ring,
    last: Option<Last>,
}

/// The last path, from which depth on the keys along it are known, and they.
struct Last {
    path: Path,
    from: u8,
    keys: Zeroizing<Vec<[u8; 32]>>,
}

impl<'r> Walk<'r> {
    /// A walk through a ring.
    #[must_use]
    pub fn new(ring: &'r Ring) -> Self {
        Self { ring, last: None }
    }

    /// The key at the end of a path; nothing if it was destroyed.
    pub fn key(&mut self, path: Path) -> Option<[u8; 32]> {
        let (_, node) = self.ring.above(path)?;
        let (from, mut keys) = match self.last.take() {
            Some(Last { path: last, from, mut keys }) if from == node.depth => {
                let alike =
                    u8::try_from((last.bits ^ path.bits).leading_zeros()).unwrap_or(0).min(last.depth);
                match alike.checked_sub(from) {
                    Some(known) => keys.truncate(usize::from(known) + 1),
                    None => keys.clear(),
                }
                (from, keys)
            }
            _ => (node.depth, Zeroizing::new(Vec::with_capacity(usize::from(PART)))),
        };
        // Nodes of one depth may lie beside each other: only one with the same beginning is the same.
        if keys.first() != Some(&node.seed) {
            keys.clear();
            keys.push(node.seed);
        }
        while keys.len() <= usize::from(path.depth - from) {
            let depth = from + u8::try_from(keys.len() - 1).unwrap_or(0);
            let next = child(keys.last()?, path.bit(depth));
            keys.push(next);
        }
        let key = keys.get(usize::from(path.depth - from)).copied();
        self.last = Some(Last { path, from, keys });
        key
    }
}

/// The key of a node's child: nought or one.
fn child(seed: &[u8; 32], bit: u128) -> [u8; 32] {
    *blake3::keyed_hash(seed, if bit == 0 { b"0" } else { b"1" }).as_bytes()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn paths() -> impl Strategy<Value = Path> {
        let ids = prop_oneof![0..40u64, (1u64 << 52)..(1 << 52) + 40];
        (ids, 0..3u8, 0..3u64).prop_map(|(id, what, hash)| match what {
            0 => Path::row(id),
            1 => Path::own(id),
            _ => Path::part(id, hash << 61),
        })
    }

    fn within(path: Path, above: Path) -> bool {
        path.depth >= above.depth && path.cut(above.depth) == above.bits
    }

    proptest! {
        #[test]
        fn what_was_destroyed_is_gone_and_everything_else_is_as_it_was(
            gone in prop::collection::vec(paths(), 0..30), asked in prop::collection::vec(paths(), 1..30)
        ) {
            let whole = Ring::new().unwrap();
            let mut ring = whole.clone();
            for path in &gone {
                ring.destroy(*path);
            }
            let again = Ring::read(&ring.written()).unwrap();
            let mut walk = Walk::new(&ring);
            for path in asked.into_iter().chain(gone.iter().copied()) {
                let own = Path::of(path.bytes());
                let destroyed = gone.iter().any(|above| within(own, *above));
                let key = ring.key(own);
                prop_assert_eq!(key.is_none(), destroyed);
                prop_assert!(key.is_none() || key == whole.key(own));
                prop_assert_eq!(again.key(own), ring.key(own));
                prop_assert_eq!(walk.key(own), ring.key(own).map(|key| *key));
            }
        }
    }

    #[test]
    fn rows_made_together_and_destroyed_together_cost_little() {
        let mut ring = Ring::new().unwrap();
        for id in 1_000_000_000_000..1_000_000_000_064u64 {
            assert!(ring.destroy(Path::row(id)));
        }
        assert!(ring.len() < 70, "{}", ring.len());
        assert!(!ring.destroy(Path::row(1_000_000_000_000)));
    }

    #[test]
    fn a_written_path_is_read_back() {
        for path in [Path::own(7), Path::part(7, 3), Path::part(0, u64::MAX), Path::own((1 << 53) - 1)] {
            assert_eq!(Path::of(path.bytes()), path);
        }
    }
}
