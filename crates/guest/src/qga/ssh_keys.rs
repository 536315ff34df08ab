//! Reading and changing a user's `authorized_keys`. Off unless the guest's owner allows it.
//!
//! The folder belongs to the user, who could swap it for a link while the agent works as root: every step goes through
//! the opened folder, never through its path.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, fchown};
use std::path::{Path, PathBuf};

use nix::fcntl::OFlag;
use serde::Deserialize;
use serde_json::{Value, json};

use super::CommandFailure;

/// Larger files are nobody's list of keys.
const MAXIMUM_FILE: u64 = 1024 * 1024;

#[derive(Deserialize)]
pub(super) struct UserArguments {
    username: String,
}

#[derive(Deserialize)]
pub(super) struct AddArguments {
    username: String,
    keys: Vec<String>,
    #[serde(default)]
    reset: bool,
}

#[derive(Deserialize)]
pub(super) struct RemoveArguments {
    username: String,
    keys: Vec<String>,
}

#[derive(Debug, PartialEq, Eq)]
struct User {
    owner: u32,
    group: u32,
    home: PathBuf,
}

fn refused(text: impl Into<String>) -> CommandFailure {
    CommandFailure::Refused(text.into())
}

/// Looks into `/etc/passwd` only: a static program cannot ask the system's other name services.
fn find_user(passwd: &str, name: &str) -> Option<User> {
    let line = passwd.lines().find(|line| line.split(':').next() == Some(name))?;
    let mut fields = line.split(':').skip(2);
    let owner = fields.next()?.parse().ok()?;
    let group = fields.next()?.parse().ok()?;
    let home = fields.nth(1).filter(|home| home.starts_with('/'))?;
    Some(User { owner, group, home: home.into() })
}

fn user(name: &str) -> Result<User, CommandFailure> {
    let passwd = fs::read_to_string("/etc/passwd").map_err(CommandFailure::system("cannot read the users"))?;
    find_user(&passwd, name).ok_or_else(|| refused(format!("there is no user {name}")))
}

/// The user's `.ssh`, opened; `None` if there is none and `create` is false.
fn open_folder(user: &User, create: bool) -> Result<Option<File>, CommandFailure> {
    let path = user.home.join(".ssh");
    let flags = OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
    let open = || OpenOptions::new().read(true).custom_flags(flags.bits()).open(&path);
    let folder = match open() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !create => return Ok(None),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            fs::DirBuilder::new()
                .mode(0o700)
                .create(&path)
                .map_err(CommandFailure::system("cannot make the folder"))?;
            let folder = open().map_err(CommandFailure::system("cannot open the folder"))?;
            fchown(&folder, Some(user.owner), Some(user.group))
                .map_err(CommandFailure::system("cannot give the folder away"))?;
            folder
        }
        opened => opened.map_err(CommandFailure::system("cannot open the folder"))?,
    };
    let owner = folder.metadata().map_err(CommandFailure::system("cannot look at the folder"))?.uid();
    if owner != user.owner {
        return Err(refused("the folder of the keys belongs to somebody else"));
    }
    Ok(Some(folder))
}

fn inside(folder: &File, name: &str) -> PathBuf {
    Path::new("/proc/self/fd").join(folder.as_raw_fd().to_string()).join(name)
}

fn read_keys(folder: &File) -> Result<Vec<String>, CommandFailure> {
    let flags = OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC;
    let opened = OpenOptions::new().read(true).custom_flags(flags.bits()).open(inside(folder, "authorized_keys"));
    let file = match opened {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        opened => opened.map_err(CommandFailure::system("cannot open the keys"))?,
    };
    let metadata = file.metadata().map_err(CommandFailure::system("cannot look at the keys"))?;
    if !metadata.is_file() || metadata.len() > MAXIMUM_FILE {
        return Err(refused("the keys are not in a plain file of sensible size"));
    }
    let mut text = String::new();
    file.take(MAXIMUM_FILE).read_to_string(&mut text).map_err(CommandFailure::system("cannot read the keys"))?;
    Ok(text.lines().map(str::to_owned).collect())
}

