//! The host's ear: turns the bytes of a guest's port into reports, whatever the bytes are.
//!
//! It never panics, holds at most one message, and lets at most the agreed number of messages and bytes through in a
//! time. The time comes in as an argument; sockets and storage are unknown here.

use std::time::Duration;

use crate::protocol::{MAXIMUM_MESSAGE, PROTOCOL_VERSION, Report};

/// How much a guest may say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Longest message in bytes.
    pub message_bytes: usize,
    /// Messages that may come at once.
    pub burst_messages: u32,
    /// Messages a second in the long run.
    pub messages_per_second: u32,
    /// Bytes that may come at once.
    pub burst_bytes: u32,
    /// Bytes a second in the long run.
    pub bytes_per_second: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            message_bytes: MAXIMUM_MESSAGE,
            burst_messages: 64,
            messages_per_second: 8,
            burst_bytes: 4 * MAXIMUM_MESSAGE as u32,
            bytes_per_second: 128 * 1024,
        }
    }
}

/// Why a message was dropped. The texts never repeat what the guest said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("the message is longer than allowed")]
    TooLong,
    #[error("the message is not a report")]
    Malformed,
    #[error("the report is of a protocol version that is not known here")]
    UnknownVersion,
    #[error("a number in the report contradicts another")]
    Inconsistent,
    #[error("the guest says more than it may")]
    TooMuch,
}

/// One message, or why there is none.
pub type Received = Result<Report, Refused>;

/// A bucket of tokens that fills with time.
#[derive(Debug)]
struct Bucket {
    tokens: f64,
    capacity: f64,
    per_second: f64,
}

impl Bucket {
    fn new(capacity: u32, per_second: u32) -> Self {
        Self { tokens: f64::from(capacity), capacity: f64::from(capacity), per_second: f64::from(per_second) }
    }

    fn fill(&mut self, elapsed: Duration) {
        self.tokens = (self.tokens + elapsed.as_secs_f64() * self.per_second).min(self.capacity);
    }
}

/// Reads one guest's port. Make a new one for each connection.
#[derive(Debug)]
pub struct Reader {
    limits: Limits,
    line: Vec<u8>,
    skipping: bool,
    messages: Bucket,
    bytes: Bucket,
    filled_at: Option<Duration>,
}

impl Reader {
    /// A reader that holds these limits.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            line: Vec::new(),
            skipping: false,
            messages: Bucket::new(limits.burst_messages, limits.messages_per_second),
            bytes: Bucket::new(limits.burst_bytes, limits.bytes_per_second),
            filled_at: None,
        }
    }

    /// Takes bytes as they came and hands each finished message to `deliver`. `now` is the time since any fixed moment;
    /// a clock that goes backwards only delays the guest. Messages that are too much cost no parsing.
    pub fn feed(&mut self, bytes: &[u8], now: Duration, mut deliver: impl FnMut(Received)) {
        self.fill(now);
        let mut rest = bytes;
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            let (head, tail) = rest.split_at(end);
            self.append(head);
            if let Some(received) = self.finish() {
                deliver(received);
            }
            rest = tail.get(1..).unwrap_or_default();
        }
        self.append(rest);
    }

    fn fill(&mut self, now: Duration) {
        let elapsed = now.saturating_sub(self.filled_at.unwrap_or(now));
        self.filled_at = Some(now);
        self.messages.fill(elapsed);
        self.bytes.fill(elapsed);
    }

    fn append(&mut self, part: &[u8]) {
        if self.skipping {
            return;
        }
        if self.line.len() + part.len() > self.limits.message_bytes {
            self.skipping = true;
            self.line = Vec::new();
            return;
        }
        self.line.extend_from_slice(part);
    }

    fn finish(&mut self) -> Option<Received> {
        if std::mem::take(&mut self.skipping) {
            return Some(Err(Refused::TooLong));
        }
        let line = std::mem::take(&mut self.line);
        if line.iter().all(u8::is_ascii_whitespace) {
            return None;
        }
        let weight = line.len() as f64;
        if self.messages.tokens < 1.0 || self.bytes.tokens < weight {
            return Some(Err(Refused::TooMuch));
        }
        self.messages.tokens -= 1.0;
        self.bytes.tokens -= weight;
        Some(parse(&line))
    }
}

/// One message without its newline. Bytes that are no UTF-8 are read as the replacement character.
pub fn parse(line: &[u8]) -> Received {
    let text = String::from_utf8_lossy(line);
    let report: Report = serde_json::from_str(&text).map_err(|_| Refused::Malformed)?;
    if report.version != PROTOCOL_VERSION {
        return Err(Refused::UnknownVersion);
    }
    check(&report)?;
    Ok(report)
}

fn check(report: &Report) -> Result<(), Refused> {
    let memory_holds = report.memory.as_ref().is_none_or(|memory| {
        let parts = [memory.free, memory.available, memory.buffers, memory.cached];
        parts.iter().all(|part| *part <= memory.total) && memory.swap_free <= memory.swap_total
    });
    let disks_hold = report
        .file_systems
        .as_ref()
        .is_none_or(|list| list.file_systems.iter().all(|file_system| file_system.used <= file_system.total));
    let addresses_hold = report.network.as_ref().is_none_or(|network| {
        network.interfaces.iter().flat_map(|interface| &interface.addresses).all(|address| {
            let bits = if address.address.is_ipv4() { 32 } else { 128 };
            address.prefix_length <= bits
        })
    });
    if memory_holds && disks_hold && addresses_hold { Ok(()) } else { Err(Refused::Inconsistent) }
}

#[cfg(test)]
#[path = "reader/tests.rs"]
mod tests;
