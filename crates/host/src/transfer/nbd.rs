//! A client of the NBD protocol: what a disk transfer needs of it, one request at a time a connection.
//!
//! Follows the NetworkBlockDevice project's `doc/proto.md`: fixed newstyle handshake, structured replies, the
//! `base:allocation` context and QEMU's `qemu:allocation-depth`. It refuses to know who serves.

use std::io;
use std::path::Path;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;

use super::extents::Collector;

const INIT_MAGIC: u64 = 0x4e42_444d_4147_4943;
const OPTION_MAGIC: u64 = 0x4948_4156_454f_5054;
const OPTION_REPLY_MAGIC: u64 = 0x0003_e889_0455_65a9;
const REQUEST_MAGIC: u32 = 0x2560_9513;
const SIMPLE_REPLY_MAGIC: u32 = 0x6744_6698;
const STRUCTURED_REPLY_MAGIC: u32 = 0x668e_33ef;

const FLAG_FIXED_NEWSTYLE: u16 = 1;
const FLAG_NO_ZEROES: u16 = 2;

const OPT_GO: u32 = 7;
const OPT_STRUCTURED_REPLY: u32 = 8;
const OPT_SET_META_CONTEXT: u32 = 10;

const REP_ACK: u32 = 1;
const REP_INFO: u32 = 3;
const REP_META_CONTEXT: u32 = 4;
const REP_ERROR_BIT: u32 = 1 << 31;
const INFO_EXPORT: u16 = 0;

const CMD_READ: u16 = 0;
const CMD_WRITE: u16 = 1;
const CMD_DISC: u16 = 2;
const CMD_FLUSH: u16 = 3;
const CMD_WRITE_ZEROES: u16 = 6;
const CMD_BLOCK_STATUS: u16 = 7;
const CMD_FLAG_NO_HOLE: u16 = 1 << 1;

const REPLY_FLAG_DONE: u16 = 1;
const REPLY_OFFSET_DATA: u16 = 1;
const REPLY_OFFSET_HOLE: u16 = 2;
const REPLY_BLOCK_STATUS: u16 = 5;
const REPLY_ERROR_BIT: u16 = 1 << 15;

const STATE_HOLE: u32 = 1;
const STATE_ZERO: u32 = 2;

/// Bytes of one option reply or status chunk that are believed.
const CHUNK_LIMIT: u32 = 16 << 20;
/// Bytes of one block status request; the protocol's length field has 32 bits.
const STATUS_STEP: u64 = 1 << 30;
/// Bytes of one zero request.
pub(super) const ZERO_STEP: u64 = 128 << 20;

/// A connection in its transmission phase.
pub(super) struct Client {
    stream: BufReader<UnixStream>,
    size: u64,
    allocation: Option<u32>,
    depth: Option<u32>,
    cookie: u64,
}

fn bad(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("the NBD server {what}"))
}

/// NBD error numbers are those of Linux.
fn refused(number: u32) -> io::Error {
    io::Error::from_raw_os_error(i32::try_from(number).unwrap_or(nix::libc::EIO))
}

impl Client {
    /// Connects and opens the unnamed export.
    pub(super) async fn connect(socket: &Path) -> io::Result<Self> {
        let stream = BufReader::new(UnixStream::connect(socket).await?);
        let mut client = Client { stream, size: 0, allocation: None, depth: None, cookie: 0 };
        client.greet().await?;
        client.option(OPT_STRUCTURED_REPLY, &[]).await?;
        let (kind, _) = client.option_reply(OPT_STRUCTURED_REPLY).await?;
        if kind != REP_ACK {
            return Err(bad("knows no structured replies"));
        }
        client.contexts().await?;
        client.go().await?;
        Ok(client)
    }

    pub(super) fn size(&self) -> u64 {
        self.size
    }

