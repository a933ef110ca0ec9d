//! The books of one terminal: what was typed, what the far end has acknowledged, what the terminal has shown of it. Pure.
//!
//! In the terminal runs `cat` with a raw line, so that each byte typed comes out once. What is typed is a pattern by position: one
//! byte lost, doubled or out of place is seen at once.

/// Begins `cat` and says so in a way that the echo of the command itself does not.
pub const COMMAND: &[u8] = b"stty raw -echo; echo ready-$((40+2)); exec cat\r";
const READY: &[u8] = b"ready-42";
/// `echo`'s end of the line; raw, so without a carriage return.
const READY_END: u8 = b'\n';

/// What must never be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wrong {
    /// The far end knows less than it had acknowledged.
    Forgotten { acknowledged: u64, knows: u64 },
    /// It claims what was never typed.
    Invented { typed: u64, knows: u64 },
    /// Output was left out.
    Gap { from: u64, to: u64 },
    /// The key at this place is not the one typed there.
    Other { place: u64 },
    /// More came out than went in.
    TooMuch { typed: u64 },
}

/// Keys with their place among all that was typed.
#[derive(Debug, PartialEq, Eq)]
pub struct Piece {
    pub offset: u64,
    pub keys: Vec<u8>,
}

#[derive(Debug, Default)]
pub struct Keys {
    typed: Vec<u8>,
    acknowledged: u64,
    /// Bytes of output seen, from the terminal's beginning.
    seen: u64,
    /// Output while `cat` has not begun.
    before: Vec<u8>,
    ready: bool,
    echoed: u64,
}

impl Keys {
    /// The next key; the first press is the command.
    pub fn press(&mut self) -> Piece {
        let offset = self.typed.len() as u64;
        if self.typed.is_empty() {
            self.typed.extend_from_slice(COMMAND);
        } else if self.ready {
            self.typed.push(pattern(offset - COMMAND.len() as u64));
        }
        self.from(offset)
    }

    fn from(&self, offset: u64) -> Piece {
        let start = usize::try_from(offset).unwrap_or(usize::MAX);
        Piece { offset, keys: self.typed.get(start..).unwrap_or_default().to_vec() }
    }

    /// Everything before `offset` has reached the terminal.
    ///
    /// # Errors
    /// When that was never typed.
    pub fn received(&mut self, offset: u64) -> Result<(), Wrong> {
        let typed = self.typed.len() as u64;
        if offset > typed {
            return Err(Wrong::Invented { typed, knows: offset });
        }
        self.acknowledged = self.acknowledged.max(offset);
        Ok(())
    }

    /// After a new connection: the far end has everything before `offset`. What has to be typed again.
    ///
    /// # Errors
    /// When it had acknowledged more, or claims more than was typed.
    pub fn attached(&mut self, offset: u64) -> Result<Piece, Wrong> {
        if offset < self.acknowledged {
            return Err(Wrong::Forgotten { acknowledged: self.acknowledged, knows: offset });
        }
        self.received(offset)?;
        Ok(self.from(offset))
    }

    /// Output from `offset` on; how many keys it echoes that had not been echoed before.
    ///
    /// # Errors
    /// When it is not what was typed.
    pub fn saw(&mut self, offset: u64, payload: &[u8]) -> Result<u64, Wrong> {
        if offset > self.seen {
            return Err(Wrong::Gap { from: self.seen, to: offset });
        }
        let known = usize::try_from(self.seen - offset).unwrap_or(usize::MAX);
        let Some(fresh) = payload.get(known..) else { return Ok(0) };
        self.seen += fresh.len() as u64;
        let before = self.echoed;
        if self.ready {
            self.check(fresh)?;
        } else {
            self.before.extend_from_slice(fresh);
            self.begin()?;
        }
        Ok(self.echoed - before)
    }

