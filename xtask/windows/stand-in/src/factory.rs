//! Which class has which factory.

use windows::Win32::System::WinRT::IActivationFactory;

use crate::access::ExecutionManager;
use crate::builder::Builders;
use crate::group::Groups;
use crate::package::{ApplicationDatas, Packages};
use crate::registration::Registrations;
use crate::trigger::{SystemConditions, TimeTriggers};

/// Makes the factory of a class that `classes.txt` names.
pub(crate) fn of(class: &str) -> Option<IActivationFactory> {
    Some(match class {
        "Windows.ApplicationModel.Background.BackgroundExecutionManager" => ExecutionManager.into(),
        "Windows.ApplicationModel.Background.BackgroundTaskBuilder" => Builders.into(),
        "Windows.ApplicationModel.Background.BackgroundTaskRegistration" => Registrations.into(),
        "Windows.ApplicationModel.Background.BackgroundTaskRegistrationGroup" => Groups.into(),
        "Windows.ApplicationModel.Background.SystemCondition" => SystemConditions.into(),
        "Windows.ApplicationModel.Background.TimeTrigger" => TimeTriggers.into(),
        "Windows.ApplicationModel.Package" => Packages.into(),
        "Windows.Storage.ApplicationData" => ApplicationDatas.into(),
        _ => return None,
    })
}
