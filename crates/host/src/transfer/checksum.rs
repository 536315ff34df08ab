//! imageio's checksum: the hash of the hashes of all blocks, so that zeroes cost nothing and blocks may be hashed apart.
//!
//! Blocks of zeroes are hashed as any other, once. It refuses to know what is read.

use blake2::digest::consts::U32;
use blake2::{Blake2b, Blake2s256, Digest};
use sha1::Sha1;
use sha2::{Sha224, Sha256, Sha384, Sha512};

/// The names that are served, sorted.
pub(super) const ALGORITHMS: [&str; 7] = ["blake2b", "blake2s", "sha1", "sha224", "sha256", "sha384", "sha512"];
/// What holds where the client names none.
pub(super) const USUAL: &str = "blake2b";
/// The usual block size, and its limits.
pub(super) const BLOCK: usize = 4 << 20;
pub(super) const SMALLEST: usize = BLOCK / 4;
pub(super) const LARGEST: usize = BLOCK * 4;

/// Hashes blocks, then their hashes.
pub(super) struct Checksum {
    hash: fn(&[u8]) -> Vec<u8>,
    zero: Vec<u8>,
    block: usize,
    digests: Vec<u8>,
}

fn digest<D: Digest>(bytes: &[u8]) -> Vec<u8> {
    D::digest(bytes).to_vec()
}

impl Checksum {
    /// None: no such algorithm.
    pub(super) fn new(algorithm: &str, block: usize) -> Option<Self> {
        let hash: fn(&[u8]) -> Vec<u8> = match algorithm {
            "blake2b" => digest::<Blake2b<U32>>,
            "blake2s" => digest::<Blake2s256>,
            "sha1" => digest::<Sha1>,
            "sha224" => digest::<Sha224>,
            "sha256" => digest::<Sha256>,
            "sha384" => digest::<Sha384>,
            "sha512" => digest::<Sha512>,
            _ => return None,
        };
        Some(Checksum { hash, zero: hash(&vec![0; block]), block, digests: Vec::new() })
    }

    /// The next block.
    pub(super) fn data(&mut self, bytes: &[u8]) {
        let digest = (self.hash)(bytes);
        self.digests.extend_from_slice(&digest);
    }

    /// The next block, of zeroes.
    pub(super) fn zeroes(&mut self, length: usize) {
        if length == self.block {
            self.digests.extend_from_slice(&self.zero);
        } else {
            self.data(&vec![0; length]);
        }
    }

    /// The checksum in hex.
    pub(super) fn text(self) -> String {
        hex::encode((self.hash)(&self.digests))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeroes_hash_as_zeroes() {
        for algorithm in ALGORITHMS {
            let mut fast = Checksum::new(algorithm, 4096).unwrap();
            fast.zeroes(4096);
            fast.zeroes(100);
            let mut slow = Checksum::new(algorithm, 4096).unwrap();
            slow.data(&[0; 4096]);
            slow.data(&[0; 100]);
            assert_eq!(fast.text(), slow.text(), "{algorithm}");
        }
        assert!(Checksum::new("md4", 4096).is_none());
    }
}
