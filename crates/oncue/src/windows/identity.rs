//! The package of this process, its folder, and what the user allows it.

use std::fs;
use std::path::PathBuf;

use windows::ApplicationModel;
use windows::ApplicationModel::Background::BackgroundExecutionManager;
use windows::Storage::ApplicationData;

use super::host::given_by;
use super::meaning::Call;
use super::number;
use crate::access::BackgroundAccessStatus;
use crate::error::Error;
use crate::package::Package;

pub(crate) fn request_access() -> Result<BackgroundAccessStatus, Error> {
    let asked = BackgroundExecutionManager::RequestAccessAsync().and_then(|answer| answer.join());
    asked.map(|status| number::access(status.0)).map_err(given_by(Call::Access))
}

pub(crate) fn access_status() -> Result<BackgroundAccessStatus, Error> {
    let status = BackgroundExecutionManager::GetAccessStatus();
    status.map(|status| number::access(status.0)).map_err(given_by(Call::Access))
}

pub(crate) fn remove_access() -> Result<(), Error> {
    BackgroundExecutionManager::RemoveAccess().map_err(given_by(Call::Access))
}

pub(crate) fn package() -> Result<Package, Error> {
    let ask = || {
        let package = ApplicationModel::Package::Current()?;
        let id = package.Id()?;
        let (family_name, full_name) = (id.FamilyName()?, id.FullName()?);
        let location = package.InstalledPath()?.to_os_string();
        Ok(Package::new(family_name.to_string_lossy(), full_name.to_string_lossy(), location.into()))
    };
    ask().map_err(given_by(Call::Package))
}

pub(crate) fn local_folder() -> Result<PathBuf, Error> {
    let path = ApplicationData::Current().and_then(|data| data.LocalFolder()?.Path());
    let folder = PathBuf::from(path.map_err(given_by(Call::LocalFolder))?.to_os_string());
    match fs::create_dir_all(&folder) {
        Ok(()) => Ok(folder),
        Err(source) => Err(Error::local_folder(folder, source)),
    }
}
