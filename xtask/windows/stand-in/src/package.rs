//! `Package` and `ApplicationData`: the package that this process belongs to according to Windows.

use std::env;
use std::ffi::c_void;

use windows::Win32::Foundation::{E_FAIL, E_NOTIMPL};
use windows::Win32::System::WinRT::{IActivationFactory, IActivationFactory_Impl};
use windows_core::{HRESULT, HSTRING, IInspectable, Interface as _, Result, implement};

use crate::inspectable::{exclusive, unasked};
use crate::place::{give, place};
use crate::text;

/// `APPMODEL_ERROR_NO_PACKAGE`: the process has no package identity.
const NO_PACKAGE: HRESULT = HRESULT(0x8007_3d54_u32.cast_signed());

/// Whether the test wants this process to have package identity.
pub(crate) fn has_identity() -> bool {
    !place("no-identity").exists()
}

fn with_identity<T>(value: impl FnOnce() -> T) -> Result<T> {
    if has_identity() { Ok(value()) } else { Err(NO_PACKAGE.into()) }
}

/// Returns what the suite says about the package, from its manifest.
fn said(name: &str) -> Result<HSTRING> {
    Ok(env::var_os(name).ok_or(E_FAIL)?.into())
}

exclusive!("4e534bdf-2960-4878-97a4-9624deb72f2d" IPackageStatics {
    fn Current(package: *mut *mut c_void);
});

exclusive!("163c792f-bd75-413c-bf23-b1fe7b95d825" IPackage {
    fn Id(id: *mut *mut c_void);
    fn InstalledLocation();
    fn IsFramework();
    fn Dependencies();
});

exclusive!("2c584f7b-ce2a-4be6-a093-77cfbb2a7ea1" IPackage8 {
    fn EffectiveExternalLocation();
    fn MachineExternalLocation();
    fn UserExternalLocation();
    fn InstalledPath(path: *mut text::Raw);
});

exclusive!("1adb665e-37c7-4790-9980-dd7ae74e8bb2" IPackageId {
    fn Name();
    fn Version();
    fn Architecture();
    fn ResourceId();
    fn Publisher();
    fn PublisherId();
    fn FullName(name: *mut text::Raw);
    fn FamilyName(name: *mut text::Raw);
});

exclusive!("5612147b-e843-45e3-94d8-06169e3c8e17" IApplicationDataStatics {
    fn Current(data: *mut *mut c_void);
});

exclusive!("c3da6fb7-b744-4b45-b0b8-223a0938d0dc" IApplicationData {
    fn Version();
    fn SetVersionAsync();
    fn ClearAllAsync();
    fn ClearAsync();
    fn LocalSettings();
    fn RoamingSettings();
    fn LocalFolder(folder: *mut *mut c_void);
});

exclusive!("72d1cb78-b3ef-4f75-a80b-6fd9dae2944b" IStorageFolder {});

exclusive!("4207a996-ca2f-42f7-bde8-8b10457a7f30" IStorageItem {
    fn RenameAsyncOverloadDefaultOptions();
    fn RenameAsync();
    fn DeleteAsyncOverloadDefaultOptions();
    fn DeleteAsync();
    fn GetBasicPropertiesAsync();
    fn Name();
    fn Path(path: *mut text::Raw);
});

/// The factory of `Package`.
#[implement(IActivationFactory, IPackageStatics)]
pub(crate) struct Packages;

#[implement(IPackage, IPackage8, IPackageId)]
struct Package;

impl IActivationFactory_Impl for Packages_Impl {
    fn ActivateInstance(&self) -> Result<IInspectable> {
        Err(E_NOTIMPL.into())
    }
}

impl IPackageStatics_Impl for Packages_Impl {
    unasked!();

    unsafe fn Current(&self, package: *mut *mut c_void) -> HRESULT {
        let current = with_identity(|| IPackage::from(Package).into_raw());
        // SAFETY: the caller wants a `Package` there, whose default interface this is.
        unsafe { give(package, current) }
    }
}

impl IPackage_Impl for Package_Impl {
    unasked!(InstalledLocation IsFramework Dependencies);

    unsafe fn Id(&self, id: *mut *mut c_void) -> HRESULT {
        // SAFETY: the caller wants a `PackageId` there, whose default interface this is.
        unsafe { give(id, Ok(IPackageId::from(Package).into_raw())) }
    }
}

impl IPackage8_Impl for Package_Impl {
    unasked!(EffectiveExternalLocation MachineExternalLocation UserExternalLocation);

    unsafe fn InstalledPath(&self, path: *mut text::Raw) -> HRESULT {
        // SAFETY: the caller wants an HSTRING there.
        unsafe { text::hand_over(path, said("ONCUE_PACKAGE")) }
    }
}

impl IPackageId_Impl for Package_Impl {
    unasked!(Name Version Architecture ResourceId Publisher PublisherId);

    unsafe fn FullName(&self, name: *mut text::Raw) -> HRESULT {
        // SAFETY: the caller wants an HSTRING there.
        unsafe { text::hand_over(name, said("ONCUE_FULL_NAME")) }
    }

    unsafe fn FamilyName(&self, name: *mut text::Raw) -> HRESULT {
        // SAFETY: as above.
        unsafe { text::hand_over(name, said("ONCUE_FAMILY_NAME")) }
    }
}

/// The factory of `ApplicationData`.
#[implement(IActivationFactory, IApplicationDataStatics)]
pub(crate) struct ApplicationDatas;

#[implement(IApplicationData)]
struct ApplicationData;

#[implement(IStorageFolder, IStorageItem)]
struct LocalFolder;

impl IActivationFactory_Impl for ApplicationDatas_Impl {
    fn ActivateInstance(&self) -> Result<IInspectable> {
        Err(E_NOTIMPL.into())
    }
}

impl IApplicationDataStatics_Impl for ApplicationDatas_Impl {
    unasked!();

    unsafe fn Current(&self, data: *mut *mut c_void) -> HRESULT {
        let current = with_identity(|| IApplicationData::from(ApplicationData).into_raw());
        // SAFETY: the caller wants an `ApplicationData` there, whose default interface this is.
        unsafe { give(data, current) }
    }
}

impl IApplicationData_Impl for ApplicationData_Impl {
    unasked!(Version SetVersionAsync ClearAllAsync ClearAsync LocalSettings RoamingSettings);

    unsafe fn LocalFolder(&self, folder: *mut *mut c_void) -> HRESULT {
        // SAFETY: the caller wants a `StorageFolder` there, whose default interface this is; of its
        // methods nobody asks any.
        unsafe { give(folder, Ok(IStorageFolder::from(LocalFolder).into_raw())) }
    }
}

impl IStorageFolder_Impl for LocalFolder_Impl {
    unasked!();
}

impl IStorageItem_Impl for LocalFolder_Impl {
    unasked!(
        RenameAsyncOverloadDefaultOptions
        RenameAsync
        DeleteAsyncOverloadDefaultOptions
        DeleteAsync
        GetBasicPropertiesAsync
        Name
    );

    unsafe fn Path(&self, path: *mut text::Raw) -> HRESULT {
        // SAFETY: the caller wants an HSTRING there.
        unsafe { text::hand_over(path, Ok(place("LocalState").as_os_str().into())) }
    }
}