    async fn greet(&mut self) -> io::Result<()> {
        if self.stream.read_u64().await? != INIT_MAGIC || self.stream.read_u64().await? != OPTION_MAGIC {
            return Err(bad("does not speak the newstyle handshake"));
        }
        let flags = self.stream.read_u16().await?;
        if flags & FLAG_FIXED_NEWSTYLE == 0 {
            return Err(bad("does not speak the fixed newstyle handshake"));
        }
        self.stream.write_u32(u32::from(flags & (FLAG_FIXED_NEWSTYLE | FLAG_NO_ZEROES))).await
    }

    async fn option(&mut self, option: u32, body: &[u8]) -> io::Result<()> {
        let mut message = Vec::with_capacity(16 + body.len());
        message.extend_from_slice(&OPTION_MAGIC.to_be_bytes());
        message.extend_from_slice(&option.to_be_bytes());
        message.extend_from_slice(&length(body.len())?.to_be_bytes());
        message.extend_from_slice(body);
        self.stream.write_all(&message).await
    }

    async fn option_reply(&mut self, option: u32) -> io::Result<(u32, Vec<u8>)> {
        if self.stream.read_u64().await? != OPTION_REPLY_MAGIC || self.stream.read_u32().await? != option {
            return Err(bad("answered another option than was asked"));
        }
        let kind = self.stream.read_u32().await?;
        let body = self.body().await?;
        Ok((kind, body))
    }

    async fn body(&mut self) -> io::Result<Vec<u8>> {
        let length = self.stream.read_u32().await?;
        if length > CHUNK_LIMIT {
            return Err(bad("sent a message of impossible length"));
        }
        let mut body = vec![0; length as usize];
        self.stream.read_exact(&mut body).await?;
        Ok(body)
    }

    async fn contexts(&mut self) -> io::Result<()> {
        let names = ["base:allocation", "qemu:allocation-depth"];
        let mut body = vec![0, 0, 0, 0];
        body.extend_from_slice(&length(names.len())?.to_be_bytes());
        for name in names {
            body.extend_from_slice(&length(name.len())?.to_be_bytes());
            body.extend_from_slice(name.as_bytes());
        }
        self.option(OPT_SET_META_CONTEXT, &body).await?;
        loop {
            match self.option_reply(OPT_SET_META_CONTEXT).await? {
                (REP_ACK, _) => return Ok(()),
                (REP_META_CONTEXT, body) => {
                    let id = be32(&body, 0).ok_or_else(|| bad("named a context without its id"))?;
                    match &body[4..] {
                        b"base:allocation" => self.allocation = Some(id),
                        b"qemu:allocation-depth" => self.depth = Some(id),
                        _ => {}
                    }
                }
                // Without contexts the whole disk counts as data.
                (kind, _) if kind & REP_ERROR_BIT != 0 => return Ok(()),
                _ => return Err(bad("answered a context with something else")),
            }
        }
    }

    async fn go(&mut self) -> io::Result<()> {
        // The unnamed export, no particular information asked.
        self.option(OPT_GO, &[0, 0, 0, 0, 0, 0]).await?;
        let mut told = false;
        loop {
            match self.option_reply(OPT_GO).await? {
                (REP_ACK, _) if told => return Ok(()),
                (REP_INFO, body) => {
                    let size = body.get(2..10).and_then(|eight| eight.try_into().ok()).map(u64::from_be_bytes);
                    if let (Some([0, 0]), Some(size)) = (body.get(..2), size) {
                        debug_assert_eq!(INFO_EXPORT, 0);
                        self.size = size;
                        told = true;
                    }
                }
                (_, body) => return Err(bad(&format!("refused the export: {}", String::from_utf8_lossy(&body)))),
            }
        }
    }

    async fn request(&mut self, command: u16, flags: u16, offset: u64, length: u32, data: &[u8]) -> io::Result<()> {
        self.cookie += 1;
        let mut message = Vec::with_capacity(28);
        message.extend_from_slice(&REQUEST_MAGIC.to_be_bytes());
        message.extend_from_slice(&flags.to_be_bytes());
        message.extend_from_slice(&command.to_be_bytes());
        message.extend_from_slice(&self.cookie.to_be_bytes());
        message.extend_from_slice(&offset.to_be_bytes());
        message.extend_from_slice(&length.to_be_bytes());
        self.stream.write_all(&message).await?;
        self.stream.write_all(data).await
    }

