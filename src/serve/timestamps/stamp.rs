//! What the API keeps: names, and moments in UTC.

use std::fmt;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

/// The name of a timestamp.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name(String);

/// The most characters of a name.
pub const NAME_LIMIT: usize = 128;

impl Name {
    /// A name: a letter or digit of ASCII first, then also `.`, `_` and `-`.
    pub fn new(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "a name has 1 to {NAME_LIMIT} letters, digits, '.', '_' or '-', the first a letter or digit"
            )
        };
        let fits = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
        let begins = text.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric());
        if !begins || text.len() > NAME_LIMIT || !text.bytes().all(fits) {
            return Err(wrong());
        }
        Ok(Self(text.to_owned()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A moment, to the nanosecond, within the years 0000 to 9999 of UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(DateTime);

impl Moment {
    /// The time of this machine, to the microsecond.
    pub fn now() -> Self {
        let now = Timestamp::now();
        let now = Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now);
        Self(now.to_zoned(TimeZone::UTC).datetime())
    }

    /// A time as RFC 3339 writes it, with any offset.
    pub fn parse(text: &str) -> Result<Self, String> {
        if !has_form(text.as_bytes()) {
            return Err("a time is written as in RFC 3339, such as 2026-11-26T12:00:00Z or \
                        2026-11-26T13:00:00.5+01:00"
                .into());
        }
        // By its form, an offset has six characters, and none stands before it but of ASCII.
        let (local, offset) = if let Some(local) = text.strip_suffix(['Z', 'z']) {
            (local, 0)
        } else {
            let (local, offset) = text.split_at(text.len() - 6);
            (local, minutes(offset).ok_or("there is no such offset")?)
        };
        let local: DateTime =
            local.to_ascii_uppercase().parse().map_err(|_| format!("there is no such time as {text}"))?;
        // Not by a timestamp: those of jiff end a day before the year 9999 does.
        let utc = local.checked_sub(Span::new().minutes(offset)).ok().filter(|utc| utc.year() >= 0);
        utc.map(Self).ok_or_else(|| "in UTC, this time is not within the years 0000 to 9999".into())
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Fractions only as far as there are any.
        write!(f, "{}Z", self.0)
    }
}

/// The minutes of an offset such as `-03:30`.
fn minutes(offset: &str) -> Option<i64> {
    let (hours, minutes) = offset.get(1..)?.split_once(':')?;
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    let all = (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)?;
    Some(if offset.starts_with('-') { -all } else { all })
}

/// Whether it has the letters and digits of RFC 3339, in its places. Their values are another matter.
fn has_form(text: &[u8]) -> bool {
    const DATE_TIME: &[u8] = b"dddd-dd-ddTdd:dd:dd";
    let digit = u8::is_ascii_digit;
    let fits = |text: &[u8], form: &[u8]| {
        text.len() == form.len()
            && text.iter().zip(form).all(|(b, f)| match f {
                b'd' => digit(b),
                b'T' => b.eq_ignore_ascii_case(&b'T'),
                f => b == f,
            })
    };
    let Some((head, mut rest)) = text.split_at_checked(DATE_TIME.len()) else { return false };
    if !fits(head, DATE_TIME) {
        return false;
    }
    if let Some(fraction) = rest.strip_prefix(b".") {
        let digits = fraction.iter().take_while(|b| digit(b)).count();
        if !(1..=9).contains(&digits) {
            return false;
        }
        rest = &fraction[digits..];
    }
    match rest {
        b"Z" | b"z" => true,
        [b'+' | b'-', offset @ ..] => fits(offset, b"dd:dd"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_short_and_plain() {
        for good in ["a", "Deploy", "0", "a.b_c-d", &"x".repeat(128)] {
            assert_eq!(Name::new(good).map(|n| n.to_string()), Ok(good.to_owned()));
        }
        for bad in ["", ".", "..", "-a", "_a", "a b", "a/b", "ä", "a\n", "a!", &"x".repeat(129)] {
            assert!(Name::new(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn times_of_any_offset_become_utc() {
        for (given, kept) in [
            ("2026-11-26T12:00:00Z", "2026-11-26T12:00:00Z"),
            ("2026-11-26t13:00:00.500+01:00", "2026-11-26T12:00:00.5Z"),
            ("2026-11-26T00:00:00.123456789z", "2026-11-26T00:00:00.123456789Z"),
            ("2024-02-29T23:30:00-01:00", "2024-03-01T00:30:00Z"),
            ("1969-12-31T23:59:59.9Z", "1969-12-31T23:59:59.9Z"),
            ("0000-01-01T00:00:00Z", "0000-01-01T00:00:00Z"),
            ("9999-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59.999999999Z"),
            // A leap second is the second before it.
            ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z"),
        ] {
            assert_eq!(Moment::parse(given).map(|m| m.to_string()), Ok(kept.to_owned()), "{given}");
        }
    }

    #[test]
    fn what_rfc_3339_does_not_write_is_no_time() {
        for bad in [
            "",
            "now",
            "2026-11-26",
            "2026-11-26T12:00Z",
            "2026-11-26 12:00:00Z",
            "20261126T120000Z",
            "2026-11-26T12:00:00",
            "2026-11-26T12:00:00.Z",
            "2026-11-26T12:00:00.1234567890Z",
            "2026-11-26T12:00:00+0100",
            "2026-11-26T12:00:00+01",
            "2026-11-26T12:00:00Z[UTC]",
            "2026-13-01T00:00:00Z",
            "2026-02-29T00:00:00Z",
            "2026-11-26T24:00:00Z",
            "2026-11-26T12:60:00Z",
            "2026-11-26T12:00:00+99:00",
            "+002026-11-26T12:00:00Z",
            "0000-01-01T00:00:00+01:00",
            "9999-12-31T23:59:59-00:01",
        ] {
            assert!(Moment::parse(bad).is_err(), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read_as_the_same_moment(nanos in -62_167_219_200_000_000_000_i128..253_402_300_799_999_999_999) {
            let moment = Moment(jiff::civil::date(1970, 1, 1).at(0, 0, 0, 0) + jiff::SignedDuration::from_nanos_i128(nanos));
            prop_assert_eq!(Moment::parse(&moment.to_string()), Ok(moment));
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in "\\PC{0,40}") {
            let _ = Moment::parse(&text);
            let _ = Name::new(&text);
        }

        #[test]
        fn no_near_miss_is_taken_for_a_time(mut text in "[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9](\\.[0-9]{1,9})?(Z|[+-][0-2][0-9]:[0-5][0-9])", at in 0_usize..40, with in "[ -~]") {
            if let Ok(moment) = Moment::parse(&text) {
                prop_assert_eq!(moment.to_string().len() >= 20, true);
            }
            let at = at % text.len();
            text.replace_range(at..=at, &with);
            if let Ok(moment) = Moment::parse(&text) {
                prop_assert!(has_form(text.as_bytes()), "{} became {}", text, moment);
            }
        }
    }
}