    fn begin(&mut self) -> Result<(), Wrong> {
        let found = self.before.windows(READY.len()).position(|window| window == READY);
        let line = found.and_then(|at| {
            let rest = self.before.get(at..)?;
            Some(at + rest.iter().position(|byte| *byte == READY_END)? + 1)
        });
        let Some(end) = line else { return Ok(()) };
        self.ready = true;
        let rest = self.before.split_off(end);
        self.check(&rest)
    }

    fn check(&mut self, echo: &[u8]) -> Result<(), Wrong> {
        let pressed = (self.typed.len() - COMMAND.len()) as u64;
        for byte in echo {
            if self.echoed >= pressed {
                return Err(Wrong::TooMuch { typed: pressed });
            }
            if *byte != pattern(self.echoed) {
                return Err(Wrong::Other { place: self.echoed });
            }
            self.echoed += 1;
        }
        Ok(())
    }

    /// Where to attach: everything before was seen.
    #[must_use]
    pub fn seen(&self) -> u64 {
        self.seen
    }

    /// `cat` has begun.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.ready
    }

    /// Something typed waits for its acknowledgement.
    #[must_use]
    pub fn awaits(&self) -> bool {
        self.acknowledged < self.typed.len() as u64
    }

    /// Keys pressed, acknowledged and echoed, without the command.
    #[must_use]
    pub fn counts(&self) -> (u64, u64, u64) {
        let command = COMMAND.len() as u64;
        let pressed = (self.typed.len() as u64).saturating_sub(command);
        (pressed, self.acknowledged.saturating_sub(command), self.echoed)
    }
}

/// The key at a place: letters that repeat after a prime number of places, so that nothing shifted fits.
fn pattern(place: u64) -> u8 {
    const AROUND: u64 = 9_973;
    let place = place % AROUND;
    b'a' + u8::try_from((place * 7 + place / 26) % 26).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A terminal whose `cat` runs and has shown `pressed` keys.
    fn typed(pressed: usize) -> Keys {
        let mut keys = Keys::default();
        keys.press();
        let mut output = b"$ stty raw -echo; echo ready-$((40+2)); exec cat\r\nready-42\n".to_vec();
        assert_eq!(keys.saw(0, &output), Ok(0));
        for _ in 0..pressed {
            output = keys.press().keys;
            let seen = keys.seen();
            assert_eq!(keys.saw(seen, &output), Ok(1));
        }
        keys
    }

    #[test]
    fn what_is_typed_comes_out_once() {
        let mut keys = typed(3);
        assert_eq!(keys.counts(), (3, 0, 3));
        let end = keys.seen();
        assert_eq!(keys.saw(end - 2, &[pattern(1), pattern(2)]), Ok(0), "a repeat is nothing new");
        assert_eq!(keys.saw(end, &[pattern(3)]), Err(Wrong::TooMuch { typed: 3 }));
    }

    #[test]
    fn a_byte_lost_or_shifted_is_seen() {
        let mut keys = typed(1);
        keys.press();
        keys.press();
        let end = keys.seen();
        assert_eq!(keys.saw(end + 1, &[pattern(2)]), Err(Wrong::Gap { from: end, to: end + 1 }));
        assert_eq!(keys.saw(end, &[pattern(2)]), Err(Wrong::Other { place: 1 }));
    }

    #[test]
    fn what_was_not_acknowledged_is_typed_again_and_what_was_is_never_forgotten() {
        let mut keys = typed(2);
        let command = COMMAND.len() as u64;
        assert_eq!(keys.received(command + 2), Ok(()));
        keys.press();
        assert!(keys.awaits());
        let again = keys.attached(command + 2);
        assert_eq!(again, Ok(Piece { offset: command + 2, keys: vec![pattern(2)] }));
        let forgotten = Wrong::Forgotten { acknowledged: command + 2, knows: command };
        assert_eq!(keys.attached(command), Err(forgotten));
        assert_eq!(
            keys.received(command + 9),
            Err(Wrong::Invented { typed: command + 3, knows: command + 9 })
        );
    }
}
