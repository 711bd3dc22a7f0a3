//! Days, moments, lengths of time and hours of work, as control files write them.

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// A day or a moment: `2027-06-30`, `2026-11-20T09:12:00Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// All of a day, in UTC.
    Day(Date),
    /// One moment.
    Instant(Timestamp),
}

impl Moment {
    /// Reads one; none when it is neither.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.len() > 10 { text.parse().ok().map(Self::Instant) } else { text.parse().ok().map(Self::Day) }
    }

    /// The first moment of it.
    #[must_use]
    pub fn begin(self) -> Timestamp {
        match self {
            Self::Day(day) => midnight(day),
            Self::Instant(instant) => instant,
        }
    }

    /// The moment from which on it is over: an app may be used on the whole day on which its review is due.
    #[must_use]
    pub fn end(self) -> Timestamp {
        match self {
            Self::Day(day) => day.tomorrow().map_or(Timestamp::MAX, midnight),
            Self::Instant(instant) => instant,
        }
    }

    /// Whether it is over.
    #[must_use]
    pub fn is_past(self, now: Timestamp) -> bool {
        now >= self.end()
    }
}

impl std::fmt::Display for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Day(day) => day.fmt(f),
            Self::Instant(instant) => instant.fmt(f),
        }
    }
}

fn midnight(day: Date) -> Timestamp {
    day.to_zoned(TimeZone::UTC).map_or(Timestamp::MAX, |zoned| zoned.timestamp())
}

/// A length of time in hours or days: `720h`, `30d`.
#[must_use]
pub fn duration(text: &str) -> Option<SignedDuration> {
    let text = text.trim();
    let (number, hours) = match text.strip_suffix('h') {
        Some(number) => (number, 1),
        None => (text.strip_suffix('d')?, 24),
    };
    // A century is long enough for everybody.
    let number: i64 = number.trim_end().parse().ok().filter(|number| (1..=876_000).contains(number))?;
    Some(SignedDuration::from_hours(number * hours))
}

/// Hours of a week: `Mon-Fri 07:00-19:00 Europe/Berlin`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    days: Vec<Weekday>,
    from: Time,
    to: Time,
    zone: TimeZone,
    /// As it was written.
    text: String,
}

const DAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Monday),
    ("tue", Weekday::Tuesday),
    ("wed", Weekday::Wednesday),
    ("thu", Weekday::Thursday),
    ("fri", Weekday::Friday),
    ("sat", Weekday::Saturday),
    ("sun", Weekday::Sunday),
];

impl Window {
    /// How one is written.
    pub const FORM: &str = "write days, hours and a time zone: `Mon-Fri 07:00-19:00 Europe/Berlin`";

    /// Reads one. Without a time zone, it is in UTC.
    ///
    /// # Errors
    /// With one lower-case sentence on what is no part of a window.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut parts = text.split_whitespace();
        let (Some(days), Some(hours), zone, None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
            return Err(format!("`{text}` says no hours of a week"));
        };
        let (from, to) = hours.split_once('-').unwrap_or_default();
        let time = |text: &str| -> Result<Time, String> {
            // The last hour of a day ends at 24:00.
            let text = if text == "24:00" { "23:59:59.999999999" } else { text };
            text.parse().map_err(|_| format!("`{hours}` are no hours of a day"))
        };
        let (from, to) = (time(from)?, time(to)?);
        if from >= to {
            return Err(format!("`{hours}` ends before it begins"));
        }
        let zone = match zone {
            None => TimeZone::UTC,
            Some(name) => TimeZone::get(name).map_err(|_| format!("`{name}` is no time zone"))?,
        };
        let mut found = Vec::new();
        for part in days.split(',') {
            found.extend(weekdays(part).ok_or_else(|| format!("`{part}` are no days of a week"))?);
        }
        Ok(Self { days: found, from, to, zone, text: text.trim().to_owned() })
    }

    /// Whether the moment is within; of a day, whether the window is open on it.
    #[must_use]
    pub fn holds(&self, moment: Moment) -> bool {
        match moment {
            Moment::Day(day) => self.days.contains(&day.weekday()),
            Moment::Instant(instant) => {
                let local = instant.to_zoned(self.zone.clone()).datetime();
                self.days.contains(&local.weekday()) && (self.from..=self.to).contains(&local.time())
            }
        }
    }
}

impl std::fmt::Display for Window {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

/// The days of `Mon`, or of `Mon-Fri`; a week may turn: `Sat-Mon`.
fn weekdays(text: &str) -> Option<Vec<Weekday>> {
    let day = |text: &str| DAYS.iter().position(|(name, _)| text.to_lowercase().starts_with(name));
    let (first, last) = text.split_once('-').map_or_else(|| (day(text), day(text)), |(first, last)| (day(first), day(last)));
    let (first, last) = (first?, last?);
    let count = (last + DAYS.len() - first) % DAYS.len();
    Some((0..=count).map(|nth| DAYS[(first + nth) % DAYS.len()].1).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Moment {
        Moment::parse(text).expect("a moment")
    }

    #[test]
    fn a_day_lasts_until_its_end() {
        let now = |text: &str| text.parse::<Timestamp>().expect("a moment");
        assert!(!at("2026-11-21").is_past(now("2026-11-21T23:59:59Z")));
        assert!(at("2026-11-21").is_past(now("2026-11-22T00:00:00Z")));
        assert!(at("2026-11-21T12:00:00+02:00").is_past(now("2026-11-21T10:00:00Z")));
        for wrong in ["", "soon", "2026-02-30", "2026-13-01", "21.11.2026", "2026-11-21T25:00:00Z"] {
            assert_eq!(Moment::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn lengths_are_hours_or_days() {
        assert_eq!(duration("30d"), duration("720h"));
        for wrong in ["", "h", "0h", "-1h", "12", "1y", "99999999999h"] {
            assert_eq!(duration(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_window_is_in_its_time_zone() {
        let window = Window::parse("Mon-Fri 07:00-19:00 Europe/Berlin").expect("a window");
        // In November, Berlin is one hour ahead; in July two.
        assert!(window.holds(at("2026-11-20T06:00:00Z")) && !window.holds(at("2026-11-20T05:59:00Z")));
        assert!(window.holds(at("2026-07-20T05:00:00Z")) && !window.holds(at("2026-07-20T17:30:00Z")));
        assert!(!window.holds(at("2026-11-21T12:00:00Z")) && !window.holds(at("2026-11-21")) && window.holds(at("2026-11-20")));
        let weekend = Window::parse("Sat-Mon 00:00-24:00").expect("a window");
        assert!(weekend.holds(at("2026-11-22T23:59:59Z")) && weekend.holds(at("2026-11-23")) && !weekend.holds(at("2026-11-24")));
    }

    #[test]
    fn what_is_no_window_is_told() {
        for (wrong, told) in [
            ("always", "says no hours"),
            ("Mon-Fry 07:00-19:00", "no days"),
            ("Mon 7-19", "no hours of a day"),
            ("Mon 19:00-07:00", "ends before"),
            ("Mon 07:00-19:00 Europe/Atlantis", "no time zone"),
        ] {
            assert!(Window::parse(wrong).expect_err("it is wrong").contains(told), "{wrong}");
        }
    }
}
