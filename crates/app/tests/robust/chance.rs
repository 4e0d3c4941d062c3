//! Chances that can be taken again: a seed, and how long to go on.

/// Numbers that look random and follow from a seed (SplitMix64).
#[derive(Clone)]
pub struct Chance(u64);

impl Chance {
    /// Of `PROBITY_SEED`, or always the same ones; each use of its own by its name. Says which, so that a failure can be seen again.
    pub fn of(name: &str) -> Self {
        let seed =
            std::env::var("PROBITY_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_261_122);
        eprintln!("{name}: PROBITY_SEED={seed}");
        let own = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| {
            (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self(seed ^ own)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0, below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % (end.max(1) as u64)).unwrap()
    }

    #[allow(dead_code, reason = "random histories choose otherwise")]
    pub fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

/// How many times as long as in `bin/test`: 1 there.
pub fn times() -> usize {
    std::env::var("PROBITY_SOAK").ok().and_then(|times| times.parse().ok()).unwrap_or(1)
}
