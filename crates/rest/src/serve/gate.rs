//! Counts connections, in all and by peer, so that one client can't take them all. Refuses to know sockets.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// The counter of one listener.
#[derive(Clone)]
pub(super) struct Gate {
    counts: Arc<Mutex<Counts>>,
    most: usize,
    most_of_peer: usize,
}

#[derive(Default)]
struct Counts {
    all: usize,
    of_peer: HashMap<IpAddr, usize>,
}

/// One connection's place; gives it back when dropped.
pub(super) struct Pass {
    gate: Gate,
    peer: IpAddr,
}

impl Gate {
    pub(super) fn new(most: usize, most_of_peer: usize) -> Self {
        Self { counts: Arc::default(), most, most_of_peer }
    }

    /// A place for one more connection of a peer, if there is one.
    pub(super) fn enter(&self, peer: IpAddr) -> Option<Pass> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let of_peer = counts.of_peer.get(&peer).copied().unwrap_or_default();
        if counts.all >= self.most || of_peer >= self.most_of_peer {
            return None;
        }
        counts.all += 1;
        counts.of_peer.insert(peer, of_peer + 1);
        Some(Pass { gate: self.clone(), peer })
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        let mut counts = self.gate.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.all = counts.all.saturating_sub(1);
        match counts.of_peer.get_mut(&self.peer) {
            Some(count) if *count > 1 => *count -= 1,
            _ => {
                counts.of_peer.remove(&self.peer);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_bounded_by_peer_and_in_all_and_come_back() {
        let gate = Gate::new(3, 2);
        let (one, two): (IpAddr, IpAddr) = ("10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap());
        let first = gate.enter(one).unwrap();
        let second = gate.enter(one).unwrap();
        assert!(gate.enter(one).is_none());
        let third = gate.enter(two).unwrap();
        assert!(gate.enter(two).is_none());
        drop(first);
        assert!(gate.enter(one).is_some());
        drop((second, third));
        assert!(gate.counts.lock().unwrap().of_peer.is_empty());
    }
}
