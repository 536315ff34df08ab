//! Times in a search: dates in the usual spellings, today, yesterday, and weekday names, which mean the last such day.
//! All in UTC. Refuses to know what time it is: `now` is an argument.

use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, Duration, OffsetDateTime, PrimitiveDateTime, Weekday};

use crate::Millis;

/// A time that was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) at: Millis,
    pub(super) whole_day: bool,
}

fn millis(at: OffsetDateTime) -> Millis {
    // Years are limited to four digits, so milliseconds always fit.
    Millis::try_from(at.unix_timestamp_nanos() / 1_000_000).unwrap_or(Millis::MAX)
}

fn day(date: Date) -> Moment {
    Moment { at: millis(date.midnight().assume_utc()), whole_day: true }
}

/// Reads a time.
pub(super) fn parse(text: &str, now: Millis) -> Option<Moment> {
    let text = text.trim();
    named_day(&text.to_lowercase(), now).or_else(|| date(text)).map(day).or_else(|| {
        let at = date_and_time(text)?;
        Some(Moment { at: millis(at), whole_day: false })
    })
}

fn named_day(name: &str, now: Millis) -> Option<Date> {
    let today = OffsetDateTime::from_unix_timestamp_nanos(i128::from(now) * 1_000_000).ok()?.date();
    let weekday = match name {
        "today" => return Some(today),
        "yesterday" => return today.previous_day(),
        "monday" => Weekday::Monday,
        "tuesday" => Weekday::Tuesday,
        "wednesday" => Weekday::Wednesday,
        "thursday" => Weekday::Thursday,
        "friday" => Weekday::Friday,
        "saturday" => Weekday::Saturday,
        "sunday" => Weekday::Sunday,
        _ => return None,
    };
    let mut date = today.previous_day()?;
    while date.weekday() != weekday {
        date = date.previous_day()?;
    }
    Some(date)
}

fn date(text: &str) -> Option<Date> {
    let spellings = [
        format_description!("[year]-[month]-[day]"),
        format_description!("[month padding:none]/[day padding:none]/[year]"),
    ];
    spellings.iter().find_map(|spelling| Date::parse(text, spelling).ok()).or_else(|| short_year(text))
}

/// `3/9/26`: month, day and the last two digits of a year of this century.
fn short_year(text: &str) -> Option<Date> {
    let mut parts = text.split('/');
    let (month, day, year) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 2 {
        return None;
    }
    let month = time::Month::try_from(month.parse::<u8>().ok()?).ok()?;
    Date::from_calendar_date(2000 + year.parse::<i32>().ok()?, month, day.parse().ok()?).ok()
}

fn date_and_time(text: &str) -> Option<OffsetDateTime> {
    if let Ok(at) = OffsetDateTime::parse(text, &Rfc3339) {
        return Some(at);
    }
    let spellings = [
        format_description!("[year]-[month]-[day] [hour]:[minute]:[second].[subsecond digits:1+]"),
        format_description!("[year]-[month]-[day] [hour]:[minute]:[second]"),
        format_description!("[year]-[month]-[day] [hour]:[minute]"),
        format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]"),
        format_description!("[month padding:none]/[day padding:none]/[year] [hour padding:none]:[minute]:[second]"),
        format_description!("[month padding:none]/[day padding:none]/[year] [hour padding:none]:[minute]"),
        format_description!(
            "[month padding:none]/[day padding:none]/[year] [hour repr:12 padding:none]:[minute]:[second] [period case_sensitive:false]"
        ),
        format_description!(
            "[month padding:none]/[day padding:none]/[year] [hour repr:12 padding:none]:[minute] [period case_sensitive:false]"
        ),
    ];
    spellings
        .iter()
        .find_map(|spelling| PrimitiveDateTime::parse(text, spelling).ok())
        .map(PrimitiveDateTime::assume_utc)
}

/// Writes a time so that [`parse`] reads the same.
pub(super) fn print(at: Millis, whole_day: bool) -> String {
    let moment = OffsetDateTime::UNIX_EPOCH + Duration::milliseconds(at);
    let (date, time) = (moment.date(), moment.time());
    let date = format!("{:04}-{:02}-{:02}", date.year(), u8::from(date.month()), date.day());
    if whole_day {
        return date;
    }
    let (hour, minute, second) = time.as_hms();
    format!("{date} {hour:02}:{minute:02}:{second:02}.{:03}", time.millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    // Wednesday 2026-03-11 10:20:30 UTC.
    const NOW: Millis = 1_773_224_430_000;

    fn read(text: &str) -> Option<String> {
        parse(text, NOW).map(|moment| print(moment.at, moment.whole_day))
    }

    #[test]
    fn days_have_names() {
        assert_eq!(read("today").as_deref(), Some("2026-03-11"));
        assert_eq!(read("Yesterday").as_deref(), Some("2026-03-10"));
        assert_eq!(read("monday").as_deref(), Some("2026-03-09"));
        assert_eq!(read("wednesday").as_deref(), Some("2026-03-04"), "not today, but the last one");
    }

    #[test]
    fn dates_have_many_spellings() {
        for text in ["2026-03-09", "3/9/2026", "03/09/2026", "3/9/26"] {
            assert_eq!(read(text).as_deref(), Some("2026-03-09"), "{text}");
        }
        for text in ["2026-03-09 14:05", "2026-03-09T14:05:00Z", "3/9/2026 2:05 PM", "03/09/2026 14:05:00"] {
            assert_eq!(read(text).as_deref(), Some("2026-03-09 14:05:00.000"), "{text}");
        }
        assert_eq!(read("13/45/2026"), None);
        assert_eq!(read("soon"), None);
    }
}
