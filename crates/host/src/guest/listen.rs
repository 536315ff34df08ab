//! The task that hears one guest: its facts port where our agent speaks, libvirt's questions where a stock agent does.

use std::path::PathBuf;
use std::sync::PoisonError;
use std::time::Duration;

use ferrovirt_guest::{FACTS_PORT, Facts, Limits, QEMU_AGENT_PORT, Reader};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::time::Instant;

use super::{Listeners, translate};

/// A stock agent is asked this often.
const POLL: Duration = Duration::from_secs(60);
/// A guest agent is looked for this often until one speaks.
const SEARCH: Duration = Duration::from_secs(10);
/// Changes of statistics alone are told no more often than this.
const STATISTICS: Duration = Duration::from_secs(30);
/// Changes of any kind are told no more often than this, since all facts are told together: a guest that changes its mind
/// all the time must not keep host and engine busy.
const CHANGES: Duration = Duration::from_secs(2);

/// Listens until QEMU is gone; the caller begins again where the VM still runs.
pub(super) async fn listen(listeners: Listeners, id: String) {
    let Some((facts_port, has_stock_port)) = ports(&listeners, &id).await else {
        // Not running yet, or libvirt is away: wait before the caller tries again.
        tokio::time::sleep(Duration::from_secs(1)).await;
        return;
    };
    let heard = std::sync::atomic::AtomicBool::new(false);
    let hear = async {
        match facts_port {
            Some(path) => hear(&listeners, &id, &path, &heard).await,
            None => std::future::pending().await,
        }
    };
    let ask = async { if has_stock_port { ask(&listeners, &id, &heard).await } else { std::future::pending().await } };
    tokio::select! {
        () = hear => {}
        () = ask => {}
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
}

async fn ports(listeners: &Listeners, id: &str) -> Option<(Option<PathBuf>, bool)> {
    let domain = listeners.inner.hypervisor.domain(id).await.ok().flatten()?;
    let facts = domain.channels.iter().find(|channel| channel.name == FACTS_PORT).map(|channel| channel.path.clone());
    Some((facts, domain.channels.iter().any(|channel| channel.name == QEMU_AGENT_PORT)))
}

/// Hears our agent. Returns when QEMU closes the port.
async fn hear(listeners: &Listeners, id: &str, path: &std::path::Path, heard: &std::sync::atomic::AtomicBool) {
    let mut stream = match UnixStream::connect(path).await {
        Ok(stream) => stream,
        Err(error) => {
            tracing::debug!(vm = id, %error, "the guest's port can't be opened yet");
            return;
        }
    };
    if let Ok(request) = ferrovirt_guest::protocol::encode(&ferrovirt_guest::protocol::Request::refresh(1))
        && stream.write_all(&request).await.is_err()
    {
        return;
    }
    let spoke = |facts: &Facts| {
        if !heard.swap(true, std::sync::atomic::Ordering::Relaxed) {
            tracing::info!(vm = id, "the guest agent speaks");
        }
        listeners.inner.machines.guest_spoke(id);
        if let Some(memory) = facts.memory.clone() {
            listeners.inner.memory.lock().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned(), memory);
        }
    };
    listen_to(stream, id, spoke, |facts| listeners.inner.reports.push_guest(translate::facts(id, facts))).await;
}

/// When facts are told: the first at once, later ones as often as [`CHANGES`] allows, and then the newest.
#[derive(Default)]
struct Pace {
    told: Option<Instant>,
    /// Something new waits to be told.
    news: bool,
}

impl Pace {
    fn changed(&mut self, change: ferrovirt_guest::Change) {
        let due = self.told.is_none_or(|at| at.elapsed() >= STATISTICS);
        self.news |= change.facts || (change.statistics && due);
    }

    /// Waits until what is new may be told, and counts it as told.
    async fn turn(&mut self) {
        if !self.news {
            return std::future::pending().await;
        }
        if let Some(told) = self.told {
            tokio::time::sleep_until(told + CHANGES).await;
        }
        *self = Pace { told: Some(Instant::now()), news: false };
    }
}

