//! The command line of the agent. It opens nothing and decides no behaviour beyond on and off.

use std::path::PathBuf;

/// Printed for `--help`.
pub(crate) const HELP: &str = "\
Usage: ferrovirt-guest-agent [OPTION]...
Answers the host over the virtio ports org.qemu.guest_agent.0 and org.ferrovirt.guest.0.

  --qemu-port PATH     device to use instead of the port found by its name
  --facts-port PATH    device to use instead of the port found by its name
  --freeze-hooks DIR   run each program in DIR with 'freeze' before file systems are frozen and 'thaw' after
  --allow-exec         let the host run programs (guest-exec)
  --allow-ssh-keys     let the host read and change users' authorized_keys
  --allow-passwords    let the host set users' passwords
  --help, --version
";

/// What the agent may do and where.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Options {
    pub(crate) qemu_port: Option<PathBuf>,
    pub(crate) facts_port: Option<PathBuf>,
    pub(crate) freeze_hooks: Option<PathBuf>,
    pub(crate) allow_exec: bool,
    pub(crate) allow_ssh_keys: bool,
    pub(crate) allow_passwords: bool,
}

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    Run(Options),
    Help,
    Version,
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum OptionsError {
    #[error("{0} is not an option; see --help")]
    Unknown(String),
    #[error("{0} needs a value")]
    ValueMissing(String),
}

/// Reads the arguments after the program's name.
pub(crate) fn read(mut arguments: impl Iterator<Item = String>) -> Result<Asked, OptionsError> {
    let mut options = Options::default();
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().map(PathBuf::from).ok_or(OptionsError::ValueMissing(argument.clone()));
        match argument.as_str() {
            "--qemu-port" => options.qemu_port = Some(value()?),
            "--facts-port" => options.facts_port = Some(value()?),
            "--freeze-hooks" => options.freeze_hooks = Some(value()?),
            "--allow-exec" => options.allow_exec = true,
            "--allow-ssh-keys" => options.allow_ssh_keys = true,
            "--allow-passwords" => options.allow_passwords = true,
            "--help" | "-h" => return Ok(Asked::Help),
            "--version" | "-V" => return Ok(Asked::Version),
            _ => return Err(OptionsError::Unknown(argument)),
        }
    }
    Ok(Asked::Run(options))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> Result<Asked, OptionsError> {
        read(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn dangerous_things_are_off_unless_asked_for() {
        assert_eq!(of(""), Ok(Asked::Run(Options::default())));
        let expected = Options { allow_exec: true, facts_port: Some("/dev/x".into()), ..Options::default() };
        assert_eq!(of("--allow-exec --facts-port /dev/x"), Ok(Asked::Run(expected)));
        assert_eq!(of("--qemu-port"), Err(OptionsError::ValueMissing("--qemu-port".into())));
        assert_eq!(of("--fast"), Err(OptionsError::Unknown("--fast".into())));
    }
}
