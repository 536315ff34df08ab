//! A private libvirt daemon in namespaces of its own, for tests on real QEMU. It knows nothing of the agent.
#![allow(dead_code, unreachable_pub, clippy::print_stderr, reason = "each test that shares this uses a part of it")]

use std::process::{Child, Command, Stdio};

/// A libvirt daemon of our own. Ends, with all its QEMUs, when it is dropped.
pub struct Daemon {
    child: Child,
    /// Where its folders lie.
    pub folder: tempfile::TempDir,
    port: u16,
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // The daemon's process namespace ends with it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Covers libvirt's folders with private ones and becomes the daemon.
const SCRIPT: &str = r#"
set -e
mount -t proc proc /proc
mount -t tmpfs run /run
for folder in /run/libvirt /var/lib/libvirt /etc/libvirt /var/cache/libvirt /var/log/libvirt; do
  mkdir -p "$folder" "$1$folder"
  [ "$folder" = /etc/libvirt ] && cp -r /etc/libvirt/. "$1/etc/libvirt/" && rm -f "$1/etc/libvirt/qemu/networks/autostart/"*
  mount --bind "$1$folder" "$folder"
done
hostname "$2"
cat > /etc/libvirt/qemu.conf <<END
user = "root"
group = "root"
security_driver = "none"
remember_owner = 0
cgroup_controllers = []
migration_port_min = $4
migration_port_max = $(($4 + 20))
END
cat > /etc/libvirt/libvirtd.conf <<END
host_uuid = "$5"
listen_tls = 0
listen_tcp = 1
auth_tcp = "none"
auth_unix_rw = "none"
tcp_port = "$3"
listen_addr = "127.0.0.1"
END
virtlogd -d
# The shell stays as the first process of its namespace: it takes the ended QEMUs off the process table.
libvirtd -l &
wait $!
"#;

impl Daemon {
    /// Starts one; a machine that can't fails the test.
    pub fn start(name: &str, port: u16) -> Option<Daemon> {
        let there = |program: &str| {
            Command::new("which").arg(program).stdout(Stdio::null()).status().is_ok_and(|s| s.success())
        };
        if !nix::unistd::geteuid().is_root()
            || !["libvirtd", "virtlogd", "qemu-system-x86_64", "unshare"].into_iter().all(there)
        {
            panic!("this needs root, libvirtd, virtlogd, QEMU and unshare; `make setup` installs them");
        }
        let folder = tempfile::tempdir().unwrap();
        let log = std::fs::File::create(folder.path().join("libvirtd.log")).unwrap();
        let child = Command::new("unshare")
            .args(["--mount", "--uts", "--ipc", "--pid", "--fork", "--kill-child", "--propagation", "private"])
            .args(["sh", "-c", SCRIPT, "sh", folder.path().to_str().unwrap(), name, &port.to_string()])
            .args([(port + 20000).to_string(), uuid::Uuid::new_v4().to_string()])
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        Some(Daemon { child, folder, port })
    }

    /// The socket of the daemon, seen from outside its namespaces.
    pub fn socket(&self) -> String {
        self.folder.path().join("run/libvirt/libvirt-sock").display().to_string()
    }

    /// The URI by which this machine reaches the daemon.
    pub fn local_uri(&self) -> String {
        format!("qemu+unix:///system?socket={}", self.socket())
    }

    /// What the daemon has written, for a test that fails.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("libvirtd.log")).unwrap_or_default()
    }

    /// The URI by which a migration source reaches it.
    pub fn uri(&self) -> String {
        format!("qemu+tcp://127.0.0.1:{}/system", self.port)
    }
}
