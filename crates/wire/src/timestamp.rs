//! A point in time as the API carries it. It does not know what time it is now.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use time::{OffsetDateTime, PrimitiveDateTime, UtcOffset, format_description::well_known::Iso8601};

/// Name by which the pens recognise a timestamp among numbers.
pub(crate) const NAME: &str = "Timestamp";

/// Milliseconds since 1970-01-01 UTC. The XML pen prints ISO 8601, the JSON pen the number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

/// The text is no date of the form `YYYY-MM-DDThh:mm:ss[.fraction](Z|+hh:mm)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a date must look like 2026-01-31T12:00:00.000Z")]
pub struct NotADate;

impl Timestamp {
    /// The same moment without what is finer than a millisecond.
    pub fn from_offset_date_time(moment: OffsetDateTime) -> Self {
        Self(moment.unix_timestamp() * 1000 + i64::from(moment.millisecond()))
    }

    /// The same moment in UTC; the end of the calendar (year 9999) for numbers beyond it.
    pub fn to_offset_date_time(self) -> OffsetDateTime {
        let nanoseconds = i128::from(self.0) * 1_000_000;
        OffsetDateTime::from_unix_timestamp_nanos(nanoseconds).unwrap_or_else(|_| {
            let end = if self.0 < 0 { PrimitiveDateTime::MIN } else { PrimitiveDateTime::MAX };
            end.assume_utc()
        })
    }
}

/// ISO 8601 with milliseconds, in UTC, as the SDKs parse it.
impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let moment = self.to_offset_date_time();
        let (year, month, day) = (moment.year(), u8::from(moment.month()), moment.day());
        let (hour, minute, second, millisecond) = moment.to_hms_milli();
        write!(formatter, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millisecond:03}Z")
    }
}

impl FromStr for Timestamp {
    type Err = NotADate;

    /// A date without a zone is taken as UTC, as the API's own readers do.
    fn from_str(text: &str) -> Result<Self, NotADate> {
        let moment = OffsetDateTime::parse(text, &Iso8601::PARSING).or_else(|_| {
            PrimitiveDateTime::parse(text, &Iso8601::PARSING).map(|moment| moment.assume_offset(UtcOffset::UTC))
        });
        moment.map(Self::from_offset_date_time).map_err(|_| NotADate)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(NAME, &self.0)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(NAME, Milliseconds)
    }
}

struct Milliseconds;

impl de::Visitor<'_> for Milliseconds {
    type Value = Timestamp;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a date")
    }

    fn visit_i64<E: de::Error>(self, milliseconds: i64) -> Result<Timestamp, E> {
        Ok(Timestamp(milliseconds))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_what_sdks_parse() {
        assert_eq!(Timestamp(0).to_string(), "1970-01-01T00:00:00.000Z");
        assert_eq!(Timestamp(-1).to_string(), "1969-12-31T23:59:59.999Z");
        assert_eq!(Timestamp(1_769_860_800_678).to_string(), "2026-01-31T12:00:00.678Z");
        assert!(Timestamp(i64::MAX).to_string().starts_with("9999-12-31T"));
    }

    #[test]
    fn reads_zones_and_fractions() {
        for text in
            ["2026-01-31T12:00:00Z", "2026-01-31T14:00:00+02:00", "2026-01-31T12:00:00", "2026-01-31T12:00:00.0004Z"]
        {
            assert_eq!(text.parse(), Ok(Timestamp(1_769_860_800_000)), "{text}");
        }
        for text in ["", "yesterday", "2026-01-31", "2026-13-31T12:00:00Z", "31.1.2026 12:00"] {
            assert_eq!(text.parse::<Timestamp>(), Err(NotADate), "{text}");
        }
    }

    #[test]
    fn round_trips() {
        for milliseconds in [-62_000_000_000_000, -1, 0, 1, 1_769_860_800_678, 253_000_000_000_000] {
            let printed = Timestamp(milliseconds).to_string();
            assert_eq!(printed.parse(), Ok(Timestamp(milliseconds)), "{printed}");
        }
    }
}
