//! The loop: waits for the host, for the kernel's news and for the clock, and calls who is concerned. It knows no facts
//! and no commands.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use ferrovirt_guest::protocol::{self, HEARTBEAT_SECONDS, MAXIMUM_MESSAGE, Report};
use ferrovirt_guest::{FACTS_PORT, QEMU_AGENT_PORT};
use nix::errno::Errno;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};

use crate::gather::Fact;
use crate::log;
use crate::options::Options;
use crate::port::Port;
use crate::publish::Publisher;
use crate::qga::Agent;
use crate::qga::framing::Framing;
use crate::watch::{FileWatch, NetworkWatch, News};

const QEMU: u64 = 0;
const FACTS: u64 = 1;
const NETWORK: u64 = 2;
const FILES: u64 = 3;
const HEARTBEAT: Duration = Duration::from_secs(HEARTBEAT_SECONDS);
/// Changes that come together are told together.
const SETTLE: Duration = Duration::from_millis(300);

struct Loop {
    epoll: Epoll,
    qemu: Port,
    facts: Port,
    network: Option<NetworkWatch>,
    files: Option<FileWatch>,
    framing: Framing,
    agent: Agent,
    publisher: Publisher,
    requests: Vec<u8>,
    due: BTreeSet<Fact>,
    settled_at: Option<Instant>,
    heartbeat_at: Instant,
    complained: BTreeSet<u64>,
    /// The host wants all facts, which have to wait for the thaw.
    owes_everything: bool,
}

/// Runs until the process is ended.
pub(crate) fn run(options: Options) -> Result<Infallible, Errno> {
    let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
    let network = NetworkWatch::open().map_err(|error| log::warning(&format!("no news of addresses: {error}"))).ok();
    let files = FileWatch::open().map_err(|error| log::warning(&format!("no news of files: {error}"))).ok();
    let mut state = Loop {
        epoll,
        qemu: Port::new(QEMU_AGENT_PORT, options.qemu_port.clone()),
        facts: Port::new(FACTS_PORT, options.facts_port.clone()),
        network,
        files,
        framing: Framing::default(),
        agent: Agent::new(options),
        publisher: Publisher::default(),
        requests: Vec::new(),
        due: BTreeSet::new(),
        settled_at: None,
        heartbeat_at: Instant::now() + HEARTBEAT,
        complained: BTreeSet::new(),
        owes_everything: false,
    };
    state.watch()?;
    loop {
        state.turn()?;
    }
}

impl Loop {
    fn watch(&self) -> Result<(), Errno> {
        if let Some(network) = &self.network {
            self.epoll.add(network.as_fd(), EpollEvent::new(EpollFlags::EPOLLIN, NETWORK))?;
        }
        if let Some(files) = &self.files {
            self.epoll.add(files.as_fd(), EpollEvent::new(EpollFlags::EPOLLIN, FILES))?;
        }
        Ok(())
    }

    fn turn(&mut self) -> Result<(), Errno> {
        self.open_ports();
        let mut events = [EpollEvent::empty(); 8];
        let count = match self.epoll.wait(&mut events, self.timeout()) {
            Ok(count) => count,
            Err(Errno::EINTR) => 0,
            Err(error) => return Err(error),
        };
        for event in events.iter().take(count) {
            match event.data() {
                QEMU => self.serve_qemu(),
                FACTS => self.serve_facts(),
                NETWORK => {
                    if let Some(network) = &self.network {
                        network.drain();
                    }
                    self.note(Fact::Network);
                }
                _ => self.file_news(),
            }
        }
        self.clock();
        Ok(())
    }

    fn timeout(&self) -> EpollTimeout {
        let times = [Some(self.heartbeat_at), self.settled_at, self.qemu.retry_at(), self.facts.retry_at()];
        let next = times.into_iter().flatten().min().unwrap_or(self.heartbeat_at);
        let wait = next.saturating_duration_since(Instant::now()).as_millis() + 1;
        EpollTimeout::try_from(u32::try_from(wait).unwrap_or(1000)).unwrap_or(EpollTimeout::from(1000u16))
    }

    fn open_ports(&mut self) {
        let now = Instant::now();
        let mut opened = Vec::new();
        for (token, port) in [(QEMU, &mut self.qemu), (FACTS, &mut self.facts)] {
            if port.retry_at().is_none_or(|at| at > now) {
                continue;
            }
            match port.open(now) {
                Ok(()) => opened.push(token),
                Err(error) if self.complained.insert(token) => log::warning(&format!("{error}; will try again")),
                Err(_) => {}
            }
        }
        for token in opened {
            self.complained.remove(&token);
            let port = if token == QEMU { &self.qemu } else { &self.facts };
            let flags = EpollFlags::EPOLLIN | EpollFlags::EPOLLOUT | EpollFlags::EPOLLET;
            let added = port.file().map(|file| self.epoll.add(file, EpollEvent::new(flags, token)));
            if let Some(Err(error)) = added {
                log::error(&format!("cannot watch a port: {error}"));
            }
            if token == QEMU { self.serve_qemu() } else { self.serve_facts() }
        }
    }

