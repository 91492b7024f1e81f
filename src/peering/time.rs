//! Times as people write them: `500ms`, `30s`, `1m`, `1h`.

use std::time::Duration;

/// The shortest interval; shorter, a hundred peers would do nothing else.
pub const INTERVAL: (Duration, Duration) = (Duration::from_millis(100), Duration::from_hours(24));
/// The shortest and the longest timeout.
pub const TIMEOUT: (Duration, Duration) = (Duration::from_millis(10), Duration::from_mins(1));

/// Reads a time: a whole number with `ms`, `s`, `m` or `h`.
pub fn parse(text: &str) -> Result<Duration, String> {
    let wrong = || format!("{text:?} is no time: use a number with ms, s, m or h, such as 30s or 1m");
    let at = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
    let number: u64 = text[..at].parse().map_err(|_| wrong())?;
    let factor = match &text[at..] {
        "ms" => 1,
        "s" => 1000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return Err(wrong()),
    };
    number.checked_mul(factor).map(Duration::from_millis).ok_or_else(wrong)
}

/// Reads a time that must lie between two others; `field` names it in the error.
pub fn within(field: &str, text: &str, (least, most): (Duration, Duration)) -> Result<Duration, String> {
    let time = parse(text).map_err(|e| format!("{field}: {e}"))?;
    if time < least || time > most {
        return Err(format!("{field}: {text} is not between {} and {}", written(least), written(most)));
    }
    Ok(time)
}

/// A time as [`parse`] reads it, in the largest unit that needs no fraction.
pub fn written(time: Duration) -> String {
    let millis = time.as_millis();
    let units = [(3_600_000, "h"), (60_000, "m"), (1000, "s")];
    let whole = units.into_iter().find(|(size, _)| millis >= *size && millis.is_multiple_of(*size));
    whole.map_or_else(|| format!("{millis}ms"), |(size, unit)| format!("{}{unit}", millis / size))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_as_it_is_written() {
        for text in ["100ms", "1s", "90s", "1m", "24h"] {
            assert_eq!(written(parse(text).unwrap()), text);
        }
        assert_eq!(written(parse("60s").unwrap()), "1m");
        for bad in
            ["", "1", "s", "-1s", "1.5s", "1 s", "1d", "99999999999999999999h", "18446744073709551615h"]
        {
            assert!(parse(bad).unwrap_err().contains("such as 30s"), "{bad}");
        }
    }

    #[test]
    fn a_time_out_of_its_bounds_is_refused_by_its_name() {
        assert_eq!(
            within("interval", "0s", INTERVAL).unwrap_err(),
            "interval: 0s is not between 100ms and 24h"
        );
        assert!(within("timeout", "2m", TIMEOUT).unwrap_err().starts_with("timeout: 2m"));
        assert_eq!(within("timeout", "2s", TIMEOUT), Ok(Duration::from_secs(2)));
    }
}
