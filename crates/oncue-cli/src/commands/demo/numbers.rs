//! The sample's file of primes: `2, 3, 5, ` and so on, with a delimiter after each number.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::PathBuf;

/// What follows each number, including the last.
pub(crate) const DELIMITER: &str = ", ";
/// How many numbers the sample collects before it writes them.
pub(crate) const AT_ONCE: usize = 10;
/// How many of the last numbers to keep for display.
const TAIL: usize = 5;

/// The part of the file read so far.
#[derive(Debug)]
pub(crate) struct Numbers {
    path: PathBuf,
    read: u64,
    /// The text after the last delimiter.
    rest: String,
    /// The last few numbers.
    tail: VecDeque<u64>,
    count: usize,
    wrong: Option<String>,
}

impl Numbers {
    /// Refers to a file that may not exist yet.
    pub(crate) fn of(path: PathBuf) -> Self {
        Self { path, read: 0, rest: String::new(), tail: VecDeque::new(), count: 0, wrong: None }
    }

    /// Reads what has been appended. A file that does not exist counts as empty.
    pub(crate) fn read_on(&mut self) -> io::Result<()> {
        let mut file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        file.seek(SeekFrom::Start(self.read))?;
        let mut text = String::new();
        self.read += u64::try_from(file.read_to_string(&mut text)?).unwrap_or(u64::MAX);
        self.take(&text);
        Ok(())
    }

    fn take(&mut self, text: &str) {
        let text = std::mem::take(&mut self.rest) + text;
        let Some((whole, rest)) = text.rsplit_once(DELIMITER) else {
            self.rest = text;
            return;
        };
        rest.clone_into(&mut self.rest);
        for part in whole.split(DELIMITER) {
            match part.parse::<u64>() {
                Ok(number) if number == next_prime(self.last().unwrap_or(1)) => {
                    if self.tail.len() == TAIL {
                        self.tail.pop_front();
                    }
                    self.tail.push_back(number);
                    self.count += 1;
                }
                _ => {
                    let after = self.last().map_or("at first".to_owned(), |last| format!("after {last}"));
                    self.wrong.get_or_insert(format!("`{part}` stands {after}, where the next prime should"));
                }
            }
        }
    }

    /// Returns how many numbers there are.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// Returns the last number.
    pub(crate) fn last(&self) -> Option<u64> {
        self.tail.back().copied()
    }

    /// Returns the last few numbers as written in the file.
    pub(crate) fn tail(&self) -> String {
        self.tail.iter().map(|number| format!("{number}{DELIMITER}")).collect()
    }

    /// Returns what is wrong with the file, if anything. It must contain every prime up to the last
    /// one, with a delimiter after each.
    pub(crate) fn problem(&self) -> Option<String> {
        let open = || format!("`{}` stands at the end without a delimiter", self.rest);
        self.wrong.clone().or_else(|| (!self.rest.is_empty()).then(open))
    }
}

fn next_prime(after: u64) -> u64 {
    (after + 1..).find(|number| is_prime(*number)).unwrap_or(u64::MAX)
}

fn is_prime(number: u64) -> bool {
    number >= 2
        && (2..)
            .take_while(|divisor| divisor * divisor <= number)
            .all(|divisor| !number.is_multiple_of(divisor))
}

/// Returns a number with a comma after every three digits.
pub(crate) fn grouped(number: impl ToString) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(pieces: &[&str]) -> Numbers {
        let mut numbers = Numbers::of("numbersQueue.log".into());
        pieces.iter().for_each(|piece| numbers.take(piece));
        numbers
    }

    #[test]
    fn pieces_may_end_anywhere() {
        let numbers = taken(&["2, 3,", " 5, 7, 1", "1", ", 13, "]);
        assert_eq!((numbers.count(), numbers.last(), numbers.problem()), (6, Some(13), None));
    }

    #[test]
    fn a_number_without_delimiter_is_a_problem() {
        assert!(taken(&["2, 3"]).problem().unwrap().contains("`3`"));
    }

    #[test]
    fn what_is_not_the_next_prime_is_a_problem() {
        assert!(taken(&["2, 3, 7, "]).problem().unwrap().contains("`7` stands after 3"));
        assert!(taken(&["2, , 3, "]).problem().is_some());
        assert!(taken(&["1, "]).problem().unwrap().contains("at first"));
    }

    #[test]
    fn long_numbers_are_grouped() {
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(grouped(999), "999");
    }
}
