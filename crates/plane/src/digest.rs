/// A 64-bit digest that stays the same across releases, machines and restarts, because planes store it in the marks
/// of what they made (FNV-1a over length-prefixed parts). It tells states apart; it is no defence against forgery.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Digest(u64);

impl Digest {
    const PRIME: u64 = 0x0000_0100_0000_01b3;

    pub(crate) fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    pub(crate) fn bytes(mut self, bytes: &[u8]) -> Self {
        self = self.number(bytes.len() as u64);
        self.raw(bytes)
    }

    pub(crate) fn number(self, number: u64) -> Self {
        self.raw(&number.to_le_bytes())
    }

    pub(crate) fn text(self, text: &str) -> Self {
        self.bytes(text.as_bytes())
    }

    fn raw(mut self, bytes: &[u8]) -> Self {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(Self::PRIME);
        }
        self
    }

    /// Spreads the last bytes over all bits, so that sums of digests do not cancel out.
    pub(crate) fn finish(self) -> u64 {
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_is_pinned_because_marks_outlive_a_release() {
        assert_eq!(Digest::new().text("queue").number(7).finish(), 0xcfe2_c5c7_8658_0fc3);
    }

    #[test]
    fn parts_do_not_run_together() {
        let one = Digest::new().text("ab").text("c").finish();
        assert_ne!(one, Digest::new().text("a").text("bc").finish());
    }
}