    fn serve_qemu(&mut self) {
        let now = Instant::now();
        let framing = &mut self.framing;
        let mut requests = Vec::new();
        if self.qemu.read(now, |bytes| framing.feed(bytes, &mut requests)) {
            log::info("the host listens on the QEMU guest agent port");
        }
        if !self.qemu.is_connected() {
            self.framing = Framing::default();
        }
        for request in requests {
            if let Some(answer) = self.agent.answer(&request) {
                self.qemu.send(now, &answer);
            }
        }
        self.qemu.flush(now);
    }

    fn serve_facts(&mut self) {
        let now = Instant::now();
        let requests = &mut self.requests;
        let connected = self.facts.read(now, |bytes| requests.extend_from_slice(bytes));
        if connected {
            log::info("the host listens on the facts port");
            self.tell_everything();
        }
        if !self.facts.is_connected() {
            self.requests = Vec::new();
            return;
        }
        while let Some(end) = self.requests.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.requests.drain(..=end).collect();
            self.serve_request(&line);
        }
        if self.requests.len() > MAXIMUM_MESSAGE {
            self.requests = Vec::new();
        }
        self.facts.flush(now);
    }

    fn serve_request(&mut self, line: &[u8]) {
        let Ok(request) = serde_json::from_slice::<protocol::Request>(line) else { return };
        if request.version != protocol::PROTOCOL_VERSION {
            return self.reply(request.request, Err("this version of the protocol is not known here".to_owned()));
        }
        if request.refresh.is_some() {
            self.reply(request.request, Ok(()));
            self.tell_everything();
        } else if let Some(shutdown) = request.shutdown {
            if self.agent.is_frozen() {
                return self.reply(request.request, Err("file systems are frozen".to_owned()));
            }
            let kind = if shutdown.reboot { crate::power::Kind::Reboot } else { crate::power::Kind::PowerOff };
            let message = if shutdown.message.is_empty() { crate::power::MESSAGE } else { &shutdown.message };
            let done = crate::power::shut_down(kind, message).map_err(|error| error.to_string());
            self.reply(request.request, done);
        } else {
            self.reply(request.request, Err("this request is not known here".to_owned()));
        }
    }

    fn reply(&mut self, request: u64, done: Result<(), String>) {
        let detail = done.as_ref().err().cloned().unwrap_or_default();
        let reply = protocol::Reply { request, accepted: done.is_ok(), detail };
        let report = self.publisher.number(Report { reply: Some(reply), ..Report::default() });
        self.send(&[report]);
    }

    fn send(&mut self, reports: &[Report]) {
        for report in reports {
            match protocol::encode(report) {
                Ok(line) => self.facts.send(Instant::now(), &line),
                Err(error) => log::error(&format!("a report was not sent: {error}")),
            }
        }
    }

    fn tell_everything(&mut self) {
        self.owes_everything = self.agent.is_frozen();
        if self.owes_everything {
            return;
        }
        self.due.clear();
        self.settled_at = None;
        let first = self.publisher.everything();
        self.send(&[first]);
        let packages = self.publisher.packages();
        self.send(&[packages]);
    }

    fn note(&mut self, fact: Fact) {
        if self.facts.is_connected() {
            self.due.insert(fact);
            self.settled_at.get_or_insert_with(|| Instant::now() + SETTLE);
        }
    }

    fn file_news(&mut self) {
        let Some(files) = &self.files else { return };
        for news in files.drain() {
            match news {
                News::Fact(fact) => self.note(fact),
                News::Device => {
                    let now = Instant::now();
                    self.qemu.hurry(now);
                    self.facts.hurry(now);
                }
            }
        }
    }

    fn clock(&mut self) {
        let now = Instant::now();
        let beat = self.heartbeat_at <= now;
        if beat {
            self.heartbeat_at = now + HEARTBEAT;
            if let Some(files) = &mut self.files {
                files.renew();
            }
            // The edge of a connection could have been missed; asking costs one system call.
            self.serve_qemu();
            self.serve_facts();
        }
        if !self.facts.is_connected() {
            self.due.clear();
            self.settled_at = None;
        } else if self.agent.is_frozen() {
            // Looking for facts could wait for a frozen disk. What changed is told after the thaw.
            self.owes_everything |= self.settled_at.take().is_some();
            if beat {
                let report = self.publisher.heartbeat();
                self.send(&[report]);
            }
        } else if self.owes_everything {
            self.tell_everything();
        } else if beat || self.settled_at.is_some_and(|at| at <= now) {
            self.settled_at = None;
            let due = std::mem::take(&mut self.due);
            let reports = self.publisher.changes(&due, beat);
            self.send(&reports);
        }
    }
}
