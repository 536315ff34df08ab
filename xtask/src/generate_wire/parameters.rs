//! Gives each parameter of the operations (a name with a type) one constant that the service tree shares.

use std::{collections::BTreeMap, fmt::Write};

use anyhow::Result;

use super::names::{constant_name, snake};

/// All parameters seen so far, by constant.
#[derive(Default)]
pub(super) struct Parameters(BTreeMap<String, (String, String, bool)>);

impl Parameters {
    /// The constant for `name:type`, as the table of operations spells it; `[]` marks a list.
    pub(super) fn constant(&mut self, spelled: &str) -> String {
        let (name, of) = spelled.split_once(':').unwrap_or((spelled, "string"));
        let (of, list) = plain_type(of);
        let wanted = (name.to_owned(), of.to_owned(), list);
        let mut constant = constant_name(name);
        if self.0.get(&constant).is_some_and(|known| *known != wanted) {
            constant = format!("{constant}_{}{}", constant_name(&snake(of)), if list { "S" } else { "" });
        }
        self.0.insert(constant.clone(), wanted);
        constant
    }

    /// The file of constants.
    pub(super) fn render(&self) -> Result<String> {
        let mut text = String::from(
            "//! Parameters that operations share, each a name with its type.\n\nuse super::Parameter;\n\n",
        );
        for (constant, (name, of, list)) in &self.0 {
            let maker = if *list { "many" } else { "one" };
            writeln!(text, "pub(super) const {constant}: Parameter = Parameter::{maker}(\"{name}\", \"{of}\");")?;
        }
        Ok(text)
    }
}

/// Name of a type, and whether a list of it is meant: `enum:VmType`, `types.Ticket`, `Disk[]`.
pub(super) fn plain_type(spelled: &str) -> (&str, bool) {
    let (of, list) = spelled.strip_suffix("[]").map_or((spelled, false), |of| (of, true));
    let of = of.strip_prefix("enum:").unwrap_or(of);
    (of.strip_prefix("types.").unwrap_or(of), list)
}
