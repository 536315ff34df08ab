//! The connections that libvirt's daemon itself holds to other hosts, cut from outside.
//!
//! For the one case in which libvirt waits for ever: it drops the word that QEMU gave a migration up when that comes in the
//! moment in which it lets QEMU switch over (libvirt 9.0, `qemuMigrationSrcWaitForCompletion` writes the state anew). It
//! looks again when its connection to the target ends. Nothing but sockets of the daemon is touched, and nothing is ended
//! that libvirt would not also end when the network fails.

use std::collections::HashSet;
use std::net::{IpAddr, Shutdown, TcpStream, ToSocketAddrs};
use std::path::Path;
use std::{fs, io};

use rustix::process::{Pid, PidfdFlags, PidfdGetfdFlags, pidfd_getfd, pidfd_open};

/// The names of the daemon: whole, and as one driver of many.
const DAEMONS: &[&str] = &["libvirtd", "virtqemud"];
/// The port of libvirt over TLS, where a URI names none (libvirt documentation, "Remote support").
const TLS_PORT: u16 = 16514;
/// The port of libvirt over bare TCP.
const TCP_PORT: u16 = 16509;

/// Cuts the local daemon's connections to the libvirt behind a URI; says how many there were.
///
/// # Errors
/// Where the URI names no host, or the system forbids it.
pub(super) fn cut(uri: &str) -> io::Result<usize> {
    let (host, port) = host_and_port(uri).ok_or_else(|| io::Error::other(format!("{uri} names no host")))?;
    let addresses: HashSet<IpAddr> = (host.as_str(), port).to_socket_addrs()?.map(|address| address.ip()).collect();
    let mut cut = 0;
    for daemon in daemons()? {
        cut += cut_of(daemon, &addresses, port)?;
    }
    Ok(cut)
}

/// `qemu+tls://10.0.0.2:16514/system` and the like.
fn host_and_port(uri: &str) -> Option<(String, u16)> {
    let (scheme, rest) = uri.split_once("://")?;
    let authority = rest.split(['/', '?']).next()?.rsplit('@').next()?;
    let default = if scheme.ends_with("+tcp") { TCP_PORT } else { TLS_PORT };
    let (host, port) = match authority.strip_prefix('[') {
        Some(v6) => {
            let (host, port) = v6.split_once(']')?;
            (host, port.strip_prefix(':'))
        }
        None => authority.rsplit_once(':').map_or((authority, None), |(host, port)| (host, Some(port))),
    };
    let port = port.map_or(Ok(default), str::parse).ok()?;
    (!host.is_empty()).then(|| (host.to_owned(), port))
}

/// The daemons of this host: those that share our network.
fn daemons() -> io::Result<Vec<Pid>> {
    let own = fs::read_link("/proc/self/ns/net")?;
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc")? {
        let path = entry?.path();
        let Some(id) = path.file_name().and_then(|name| name.to_str()?.parse().ok()) else { continue };
        // A process may end while it is looked at.
        let Ok(name) = fs::read_to_string(path.join("comm")) else { continue };
        let ours = DAEMONS.contains(&name.trim()) && fs::read_link(path.join("ns/net")).is_ok_and(|net| net == own);
        found.extend(Pid::from_raw(id).filter(|_| ours));
    }
    Ok(found)
}

fn cut_of(daemon: Pid, addresses: &HashSet<IpAddr>, port: u16) -> io::Result<usize> {
    let process = pidfd_open(daemon, PidfdFlags::empty())?;
    let mut cut = 0;
    for entry in fs::read_dir(Path::new("/proc").join(daemon.as_raw_nonzero().to_string()).join("fd"))? {
        let entry = entry?;
        // One may be closed while it is looked at.
        let Ok(target) = fs::read_link(entry.path()) else { continue };
        if !target.to_string_lossy().starts_with("socket:") {
            continue;
        }
        let Some(number) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        let Ok(socket) = pidfd_getfd(&process, number, PidfdGetfdFlags::empty()) else { continue };
        let socket = TcpStream::from(socket);
        // What is no TCP connection has no such peer.
        let Ok(peer) = socket.peer_addr() else { continue };
        if peer.port() == port && addresses.contains(&peer.ip()) {
            socket.shutdown(Shutdown::Both)?;
            cut += 1;
        }
    }
    Ok(cut)
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::net::TcpListener;
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_uri_names_its_host() {
        let of = |uri| host_and_port(uri);
        assert_eq!(of("qemu+tls://10.0.0.2/system?pkipath=/x"), Some(("10.0.0.2".to_owned(), 16514)));
        assert_eq!(of("qemu+tcp://host2:99/system"), Some(("host2".to_owned(), 99)));
        assert_eq!(of("qemu+tcp://[fd00::2]/system"), Some(("fd00::2".to_owned(), 16509)));
        assert_eq!(of("qemu:///system"), None);
        assert_eq!(of("nonsense"), None);
    }

    #[test]
    fn only_connections_to_the_target_are_cut() {
        let (wanted, other) = (TcpListener::bind("127.0.0.1:0").unwrap(), TcpListener::bind("127.0.0.1:0").unwrap());
        let mut ends: Vec<TcpStream> = [&wanted, &other]
            .iter()
            .map(|listener| TcpStream::connect(listener.local_addr().unwrap()).unwrap())
            .collect();
        let _accepted = (wanted.accept().unwrap(), other.accept().unwrap());
        let own = Pid::from_raw(std::process::id().try_into().unwrap()).unwrap();
        let port = wanted.local_addr().unwrap().port();
        assert_eq!(cut_of(own, &HashSet::from(["127.0.0.1".parse().unwrap()]), port).unwrap(), 1);
        assert_eq!(ends[0].read(&mut [0]).unwrap(), 0, "it has ended");
        ends[1].set_read_timeout(Some(Duration::from_millis(50))).unwrap();
        assert!(ends[1].read(&mut [0]).is_err(), "nothing comes, and it goes on");
        assert_eq!(cut_of(own, &HashSet::from(["127.0.0.9".parse().unwrap()]), port).unwrap(), 0);
    }
}
