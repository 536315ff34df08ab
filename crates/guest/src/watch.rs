//! What wakes the agent besides the host: kernel messages about addresses, and changes of a few files. It reads no facts.

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::path::Path;

use nix::errno::Errno;
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify};
use nix::sys::socket::{AddressFamily, MsgFlags, NetlinkAddr, SockFlag, SockProtocol, SockType, bind, recv, socket};

use crate::gather::Fact;

// Multicast groups of rtnetlink(7).
const GROUP_LINK: u32 = 0x1;
const GROUP_IPV4_ADDRESS: u32 = 0x10;
const GROUP_IPV6_ADDRESS: u32 = 0x100;

/// Tells that links or addresses changed.
#[derive(Debug)]
pub(crate) struct NetworkWatch {
    socket: OwnedFd,
}

impl NetworkWatch {
    pub(crate) fn open() -> Result<Self, Errno> {
        let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
        let socket = socket(AddressFamily::Netlink, SockType::Raw, flags, SockProtocol::NetlinkRoute)?;
        let address = NetlinkAddr::new(0, GROUP_LINK | GROUP_IPV4_ADDRESS | GROUP_IPV6_ADDRESS);
        bind(socket.as_raw_fd(), &address)?;
        Ok(Self { socket })
    }

    /// Forgets the messages that came: that there were any is all that counts.
    pub(crate) fn drain(&self) {
        let mut buffer = [0u8; 4096];
        loop {
            match recv(self.socket.as_raw_fd(), &mut buffer, MsgFlags::MSG_DONTWAIT) {
                // An overrun means that messages were lost, which is news just as well.
                Ok(1..) | Err(Errno::EINTR | Errno::ENOBUFS) => {}
                Ok(_) | Err(_) => return,
            }
        }
    }
}

impl AsFd for NetworkWatch {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

/// One watched folder, which names in it count (all, if empty), and what they are about.
struct Folder {
    path: &'static str,
    names: &'static [&'static str],
    news: News,
}

/// What a change of a file is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum News {
    Fact(Fact),
    /// A device appeared, which may be a port.
    Device,
}

const FOLDERS: &[Folder] = &[
    Folder { path: "/dev", names: &["vport"], news: News::Device },
    Folder { path: "/etc", names: &["hostname", "hosts"], news: News::Fact(Fact::HostName) },
    Folder { path: "/etc", names: &["localtime", "timezone"], news: News::Fact(Fact::TimeZone) },
    Folder { path: "/etc", names: &["os-release"], news: News::Fact(Fact::OperatingSystem) },
    Folder { path: "/run/systemd/sessions", names: &[], news: News::Fact(Fact::Sessions) },
    Folder { path: "/run", names: &["utmp"], news: News::Fact(Fact::Sessions) },
    Folder { path: "/var/lib/dpkg", names: &["status"], news: News::Fact(Fact::Packages) },
    Folder { path: "/var/lib/rpm", names: &["Packages", "rpmdb"], news: News::Fact(Fact::Packages) },
    Folder { path: "/usr/lib/sysimage/rpm", names: &["rpmdb"], news: News::Fact(Fact::Packages) },
    Folder { path: "/lib/apk/db", names: &["installed"], news: News::Fact(Fact::Packages) },
    Folder { path: "/var/lib/pacman/local", names: &[], news: News::Fact(Fact::Packages) },
];

/// Watches the folders above, those that exist.
pub(crate) struct FileWatch {
    inotify: Inotify,
    watched: Vec<(nix::sys::inotify::WatchDescriptor, &'static Folder)>,
}

impl FileWatch {
    pub(crate) fn open() -> Result<Self, Errno> {
        let inotify = Inotify::init(InitFlags::IN_CLOEXEC | InitFlags::IN_NONBLOCK)?;
        let mut watch = Self { inotify, watched: Vec::new() };
        watch.renew();
        Ok(watch)
    }

    /// Watches folders that did not exist before; watching one twice changes nothing.
    pub(crate) fn renew(&mut self) {
        for folder in FOLDERS {
            let known = self.watched.iter().any(|(_, watched)| std::ptr::eq(*watched, folder));
            if known || !Path::new(folder.path).is_dir() {
                continue;
            }
            let flags = AddWatchFlags::IN_CREATE
                | AddWatchFlags::IN_DELETE
                | AddWatchFlags::IN_CLOSE_WRITE
                | AddWatchFlags::IN_MOVED_TO
                | AddWatchFlags::IN_ONLYDIR;
            // Without the watch the regular round still finds the change, only later.
            if let Ok(descriptor) = self.inotify.add_watch(folder.path, flags) {
                self.watched.push((descriptor, folder));
            }
        }
    }

    /// What changed since the last call.
    pub(crate) fn drain(&self) -> Vec<News> {
        let mut news = Vec::new();
        while let Ok(events) = self.inotify.read_events() {
            if events.is_empty() {
                break;
            }
            for event in events {
                let name = event.name.unwrap_or_default();
                let name = name.to_string_lossy();
                for (descriptor, folder) in &self.watched {
                    let counts = folder.names.is_empty() || folder.names.iter().any(|start| name.starts_with(start));
                    if *descriptor == event.wd && counts && !news.contains(&folder.news) {
                        news.push(folder.news);
                    }
                }
            }
        }
        news
    }
}

impl AsFd for FileWatch {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.inotify.as_fd()
    }
}