fn write_keys(folder: &File, user: &User, keys: &[String]) -> Result<(), CommandFailure> {
    let fresh = inside(folder, ".authorized_keys.ferrovirt");
    let what = || CommandFailure::system("cannot write the keys");
    match fs::remove_file(&fresh) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(what()(error)),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&fresh).map_err(what())?;
    let text: String = keys.iter().map(|key| format!("{key}\n")).collect();
    file.write_all(text.as_bytes()).map_err(what())?;
    fchown(&file, Some(user.owner), Some(user.group)).map_err(what())?;
    file.sync_all().map_err(what())?;
    fs::rename(&fresh, inside(folder, "authorized_keys")).map_err(what())
}

fn check(keys: &[String]) -> Result<(), CommandFailure> {
    let holds =
        keys.iter().all(|key| !key.trim().is_empty() && !key.starts_with('#') && !key.contains(['\n', '\r', '\0']));
    if holds { Ok(()) } else { Err(refused("a key is one line that is neither empty nor a comment")) }
}

pub(super) fn get(arguments: UserArguments) -> Result<Value, CommandFailure> {
    let user = user(&arguments.username)?;
    let lines = open_folder(&user, false)?.map(|folder| read_keys(&folder)).transpose()?.unwrap_or_default();
    let keys: Vec<String> =
        lines.into_iter().filter(|line| !line.trim().is_empty() && !line.starts_with('#')).collect();
    Ok(json!({ "keys": keys }))
}

pub(super) fn add(arguments: AddArguments) -> Result<Value, CommandFailure> {
    check(&arguments.keys)?;
    let user = user(&arguments.username)?;
    let Some(folder) = open_folder(&user, true)? else { return Err(refused("the folder of the keys is not there")) };
    let mut keys = if arguments.reset { Vec::new() } else { read_keys(&folder)? };
    for key in arguments.keys {
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    write_keys(&folder, &user, &keys)?;
    Ok(json!({}))
}

pub(super) fn remove(arguments: RemoveArguments) -> Result<Value, CommandFailure> {
    let user = user(&arguments.username)?;
    let Some(folder) = open_folder(&user, false)? else { return Ok(json!({})) };
    let mut keys = read_keys(&folder)?;
    keys.retain(|key| !arguments.keys.contains(key));
    write_keys(&folder, &user, &keys)?;
    Ok(json!({}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_found_by_their_whole_name() {
        let passwd =
            "root:x:0:0:root:/root:/bin/sh\nada:x:1000:1001:Ada,,,:/home/ada:/bin/sh\nbad:x:1:1::relative:/x\n";
        assert_eq!(find_user(passwd, "ada"), Some(User { owner: 1000, group: 1001, home: "/home/ada".into() }));
        assert_eq!(find_user(passwd, "ad"), None);
        assert_eq!(find_user(passwd, "bad"), None);
    }

    #[test]
    fn keys_are_replaced_whole_and_links_are_not_followed() {
        let home = tempfile::tempdir().expect("a home");
        let metadata = home.path().metadata().expect("metadata");
        let user = User { owner: metadata.uid(), group: metadata.gid(), home: home.path().into() };
        let folder = open_folder(&user, true).expect("a folder").expect("made");
        write_keys(&folder, &user, &["ssh-ed25519 A a".into(), "ssh-ed25519 B b".into()]).expect("written");
        assert_eq!(read_keys(&folder).expect("keys").len(), 2);
        let path = home.path().join(".ssh/authorized_keys");
        assert_eq!(path.metadata().expect("a file").mode() & 0o777, 0o600);
        fs::remove_file(&path).expect("removed");
        std::os::unix::fs::symlink("/etc/passwd", &path).expect("a link");
        assert!(read_keys(&folder).is_err());
        fs::rename(home.path().join(".ssh"), home.path().join("other")).expect("moved");
        std::os::unix::fs::symlink("/etc", home.path().join(".ssh")).expect("a link");
        assert!(open_folder(&user, true).is_err());
        assert!(check(&["a\nb".into()]).is_err());
    }
}
