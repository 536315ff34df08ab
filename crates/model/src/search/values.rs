//! Turns the text of a value into what its field is compared with.

use uuid::Uuid;

use super::ast::{Pattern, Value};
use super::fields::FieldKind;
use super::moments;
use crate::Millis;
use crate::catalogue::operating_systems;

/// Reads a value; the error says what would be right.
pub(super) fn parse(kind: FieldKind, text: &str, now: Millis) -> Result<Value, String> {
    let trimmed = text.trim();
    let value = match kind {
        FieldKind::Text | FieldKind::OrderedText => Some(Value::Text(Pattern(text.to_owned()))),
        FieldKind::Integer => trimmed.parse().ok().map(Value::Integer),
        FieldKind::Decimal => trimmed.parse().ok().filter(|number: &f64| number.is_finite()).map(Value::Decimal),
        FieldKind::Size { unit } => size(trimmed, unit).map(Value::Bytes),
        FieldKind::Flag => flag(&trimmed.to_lowercase()).map(Value::Flag),
        FieldKind::Moment => {
            moments::parse(trimmed, now).map(|moment| Value::Moment { at: moment.at, whole_day: moment.whole_day })
        }
        FieldKind::Span => span(&trimmed.to_lowercase()).map(Value::Seconds),
        FieldKind::Id => Uuid::parse_str(trimmed).ok().map(Value::Id),
        FieldKind::Word(words) | FieldKind::Ranked(words) => word(words, trimmed).map(Value::Word),
        FieldKind::OperatingSystem => Some(systems(trimmed)),
    };
    value.ok_or_else(|| need(kind))
}

fn need(kind: FieldKind) -> String {
    let need = match kind {
        FieldKind::Text | FieldKind::OrderedText | FieldKind::OperatingSystem => "a text",
        FieldKind::Integer => "a whole number",
        FieldKind::Decimal => "a number",
        FieldKind::Size { .. } => "a size such as 512 or 4GiB",
        FieldKind::Flag => "true or false",
        FieldKind::Moment => "a date such as 2026-01-31 or yesterday",
        FieldKind::Span => "a span such as 3d, 12h or 90m",
        FieldKind::Id => "an id",
        FieldKind::Word(words) | FieldKind::Ranked(words) => {
            let mut known: Vec<&str> = words.iter().map(|(written, _)| *written).collect();
            known.dedup();
            return format!("one of {}", known.join(", "));
        }
    };
    need.to_owned()
}

fn flag(text: &str) -> Option<bool> {
    match text {
        "true" | "yes" | "1" => Some(true),
        "false" | "no" | "0" => Some(false),
        _ => None,
    }
}

/// Words are compared without capitals and underscores: `powering_up`, `PoweringUp` and `poweringup` are one.
fn word(words: &'static [(&'static str, &'static str)], text: &str) -> Option<&'static str> {
    let plain = |text: &str| text.to_lowercase().replace(['_', ' '], "");
    let wanted = plain(text);
    let found = words.iter().find(|(written, _)| plain(written) == wanted);
    found.or_else(|| words.iter().find(|(_, stored)| plain(stored) == wanted)).map(|(_, stored)| *stored)
}

fn size(text: &str, unit: i64) -> Option<i64> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let number: i64 = text[..digits].parse().ok()?;
    let factor = match text[digits..].trim().to_lowercase().trim_end_matches('b').trim_end_matches('i') {
        "" if text.ends_with(['b', 'B']) => 1,
        "" => unit,
        "k" => 1 << 10,
        "m" => 1 << 20,
        "g" => 1 << 30,
        "t" => 1 << 40,
        _ => return None,
    };
    number.checked_mul(factor)
}

/// `90`, `90s`, `5m`, `12h`, `3d`, `12:30:00` or `3.12:30:00`.
fn span(text: &str) -> Option<i64> {
    if let Some((hours, rest)) = text.split_once(':') {
        let (minutes, seconds) = rest.split_once(':').unwrap_or((rest, "0"));
        let (days, hours) = hours.split_once('.').unwrap_or(("0", hours));
        let part = |text: &str, factor: i64| text.parse::<i64>().ok()?.checked_mul(factor);
        let parts = [part(days, 86_400)?, part(hours, 3600)?, part(minutes, 60)?, part(seconds, 1)?];
        return parts.into_iter().try_fold(0_i64, i64::checked_add);
    }
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let factor = match text[digits..].trim() {
        "" | "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return None,
    };
    text[..digits].parse::<i64>().ok()?.checked_mul(factor)
}

fn systems(text: &str) -> Value {
    let pattern = Pattern(text.to_owned());
    let known = operating_systems::all().iter();
    let ids = known.filter(|system| pattern.fits(system.name) || pattern.fits(system.display_name));
    let ids = ids.map(|system| system.id).collect();
    Value::OperatingSystems { pattern, ids }
}
