//! How names of the API contract become Rust names.

const KEYWORDS: [&str; 4] = ["type", "async", "virtual", "abstract"];

/// Rust name of a type: the model's own, save the one that would hide `Option`.
pub(super) fn type_name(model: &str) -> &str {
    if model == "Option" { "OptionSetting" } else { model }
}

/// Rust name of a field.
pub(super) fn field_name(wire: &str) -> String {
    if KEYWORDS.contains(&wire) { format!("r#{wire}") } else { wire.to_owned() }
}

/// `wait_for_launch` becomes `WaitForLaunch`; `x86_64` becomes `X86_64`, for digits alone do not show where a word ends.
pub(super) fn variant_name(word: &str) -> String {
    let mut name = String::new();
    for part in word.split('_') {
        let mut characters = part.chars();
        let Some(first) = characters.next() else { continue };
        if first.is_ascii_digit() && name.ends_with(|last: char| last.is_ascii_digit()) {
            name.push('_');
        }
        name.extend(first.to_uppercase());
        name.push_str(characters.as_str());
    }
    name
}

/// `VmReportedDevicesService` becomes `VM_REPORTED_DEVICES_SERVICE`.
pub(super) fn service_name(model: &str) -> String {
    constant_name(&snake(model))
}

/// `detach_only` becomes `DETACH_ONLY`.
pub(super) fn constant_name(snake: &str) -> String {
    snake.to_uppercase()
}

/// `StorageDomain` becomes `storage_domain`.
pub(super) fn snake(camel: &str) -> String {
    let mut name = String::new();
    for (index, character) in camel.char_indices() {
        if character.is_ascii_uppercase() && index > 0 {
            name.push('_');
        }
        name.push(character.to_ascii_lowercase());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_rust() {
        assert_eq!(variant_name("wait_for_launch"), "WaitForLaunch");
        assert_eq!(variant_name("x86_64"), "X86_64");
        assert_eq!(service_name("VmReportedDevicesService"), "VM_REPORTED_DEVICES_SERVICE");
        assert_eq!(field_name("type"), "r#type");
        assert_eq!(field_name("types"), "types");
        assert_eq!(type_name("Option"), "OptionSetting");
    }
}
