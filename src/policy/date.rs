//! Days on which something ends.

use jiff::civil::Date;
use jiff::{Timestamp, tz::TimeZone};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use std::borrow::Cow;

/// A day as it is written, `2027-02-28`; whether it is one is found out when it counts, because a policy must not lose its effect by a
/// typing error: what is no day has passed.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(transparent)]
pub struct DateText(pub String);

impl DateText {
    /// The day; none when it is not written as one.
    #[must_use]
    pub fn day(&self) -> Option<Date> {
        let text = self.0.get(..10).filter(|_| self.0[10..].is_empty() || self.0[10..].starts_with('T'));
        text.unwrap_or(&self.0).parse().ok()
    }

    /// Whether the day is over. The last day counts whole, in the time zone that is last to leave it behind.
    #[must_use]
    pub fn is_over(&self, now: Timestamp) -> bool {
        let today = now.to_zoned(TimeZone::fixed(jiff::tz::offset(-12))).date();
        self.day().is_none_or(|day| day < today)
    }
}

impl JsonSchema for DateText {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Date".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_day_counts_and_what_is_no_day_is_over() {
        let now: Timestamp = "2026-11-21T12:00:00Z".parse().expect("a time");
        let over = |text: &str| DateText(text.into()).is_over(now);
        assert!(!over("2026-11-21") && !over("2026-11-22") && !over("2027-01-01T10:00:00Z"));
        assert!(over("2026-11-19") && over("31.12.2027") && over("2027-02-30") && over("") && over("2027-01-010"));
    }
}
