//! The task that hears one guest: its facts port where our agent speaks, libvirt's questions where a stock agent does.

use std::path::PathBuf;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use ferrovirt_guest::{FACTS_PORT, Facts, Limits, QEMU_AGENT_PORT, Reader};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

use super::{Listeners, translate};

/// A stock agent is asked this often.
const POLL: Duration = Duration::from_secs(60);
/// A guest agent is looked for this often until one speaks.
const SEARCH: Duration = Duration::from_secs(10);
/// Changes of statistics alone are told no more often than this.
const STATISTICS: Duration = Duration::from_secs(30);

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
    let mut reader = Reader::new(Limits::default());
    let mut facts = Facts::default();
    let start = Instant::now();
    let mut told: Option<Instant> = None;
    let mut buffer = vec![0_u8; 8192];
    loop {
        let length = match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return,
            Ok(length) => length,
        };
        let (mut news, mut spoke) = (false, false);
        reader.feed(&buffer[..length], start.elapsed(), |received| match received {
            Ok(report) => {
                spoke = true;
                let change = facts.absorb(report);
                let due = told.is_none_or(|at| at.elapsed() >= STATISTICS);
                news |= change.facts || (change.statistics && due);
            }
            Err(reason) => tracing::debug!(vm = id, %reason, "a guest's message was dropped"),
        });
        if spoke {
            if !heard.swap(true, std::sync::atomic::Ordering::Relaxed) {
                tracing::info!(vm = id, "the guest agent speaks");
            }
            listeners.inner.machines.guest_spoke(id);
        }
        if let Some(memory) = facts.memory.clone().filter(|_| spoke) {
            listeners.inner.memory.lock().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned(), memory);
        }
        if news {
            told = Some(Instant::now());
            listeners.inner.reports.push_guest(translate::facts(id, &facts));
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
