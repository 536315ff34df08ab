//! Cuts the bytes of the port into JSON objects. The protocol has no frames: an object ends where its last brace closes,
//! and the byte 0xFF, which no JSON holds, starts afresh. The meaning of an object is unknown here.

/// Resets the reader, and stands before the answer to `guest-sync-delimited`.
pub(crate) const SENTINEL: u8 = 0xFF;
/// Longest request in bytes.
const MAXIMUM_REQUEST: usize = 256 * 1024;

/// One request, or the news that something else came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Framed {
    Request(Vec<u8>),
    Garbage,
}

/// Where the reader stands between two pieces.
#[derive(Debug, Default)]
pub(crate) struct Framing {
    held: Vec<u8>,
    depth: usize,
    in_text: bool,
    escaped: bool,
    skipping: bool,
}

impl Framing {
    /// Takes bytes and adds the requests that they complete to `found`.
    pub(crate) fn feed(&mut self, bytes: &[u8], found: &mut Vec<Framed>) {
        for byte in bytes {
            self.take(*byte, found);
        }
    }

    fn take(&mut self, byte: u8, found: &mut Vec<Framed>) {
        if byte == SENTINEL {
            *self = Self::default();
            return;
        }
        if self.skipping {
            self.skipping = byte != b'\n';
            return;
        }
        if self.depth == 0 && byte != b'{' {
            if !byte.is_ascii_whitespace() {
                self.give_up(found);
            }
            return;
        }
        self.held.push(byte);
        if self.held.len() > MAXIMUM_REQUEST {
            self.give_up(found);
            return;
        }
        self.follow(byte);
        if self.depth == 0 {
            found.push(Framed::Request(std::mem::take(&mut self.held)));
        }
    }

    fn follow(&mut self, byte: u8) {
        if self.in_text {
            let closes = byte == b'"' && !self.escaped;
            self.escaped = byte == b'\\' && !self.escaped;
            self.in_text = !closes;
            return;
        }
        match byte {
            b'"' => self.in_text = true,
            b'{' => self.depth += 1,
            b'}' => self.depth -= 1,
            _ => {}
        }
    }

    fn give_up(&mut self, found: &mut Vec<Framed>) {
        *self = Self { skipping: true, ..Self::default() };
        found.push(Framed::Garbage);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(bytes: &[u8]) -> Vec<Framed> {
        let mut found = Vec::new();
        Framing::default().feed(bytes, &mut found);
        found
    }

    #[test]
    fn objects_end_with_their_brace_and_texts_may_hold_braces() {
        let first = br#"{"execute":"a}\"{\\"}"#.to_vec();
        let both = [first.as_slice(), b" \n", b"{\"x\":{}}"].concat();
        assert_eq!(of(&both), [Framed::Request(first), Framed::Request(b"{\"x\":{}}".to_vec())]);
    }

    #[test]
    fn the_sentinel_drops_half_a_request() {
        assert_eq!(of(b"{\"exec\xff{}"), [Framed::Request(b"{}".to_vec())]);
    }

    #[test]
    fn garbage_is_answered_once_a_line() {
        assert_eq!(of(b"nonsense}}{\n{}"), [Framed::Garbage, Framed::Request(b"{}".to_vec())]);
        let long = [b"{\"a\":\"".as_slice(), &vec![b'x'; MAXIMUM_REQUEST], b"\"}\n{}"].concat();
        assert_eq!(of(&long), [Framed::Garbage, Framed::Request(b"{}".to_vec())]);
    }

    proptest! {
        #[test]
        fn pieces_make_no_difference(bytes in any::<Vec<u8>>(), cut in 1usize..9) {
            let mut framing = Framing::default();
            let mut found = Vec::new();
            for piece in bytes.chunks(cut) {
                framing.feed(piece, &mut found);
            }
            prop_assert_eq!(found, of(&bytes));
        }
    }
}
