//! A task server on Windows: its class objects registered with COM.
#![expect(unsafe_code, reason = "COM")]

use std::sync::{Arc, Mutex};

use oncue_types::{ClassUse, Cookie, Guid};
use windows::Win32::System::Com::{
    CLSCTX_LOCAL_SERVER, CoRegisterClassObject, CoResumeClassObjects, CoRevokeClassObject,
    REGCLS_MULTIPLEUSE, REGCLS_SINGLEUSE, REGCLS_SUSPENDED,
};
use windows_core::GUID;

use super::apartment::within;
use super::class_object::ClassObject;
use super::host::given_by;
use super::meaning::Call;
use super::presence;
use crate::class::ClassFactory;
use crate::error::Error;
use crate::host;
use crate::idle::IdlePolicy;
use crate::lock::lock;

/// The class objects that this process has registered with COM.
#[derive(Debug)]
pub(crate) struct Server {
    offered: Mutex<Vec<Offered>>,
}

#[derive(Clone, Copy, Debug)]
struct Offered {
    cookie: Cookie,
    /// Whether it is still registered; otherwise it was revoked when the server left.
    stands: bool,
}

impl host::Server for Server {
    fn new() -> Result<Self, Error> {
        within(|| ())?;
        Ok(Self { offered: Mutex::new(Vec::new()) })
    }

    fn register(
        &self,
        class: Guid,
        factory: Arc<dyn ClassFactory>,
        class_use: ClassUse,
        suspended: bool,
    ) -> Result<Cookie, Error> {
        // COM then calls the class object on other threads of this apartment, never on the app's
        // own.
        let offered = within(move || offer(class, factory, class_use, suspended))?;
        let cookie = offered.map_err(given_by(Call::Serve))?;
        lock(&self.offered).push(Offered { cookie, stands: true });
        Ok(cookie)
    }

    fn resume(&self) -> Result<(), Error> {
        within(let_come)?.map_err(given_by(Call::Serve))
    }

    fn revoke(&self, cookie: Cookie) -> Result<(), Error> {
        let known = {
            let mut offered = lock(&self.offered);
            let at = offered.iter().position(|known| known.cookie == cookie);
            at.map(|at| offered.swap_remove(at))
        };
        match known {
            Some(Offered { stands: false, .. }) => Ok(()),
            Some(_) => within(move || take_back(cookie))?.map_err(given_by(Call::Revoke)),
            None => Err(Error::unknown_cookie(cookie)),
        }
    }

    fn wait(&self, until: IdlePolicy) -> Result<(), Error> {
        presence::leave(until);
        self.take_all_back()?;
        presence::drain();
        Ok(())
    }
}

impl Server {
    /// Revokes all class objects that are still registered.
    fn take_all_back(&self) -> Result<(), Error> {
        let standing: Vec<_> = {
            let mut offered = lock(&self.offered);
            let standing = offered.iter_mut().filter(|offered| offered.stands);
            standing
                .map(|offered| {
                    offered.stands = false;
                    offered.cookie
                })
                .collect()
        };
        if standing.is_empty() {
            return Ok(());
        }
        // Class objects that COM no longer knows have already been revoked.
        within(move || standing.into_iter().for_each(|cookie| drop(take_back(cookie))))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // If no thread can be started, the process is about to end, and COM forgets the class
        // objects.
        let _ = self.take_all_back();
    }
}

/// Registers a class. A suspended one is resumed with all others of this process by `let_come`.
fn offer(
    class: Guid,
    factory: Arc<dyn ClassFactory>,
    class_use: ClassUse,
    suspended: bool,
) -> windows_core::Result<Cookie> {
    let once = match class_use {
        ClassUse::Multiple => REGCLS_MULTIPLEUSE,
        ClassUse::Single => REGCLS_SINGLEUSE,
    };
    let how = if suspended { once | REGCLS_SUSPENDED } else { once };
    presence::stay();
    let (class, object) = (GUID::from_u128(class.to_u128()), ClassObject::of(factory));
    // SAFETY: the class id lives during the call, and COM counts its own reference to the object.
    unsafe { CoRegisterClassObject(&class, &object, CLSCTX_LOCAL_SERVER, how) }.map(Cookie)
}

/// Resumes all suspended classes.
fn let_come() -> windows_core::Result<()> {
    // SAFETY: it takes no argument.
    unsafe { CoResumeClassObjects() }
}

fn take_back(cookie: Cookie) -> windows_core::Result<()> {
    // SAFETY: COM returned the cookie to this process, and it has not been revoked since.
    unsafe { CoRevokeClassObject(cookie.0) }
}
