//! The messages of every version are kept in `messages/VERSION.txt`, and this version reads them.
//!
//! The file of this version is written with `ONCUE_BLESS=1`; those of released versions never change.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::fs;
use std::path::{Path, PathBuf};

use oncue_types::Wall;
use oncue_wire::dictionary::Dictionary;
use oncue_wire::message::{ForEach, for_each_dictionary};
use oncue_wire::{BrokerInfo, Entry, FactInfo, TaskInfo, TaskSpec, Word};
use zbus::wire::serialized::{Context, Data};
use zbus::wire::{LE, to_bytes};
use zbus::{OwnedVariant, Variant};

/// A dictionary of which nothing is known but its form.
type Plain = BTreeMap<String, OwnedVariant>;

fn context() -> Context {
    Context::new(LE, 0)
}

fn bytes_of(message: &impl Dictionary) -> Vec<u8> {
    to_bytes(context(), message).unwrap().to_vec()
}

fn read<T: Dictionary>(bytes: &[u8]) -> T {
    let data = Data::new(bytes.to_vec(), context());
    data.deserialize().unwrap_or_else(|error| panic!("{}: {error}", T::NAME)).0
}

fn plain(bytes: &[u8]) -> Plain {
    Data::new(bytes.to_vec(), context()).deserialize().unwrap().0
}

fn sent(message: &Plain) -> Vec<u8> {
    to_bytes(context(), message).unwrap().to_vec()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/messages")
}

/// The messages of one version: their bytes by the dictionary's name.
type Kept = BTreeMap<String, Vec<u8>>;

/// Reads lines of a name and hexadecimal bytes.
fn kept(file: &Path) -> Kept {
    let text = fs::read_to_string(file).unwrap();
    let lines = text.lines().map(|line| {
        let (name, digits) = line.split_once(' ').unwrap();
        let byte = |at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
        (name.to_owned(), (0..digits.len()).step_by(2).map(byte).collect())
    });
    lines.collect()
}

fn written(messages: &Kept) -> String {
    let line = |(name, bytes): (&String, &Vec<u8>)| {
        let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{name} {digits}\n")
    };
    messages.iter().map(line).collect()
}

/// The messages of this version, all fields filled.
#[derive(Default)]
struct Now(Kept);

impl ForEach for Now {
    fn dictionary<T: Dictionary + PartialEq + Debug>(&mut self) {
        self.0.insert(T::NAME.to_owned(), bytes_of(&T::sample()));
    }
}

#[test]
fn this_versions_messages_are_kept() {
    let mut now = Now::default();
    for_each_dictionary(&mut now);
    let file = folder().join(concat!(env!("CARGO_PKG_VERSION"), ".txt"));
    if std::env::var_os("ONCUE_BLESS").is_some() {
        fs::create_dir_all(folder()).unwrap();
        fs::write(&file, written(&now.0)).unwrap();
    }
    assert!(
        kept(&file) == now.0,
        "the messages changed: run this test with ONCUE_BLESS=1, and check that fields were only added"
    );
}

/// Reads each message of a version and sends it again.
struct Reads<'k>(&'k Kept);

impl ForEach for Reads<'_> {
    fn dictionary<T: Dictionary + PartialEq + Debug>(&mut self) {
        // A dictionary that the version did not have yet.
        let Some(bytes) = self.0.get(T::NAME) else { return };
        let again = plain(&bytes_of(&read::<T>(bytes)));
        for (field, value) in plain(bytes) {
            assert_eq!(again.get(&field), Some(&value), "{}.{field} is lost", T::NAME);
        }
    }
}

#[test]
fn the_messages_of_every_kept_version_are_read_without_loss() {
    let mut files = 0;
    for file in fs::read_dir(folder()).unwrap() {
        for_each_dictionary(&mut Reads(&kept(&file.unwrap().path())));
        files += 1;
    }
    assert!(files > 0);
}

/// Reads each message of this version as an older or a newer program would send it.
struct Tolerates;

impl ForEach for Tolerates {
    fn dictionary<T: Dictionary + PartialEq + Debug>(&mut self) {
        assert_eq!(read::<T>(&sent(&Plain::new())), T::default(), "{}: all fields are missing", T::NAME);
        assert_eq!(bytes_of(&T::default()), sent(&Plain::new()), "{}: defaults are not sent", T::NAME);

        let sample = T::sample();
        for field in T::described().fields {
            let mut older = plain(&bytes_of(&sample));
            let removed = older.remove(field.name);
            assert!(removed.is_some(), "{}.{}: the sample has all fields", T::NAME, field.name);
            let read = plain(&bytes_of(&read::<T>(&sent(&older))));
            assert_eq!(read, older, "{}.{} is missing", T::NAME, field.name);
        }

        let mut newer = plain(&bytes_of(&sample));
        for (name, value) in [
            ("a_new_flag", Variant::from(true)),
            ("new_words", Variant::from(vec!["one", "two"])),
            ("a_new_dictionary", Variant::from(BTreeMap::from([("field", Variant::from(1_u32))]))),
        ] {
            newer.insert(name.into(), value.try_into().unwrap());
        }
        assert_eq!(read::<T>(&sent(&newer)), sample, "{}: unknown fields", T::NAME);

        for field in T::described().fields.into_iter().filter(|field| field.rust.contains("Word<")) {
            let mut newer = plain(&bytes_of(&sample));
            let words = ["a-new-word", "and another"];
            let new = match field.rust.starts_with("Vec<") {
                true => Variant::from(words.to_vec()),
                false => Variant::from(words[0]),
            };
            newer.insert(field.name.into(), new.try_into().unwrap());
            let again = plain(&bytes_of(&read::<T>(&sent(&newer))));
            assert_eq!(again, newer, "{}.{}: the word is kept", T::NAME, field.name);
        }
    }
}

#[test]
fn older_and_newer_messages_are_read() {
    for_each_dictionary(&mut Tolerates);
}

#[test]
fn a_broker_names_the_fields_of_a_task_as_features() {
    let broker = BrokerInfo { features: oncue_wire::features::features(), ..BrokerInfo::default() };
    for field in TaskSpec::described().fields {
        assert!(broker.supports(&format!("task.{}", field.name)));
    }
    assert!(!broker.supports("task.colour"));
}

#[test]
fn a_field_of_another_type_is_refused_by_its_type() {
    let wrong = Plain::from([("task_id".to_owned(), Variant::from(7_u32).try_into().unwrap())]);
    let read = Data::new(sent(&wrong), context()).deserialize::<TaskInfo>().map(|read| read.0);
    let error = read.unwrap_err().to_string();
    assert!(error.contains("signature `s`"), "{error}");
}

#[test]
fn an_id_that_is_not_a_guid_is_refused() {
    let wrong = Plain::from([("instance_id".to_owned(), Variant::from("7").try_into().unwrap())]);
    let read = Data::new(sent(&wrong), context()).deserialize::<TaskInfo>().map(|read| read.0);
    let error = read.unwrap_err().to_string();
    assert!(error.contains("`7` is not a valid GUID"), "{error}");
}

#[test]
fn what_is_unknown_differs_from_what_is_default() {
    let fact = FactInfo { value: Some(Word::default()), ..FactInfo::default() };
    assert_eq!(read::<FactInfo>(&bytes_of(&fact)), fact);
    let entry = Entry { started_at: Some(Wall(0)), ..Entry::default() };
    assert_eq!(read::<Entry>(&bytes_of(&entry)).started_at, Some(Wall(0)));
}
