//! A disk that accepts writes but fails to sync them: refused records must not be there afterwards.
//!
//! SQLite is given the usual file system, except that it does not sync files below a folder with a
//! certain name while the test requests that.

use std::ffi::{CStr, c_char, c_int};
use std::fs;
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use rusqlite::ffi;

use super::model::Model;
use super::sample::{Die, Place};
use crate::store::Store;

/// The folder below which syncing fails.
const FAILING: &str = "cannot-be-synced";

static FAILS: AtomicBool = AtomicBool::new(false);
static USUAL: OnceLock<Usual> = OnceLock::new();

/// The usual file system, and its sync function.
struct Usual {
    open: OpenFile,
    sync: OnceLock<SyncFile>,
}

type OpenFile = unsafe extern "C" fn(
    *mut ffi::sqlite3_vfs,
    *const c_char,
    *mut ffi::sqlite3_file,
    c_int,
    *mut c_int,
) -> c_int;
type SyncFile = unsafe extern "C" fn(*mut ffi::sqlite3_file, c_int) -> c_int;

/// Replaces the usual file system by the failing one; other files behave as before.
#[expect(unsafe_code, reason = "SQLite is given a file system by pointers")]
fn install() {
    USUAL.get_or_init(|| {
        // SAFETY: the default file system lives as long as the process; the copy is never freed.
        unsafe {
            let usual = *ffi::sqlite3_vfs_find(std::ptr::null());
            let open = usual.xOpen.unwrap();
            let mut failing = usual;
            failing.zName = c"failing".as_ptr();
            failing.xOpen = Some(open_file);
            assert_eq!(ffi::sqlite3_vfs_register(Box::leak(Box::new(failing)), 1), ffi::SQLITE_OK);
            Usual { open, sync: OnceLock::new() }
        }
    });
}

#[expect(unsafe_code, reason = "SQLite calls it with pointers")]
unsafe extern "C" fn open_file(
    vfs: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    let usual = USUAL.get().unwrap();
    // SAFETY: these are SQLite's own arguments; once opened, the file's methods are valid, and
    // their copy is never freed.
    unsafe {
        let opened = (usual.open)(vfs, name, file, flags, out);
        let failing = !name.is_null() && CStr::from_ptr(name).to_string_lossy().contains(FAILING);
        if opened == ffi::SQLITE_OK && failing {
            let mut methods = *(*file).pMethods;
            usual.sync.get_or_init(|| methods.xSync.unwrap());
            methods.xSync = Some(sync_file);
            (*file).pMethods = Box::leak(Box::new(methods));
        }
        opened
    }
}

#[expect(unsafe_code, reason = "SQLite calls it with pointers")]
unsafe extern "C" fn sync_file(file: *mut ffi::sqlite3_file, flags: c_int) -> c_int {
    if FAILS.load(Ordering::SeqCst) {
        return ffi::SQLITE_IOERR_FSYNC;
    }
    // SAFETY: the usual file system opened this file.
    unsafe { (USUAL.get().unwrap().sync.get().unwrap())(file, flags) }
}

/// Returns what a broker finds that starts after a kill.
fn after_a_kill(folder: &Path) -> (Place, Store) {
    let found = Place::new();
    for name in ["store.db", "store.db-wal"] {
        let _ = fs::copy(folder.join(name), found.folder.path().join(name));
    }
    let store = found.open();
    (found, store)
}

#[test]
fn what_was_refused_because_it_could_not_be_synced_is_not_there_after_a_kill() {
    install();
    let (place, mut die) = (Place::new(), Die(17));
    let folder = place.folder.path().join(FAILING);
    fs::create_dir(&folder).unwrap();
    let mut store = Store::open(&folder.join("store.db")).unwrap().0;
    let kept = die.registered();
    store.append(std::slice::from_ref(&kept)).unwrap();

    FAILS.store(true, Ordering::SeqCst);
    let refused: Vec<_> = (0..5).map(|_| die.registered()).collect();
    store.append(&refused).unwrap_err();
    let (_found, found) = after_a_kill(&folder);
    FAILS.store(false, Ordering::SeqCst);
    assert_eq!(Model::of(&found), Model::after(std::slice::from_ref(&kept)));

    let later = die.registered();
    store.append(std::slice::from_ref(&later)).unwrap();
    assert_eq!(Model::of(&store), Model::after(&[kept, later]));
}