/// Reads until the stream ends. `spoke` hears that something came, `tell` what is to be told.
async fn listen_to(
    mut stream: impl AsyncRead + Unpin,
    id: &str,
    mut spoke: impl FnMut(&Facts),
    mut tell: impl FnMut(&Facts),
) {
    let mut reader = Reader::new(Limits::default());
    let (mut facts, mut pace) = (Facts::default(), Pace::default());
    let start = Instant::now();
    let mut buffer = vec![0_u8; 8192];
    loop {
        let length = tokio::select! {
            read = stream.read(&mut buffer) => match read {
                Ok(0) | Err(_) => return,
                Ok(length) => length,
            },
            () = pace.turn() => {
                tell(&facts);
                continue;
            }
        };
        let mut something = false;
        reader.feed(&buffer[..length], start.elapsed(), |received| match received {
            Ok(report) => {
                something = true;
                pace.changed(facts.absorb(report));
            }
            Err(reason) => tracing::debug!(vm = id, %reason, "a guest's message was dropped"),
        });
        if something {
            spoke(&facts);
        }
    }
}

/// Asks a stock agent, as long as ours has not spoken.
async fn ask(listeners: &Listeners, id: &str, heard: &std::sync::atomic::AtomicBool) {
    loop {
        tokio::time::sleep(SEARCH).await;
        if heard.load(std::sync::atomic::Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
        let connected = matches!(listeners.inner.hypervisor.domain(id).await, Ok(Some(domain))
            if domain.channels.iter().any(|channel| channel.name == QEMU_AGENT_PORT && channel.connected));
        if !connected {
            continue;
        }
        match listeners.inner.hypervisor.ask_guest(id).await {
            Ok(said) => {
                listeners.inner.machines.guest_spoke(id);
                listeners.inner.reports.push_guest(translate::stock(id, &said));
                tokio::time::sleep(POLL).await;
            }
            Err(error) => tracing::debug!(vm = id, %error, "the stock guest agent does not answer"),
        }
    }
}

#[cfg(test)]
mod tests {
    use ferrovirt_guest::protocol::{HostName, PROTOCOL_VERSION, Report, encode};

    use super::*;

    fn report(sequence: u64, name: &str) -> Vec<u8> {
        let host_name = HostName { host_name: name.into(), ..HostName::default() };
        encode(&Report { version: PROTOCOL_VERSION, sequence, host_name: Some(host_name), ..Report::default() })
            .unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn a_guest_that_always_changes_is_told_seldom_and_its_last_word_is() {
        let (mut guest, host) = tokio::io::duplex(4096);
        let (sender, mut told) = tokio::sync::mpsc::unbounded_channel();
        let start = Instant::now();
        let listening = tokio::spawn(listen_to(
            host,
            "a",
            |_| (),
            move |facts| {
                sender.send((start.elapsed(), facts.host_name.clone().unwrap().host_name)).unwrap();
            },
        ));
        // Five a second, for ten seconds.
        for number in 0..50 {
            guest.write_all(&report(number, &format!("name{number}"))).await.unwrap();
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        tokio::time::sleep(Duration::from_secs(60)).await;
        drop(guest);
        listening.await.unwrap();
        let mut all = Vec::new();
        while let Some(one) = told.recv().await {
            all.push(one);
        }
        assert_eq!(all[0], (Duration::ZERO, "name0".to_owned()), "the first at once");
        assert!(all.windows(2).all(|two| two[1].0 - two[0].0 >= CHANGES), "{all:?}");
        assert_eq!(all.len(), 6, "{all:?}");
        assert_eq!(all[5].1, "name49", "the newest wins");
    }

    #[tokio::test(start_paused = true)]
    async fn a_quiet_guest_is_told_at_once() {
        let (mut guest, host) = tokio::io::duplex(4096);
        let (sender, mut told) = tokio::sync::mpsc::unbounded_channel();
        tokio::spawn(listen_to(host, "a", |_| (), move |_| sender.send(Instant::now()).unwrap()));
        for number in 0..3 {
            tokio::time::sleep(Duration::from_secs(5)).await;
            let said = Instant::now();
            guest.write_all(&report(number, &format!("name{number}"))).await.unwrap();
            assert_eq!(told.recv().await.unwrap(), said);
        }
    }
}