    /// Reads one chunk of a reply. None: the whole reply was "done, without content".
    async fn chunk(&mut self) -> io::Result<Chunk> {
        let magic = self.stream.read_u32().await?;
        if magic == SIMPLE_REPLY_MAGIC {
            let error = self.stream.read_u32().await?;
            self.check_cookie().await?;
            return if error == 0 { Ok(Chunk { last: true, kind: 0, body: Vec::new() }) } else { Err(refused(error)) };
        }
        if magic != STRUCTURED_REPLY_MAGIC {
            return Err(bad("sent no reply where one belongs"));
        }
        let flags = self.stream.read_u16().await?;
        let kind = self.stream.read_u16().await?;
        self.check_cookie().await?;
        let body = self.body().await?;
        Ok(Chunk { last: flags & REPLY_FLAG_DONE != 0, kind, body })
    }

    async fn check_cookie(&mut self) -> io::Result<()> {
        if self.stream.read_u64().await? == self.cookie { Ok(()) } else { Err(bad("answered another request")) }
    }

    /// Reads a reply to its end; the first error that it tells is the outcome.
    async fn reply(&mut self, mut take: impl FnMut(u16, &[u8]) -> io::Result<()>) -> io::Result<()> {
        let mut outcome = Ok(());
        loop {
            let chunk = self.chunk().await?;
            if chunk.kind & REPLY_ERROR_BIT != 0 {
                let number = be32(&chunk.body, 0).unwrap_or(5);
                outcome = outcome.and(Err(refused(number)));
            } else {
                take(chunk.kind, &chunk.body)?;
            }
            if chunk.last {
                return outcome;
            }
        }
    }

    /// Reads exactly `wanted` bytes.
    pub(super) async fn read(&mut self, offset: u64, wanted: usize) -> io::Result<Bytes> {
        self.request(CMD_READ, 0, offset, length(wanted)?, &[]).await?;
        let mut room = BytesMut::zeroed(wanted);
        let mut filled = 0;
        self.reply(|kind, body| {
            let place = |bytes: usize| {
                let at = body.get(..8).and_then(|eight| eight.try_into().ok()).map(u64::from_be_bytes)?;
                let start = usize::try_from(at.checked_sub(offset)?).ok()?;
                let end = start.checked_add(bytes)?;
                (end <= wanted).then_some(start..end)
            };
            match kind {
                REPLY_OFFSET_DATA => {
                    let content = body.get(8..).unwrap_or_default();
                    let range = place(content.len()).ok_or_else(|| bad("sent data that was not asked for"))?;
                    filled += range.len();
                    room[range].copy_from_slice(content);
                }
                REPLY_OFFSET_HOLE => {
                    let bytes = be32(body, 8).ok_or_else(|| bad("sent a hole without its length"))?;
                    let range = place(bytes as usize).ok_or_else(|| bad("sent a hole that was not asked for"))?;
                    filled += range.len();
                }
                _ => {}
            }
            Ok(())
        })
        .await?;
        if filled == wanted { Ok(room.freeze()) } else { Err(bad("sent less data than was asked for")) }
    }

    /// Writes all bytes.
    pub(super) async fn write(&mut self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.request(CMD_WRITE, 0, offset, length(data.len())?, data).await?;
        self.reply(|_, _| Ok(())).await
    }

    /// Makes a range of at most [`ZERO_STEP`] bytes read as zeroes.
    pub(super) async fn zero(&mut self, offset: u64, bytes: u64, sparse: bool) -> io::Result<()> {
        let bytes = u32::try_from(bytes).map_err(|_| bad("can't zero so much at once"))?;
        let flags = if sparse { 0 } else { CMD_FLAG_NO_HOLE };
        self.request(CMD_WRITE_ZEROES, flags, offset, bytes, &[]).await?;
        self.reply(|_, _| Ok(())).await
    }

