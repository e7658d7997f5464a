//! Every construct of `OnCalendar`, and systemd's form of it.

use oncue_calendar::{OnCalendar, Schedule};

fn assert_normal(table: &[(&str, &str)]) {
    for (written, normal) in table {
        let read = OnCalendar::parse(written).unwrap_or_else(|error| panic!("{written}: {error}"));
        assert_eq!(read.to_string(), *normal, "{written}");
        assert_eq!(OnCalendar::parse(normal).as_ref(), Ok(&read), "{normal} reads back");
    }
}

#[test]
fn words_stand_for_expressions() {
    assert_normal(&[
        ("minutely", "*-*-* *:*:00"),
        ("hourly", "*-*-* *:00:00"),
        ("daily", "*-*-* 00:00:00"),
        ("Daily UTC", "*-*-* 00:00:00 UTC"),
        ("weekly", "Mon *-*-* 00:00:00"),
        ("weekly Pacific/Auckland", "Mon *-*-* 00:00:00 Pacific/Auckland"),
        ("monthly", "*-*-01 00:00:00"),
        ("quarterly", "*-01,04,07,10-01 00:00:00"),
        ("semiannually", "*-01,07-01 00:00:00"),
        ("semi-annually", "*-01,07-01 00:00:00"),
        ("biannually", "*-01,07-01 00:00:00"),
        ("bi-annually", "*-01,07-01 00:00:00"),
        ("YEARLY", "*-01-01 00:00:00"),
        ("annually", "*-01-01 00:00:00"),
    ]);
}

#[test]
fn weekdays_are_a_set() {
    assert_normal(&[
        ("Sat,Thu,Mon..Wed,Sat..Sun", "Mon..Thu,Sat,Sun *-*-* 00:00:00"),
        ("Mon,Sun 12-*-* 2,1:23", "Mon,Sun 2012-*-* 01,02:23:00"),
        ("Wed..Wed,Wed *-1", "Wed *-*-01 00:00:00"),
        ("Wed, 17:48", "Wed *-*-* 17:48:00"),
        ("Wed..Sat,Tue 12-10-15 1:2:3", "Tue..Sat 2012-10-15 01:02:03"),
        ("monday *-12-* 17:00", "Mon *-12-* 17:00:00"),
        ("Mon-Fri", "Mon..Fri *-*-* 00:00:00"),
        ("FRIDAY,sat", "Fri,Sat *-*-* 00:00:00"),
        ("Mon..Sun 8:00", "*-*-* 08:00:00"),
        ("Mon,Wed,Fri  10:00", "Mon,Wed,Fri *-*-* 10:00:00"),
        ("Tue..Thu,Sat,Sun", "Tue..Thu,Sat,Sun *-*-* 00:00:00"),
    ]);
}

#[test]
fn dates_may_leave_out_the_year() {
    assert_normal(&[
        ("*-*-7 0:0:0", "*-*-07 00:00:00"),
        ("10-15", "*-10-15 00:00:00"),
        ("2003-03-05", "2003-03-05 00:00:00"),
        ("2003-03-05 05:40 UTC", "2003-03-05 05:40:00 UTC"),
        ("2003-02..04-05", "2003-02..04-05 00:00:00"),
        ("69-1-1", "2069-01-01 00:00:00"),
        ("70-1-1", "1970-01-01 00:00:00"),
        ("99..05-1-1", "1999..2005-01-01 00:00:00"),
        ("2020/4-02-29", "2020/4-02-29 00:00:00"),
        ("@0", "1970-01-01 00:00:00 UTC"),
        ("@1234567890 UTC", "2009-02-13 23:31:30 UTC"),
        ("Mon @0", "Mon 1970-01-01 00:00:00 UTC"),
    ]);
}

#[test]
fn days_may_be_counted_from_the_end() {
    assert_normal(&[
        ("*-02~03", "*-02~03 00:00:00"),
        ("02~1", "*-02~01 00:00:00"),
        ("Mon *-05~07/1", "Mon *-05~07/1 00:00:00"),
        ("*-*~1..5/2 12:00", "*-*~01..05/2 12:00:00"),
        // Every day is the same from either end.
        ("*-*~* 12:00", "*-*-* 12:00:00"),
        // Every part of a list can reach back 28 days.
        ("*-*~28,1,27", "*-*~01,27,28 00:00:00"),
    ]);
}

#[test]
fn numbers_are_listed_ranged_and_repeated() {
    assert_normal(&[
        ("Mon,Fri *-*-3,1,2 *:30:45", "Mon,Fri *-*-01,02,03 *:30:45"),
        ("12,14,13,12:20,10,30", "*-*-* 12,13,14:10,20,30:00"),
        ("12..14:10,20,30", "*-*-* 12..14:10,20,30:00"),
        ("mon,fri *-1/2-1,3 *:30:45", "Mon,Fri *-01/2-01,03 *:30:45"),
        ("*:2/3", "*-*-* *:02/3:00"),
        ("8..18/3:0", "*-*-* 08..17/3:00:00"),
        ("5..5:7..8/4", "*-*-* 05:07:00"),
        ("1..4/1:0", "*-*-* 01..04:00:00"),
        // Anything beyond the last whole step does not count, even beyond the field.
        ("*:10..65/20", "*-*-* *:10..50/20:00"),
    ]);
}

#[test]
fn seconds_have_six_digits() {
    assert_normal(&[
        ("05:40:23.4200004/3.1700005", "*-*-* 05:40:23.420000/3.170001"),
        ("*:*:*", "*-*-* *:*:*"),
        ("*:*:0/1", "*-*-* *:*:*"),
        ("*:*:0/1,30", "*-*-* *:*:*"),
        ("*:*:0/1,30.5", "*-*-* *:*:00/1,30.500000"),
        ("*:*:0/0.5", "*-*-* *:*:00/0.500000"),
        ("0:0:1.5..5.5", "*-*-* 00:00:01.500000..05.500000"),
        ("0:0:0..0.5/0.1", "*-*-* 00:00:00..00.500000/0.100000"),
        ("0:0:59.9999994", "*-*-* 00:00:59.999999"),
    ]);
}

#[test]
fn zones_stand_last() {
    assert_normal(&[
        ("daily utc", "*-*-* 00:00:00 UTC"),
        ("1:00 Europe/Berlin", "*-*-* 01:00:00 Europe/Berlin"),
        ("1:00 Etc/GMT+5", "*-*-* 01:00:00 Etc/GMT+5"),
        ("Mon CET", "Mon *-*-* 00:00:00 CET"),
    ]);
    assert_eq!(Schedule::parse("daily").unwrap().zone(), None);
    assert_eq!(Schedule::parse("daily utc").unwrap().zone(), Some("UTC"));
    assert_eq!(Schedule::parse("daily Asia/Tokyo").unwrap().zone(), Some("Asia/Tokyo"));
}
