//! A Merkle tree as RFC 9162 section 2 hashes it, grown leaf by leaf. Pure.

use sha2::{Digest, Sha256};

use crate::{Error, Result};

/// A hash of the tree.
pub type Hash = [u8; 32];

/// The hash of a leaf (RFC 9162 section 2.1.1).
#[must_use]
pub fn leaf(data: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(data).finalize().into()
}

fn node(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// What is needed of a tree to add leaves and to know its root: the roots of its complete subtrees,
/// largest first, one for each bit of its size.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Frontier {
    size: u64,
    roots: Vec<Hash>,
}

impl Frontier {
    /// How many leaves.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf by its hash.
    pub fn push(&mut self, leaf: Hash) {
        let mut root = leaf;
        let mut level = self.size;
        while level & 1 == 1 {
            if let Some(left) = self.roots.pop() {
                root = node(&left, &root);
            }
            level >>= 1;
        }
        self.roots.push(root);
        self.size += 1;
    }

    /// The root of the whole tree; of no leaves, the hash of nothing.
    #[must_use]
    pub fn root(&self) -> Hash {
        let mut roots = self.roots.iter().rev();
        match roots.next() {
            None => Sha256::digest([]).into(),
            Some(last) => roots.fold(*last, |right, left| node(left, &right)),
        }
    }

    /// As bytes, to go on later.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.size.to_be_bytes().to_vec();
        self.roots.iter().for_each(|root| bytes.extend_from_slice(root));
        bytes
    }

    /// From bytes.
    ///
    /// # Errors
    /// [`Error::Damaged`] if they are no frontier.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let damaged = || Error::Damaged("the stored edge of the log's tree".into());
        let (size, roots) = bytes.split_at_checked(8).ok_or_else(damaged)?;
        let size = u64::from_be_bytes(size.try_into().map_err(|_| damaged())?);
        if roots.len() != size.count_ones() as usize * 32 {
            return Err(damaged());
        }
        let roots = roots
            .chunks_exact(32)
            .map(|root| root.try_into().map_err(|_| damaged()))
            .collect::<Result<_>>()?;
        Ok(Self { size, roots })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap()).collect()
    }

    /// The leaves and roots that implementations of RFC 6962 and RFC 9162 share as test vectors.
    #[test]
    fn roots_are_those_of_the_standard() {
        let leaves = [
            "",
            "00",
            "10",
            "2021",
            "3031",
            "40414243",
            "5051525354555657",
            "606162636465666768696a6b6c6d6e6f",
        ];
        let roots = [
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ];
        let mut tree = Frontier::default();
        assert_eq!(tree.root().as_slice(), hex(roots[0]));
        for (data, root) in leaves.iter().zip(&roots[1..]) {
            tree.push(leaf(&hex(data)));
            assert_eq!(tree.root().as_slice(), hex(root), "{} leaves", tree.size());
        }
    }

    /// MTH as RFC 9162 section 2.1.1 writes it down, slow and plain.
    fn by_definition(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => Sha256::digest([]).into(),
            [one] => *one,
            _ => {
                let split = leaves.len().next_power_of_two() / 2;
                node(&by_definition(&leaves[..split]), &by_definition(&leaves[split..]))
            }
        }
    }

    proptest! {
        #[test]
        fn growing_gives_the_root_by_definition(leaves in prop::collection::vec(any::<Hash>(), 0..200), stop in 0_usize..200) {
            let mut tree = Frontier::default();
            for (i, leaf) in leaves.iter().enumerate() {
                if i == stop {
                    tree = Frontier::from_bytes(&tree.to_bytes()).unwrap();
                }
                tree.push(*leaf);
            }
            prop_assert_eq!(tree.root(), by_definition(&leaves));
        }
    }
}