    /// Brings writes onto stable storage.
    pub(super) async fn flush(&mut self) -> io::Result<()> {
        self.request(CMD_FLUSH, 0, 0, 0, &[]).await?;
        self.reply(|_, _| Ok(())).await
    }

    /// Appends the state of at least the next bytes after `collector`'s end.
    pub(super) async fn status(&mut self, collector: &mut Collector) -> io::Result<()> {
        let at = collector.end();
        let step = (self.size - at).min(STATUS_STEP);
        let Some(allocation) = self.allocation else {
            collector.push(self.size - at, false, false);
            return Ok(());
        };
        let asked = u32::try_from(step).map_err(|_| bad("can't tell of so much at once"))?;
        self.request(CMD_BLOCK_STATUS, 0, at, asked, &[]).await?;
        let (mut states, mut depths) = (Vec::new(), Vec::new());
        let depth = self.depth;
        self.reply(|kind, body| {
            if kind == REPLY_BLOCK_STATUS {
                let context = be32(body, 0);
                if context == Some(allocation) {
                    states = descriptors(body);
                } else if context == depth {
                    depths = descriptors(body);
                }
            }
            Ok(())
        })
        .await?;
        merge(&states, &depths, step, collector);
        if collector.end() > at { Ok(()) } else { Err(bad("tells nothing of its blocks")) }
    }

    /// Says goodbye; the server lets go of the connection.
    pub(super) async fn disconnect(mut self) {
        // A server that is gone already needs no goodbye.
        let _ = self.request(CMD_DISC, 0, 0, 0, &[]).await;
    }
}

struct Chunk {
    last: bool,
    kind: u16,
    body: Vec<u8>,
}

fn be32(body: &[u8], at: usize) -> Option<u32> {
    body.get(at..at + 4).and_then(|four| four.try_into().ok()).map(u32::from_be_bytes)
}

fn length(bytes: usize) -> io::Result<u32> {
    u32::try_from(bytes).map_err(|_| bad("can't take so much at once"))
}

/// Length and flags of each block, after the context's id.
fn descriptors(body: &[u8]) -> Vec<(u64, u32)> {
    body.get(4..)
        .unwrap_or_default()
        .chunks_exact(8)
        .filter_map(|one| Some((u64::from(be32(one, 0)?), be32(one, 4)?)))
        .collect()
}

/// Lays the two contexts over each other, up to `limit` bytes. A depth of 0 means that no file of the chain holds the
/// block; where the server tells no depths, an unallocated block counts as a hole.
fn merge(states: &[(u64, u32)], depths: &[(u64, u32)], limit: u64, collector: &mut Collector) {
    let mut depths = depths.iter().copied();
    let mut depth = depths.next();
    let told = depth.is_some();
    let mut left = limit;
    for &(length, flags) in states {
        let mut rest = length.min(left);
        while rest > 0 {
            let (step, hole) = match &mut depth {
                Some((covered, level)) => {
                    let step = rest.min(*covered);
                    *covered -= step;
                    (step, *level == 0)
                }
                // Beyond what both contexts tell, the next request asks again.
                None if told => return,
                None => (rest, flags & STATE_HOLE != 0),
            };
            if depth.is_some_and(|(covered, _)| covered == 0) {
                depth = depths.next();
            }
            if step > 0 {
                collector.push(step, flags & STATE_ZERO != 0, hole);
            }
            rest -= step;
            left -= step;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contexts_are_laid_over_each_other() {
        let mut collector = Collector::default();
        let states = [(100, 0), (100, STATE_ZERO), (100, STATE_ZERO | STATE_HOLE)];
        merge(&states, &[(150, 1), (100, 0)], 1000, &mut collector);
        let all: Vec<_> = collector.all().iter().map(|one| (one.length, one.zero, one.hole)).collect();
        assert_eq!(all, [(100, false, false), (50, true, false), (100, true, true)]);
        let mut collector = Collector::default();
        merge(&states, &[], 250, &mut collector);
        let all: Vec<_> = collector.all().iter().map(|one| (one.length, one.zero, one.hole)).collect();
        assert_eq!(all, [(100, false, false), (100, true, false), (50, true, true)]);
    }
}
