//! The user's session, as logind sees it.

use super::scenarios;
use crate::test_system::failure::Failure;
use crate::test_system::service;
use crate::test_system::stage::{LOGIND, Stage};

scenarios!("session": logind_has_the_session);

fn logind_has_the_session() -> Result<(), Failure> {
    let stage = Stage::set()?;
    let session = stage.session()?;
    service::call(LOGIND.0, &session, ("org.freedesktop.login1.Session", "SetLockedHint"), &["b", "true"])?;
    Ok(())
}
