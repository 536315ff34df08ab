//! How people write a user's name, and which account that is. Knows no account that exists.

/// The profile of users whose passwords the engine keeps.
pub const INTERNAL_PROFILE: &str = "internal";
/// The directory domain behind it.
pub const INTERNAL_DOMAIN: &str = "internal-authz";
/// Another spelling of the profile, which clients of newer oVirt engines use; their users are `name@ovirt`.
const SSO_PROFILE: &str = "internalsso";
const SSO_SUFFIX: &str = "@ovirt";

/// An account by directory domain and name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Account {
    pub(super) domain: String,
    pub(super) name: String,
}

/// Reads `name`, `name@internal`, `name@ovirt@internalsso`. `None`: of a profile that there is not.
pub(super) fn parse(typed: &str) -> Option<Account> {
    let internal = |name: &str| Some(Account { domain: INTERNAL_DOMAIN.to_owned(), name: name.to_owned() });
    match typed.rsplit_once('@') {
        None => internal(typed),
        Some((name, INTERNAL_PROFILE | INTERNAL_DOMAIN)) => internal(name),
        Some((name, SSO_PROFILE)) => internal(name.strip_suffix(SSO_SUFFIX).unwrap_or(name)),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_spellings_of_one_account() {
        for typed in ["admin", "admin@internal", "admin@ovirt@internalsso", "admin@internal-authz"] {
            assert_eq!(parse(typed).unwrap().name, "admin", "{typed}");
        }
        assert_eq!(parse("someone@example.org@internal").unwrap().name, "someone@example.org");
        assert_eq!(parse("admin@elsewhere"), None);
    }
}
