//! Watches devices, through one socket for all tasks.

use std::collections::HashMap;
use std::io;

use oncue_core::{DeviceAction, Event, TaskId};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::orders::{self, Done, Given, Order, Orders};
use super::settle::Settling;
use crate::inbox::Inbox;
use crate::source::uevent::{Teller, Told, Uevent, Uevents};

/// What one task waits for.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub(super) subsystem: String,
    /// `None` for any action.
    pub(super) action: Option<DeviceAction>,
}

impl Wanted {
    fn is(&self, uevent: &Uevent<'_>) -> bool {
        // `bind` and `unbind` concern drivers, not the device itself.
        let action = match uevent.get("ACTION") {
            Some(b"add") => DeviceAction::Added,
            Some(b"remove") => DeviceAction::Removed,
            Some(b"change" | b"move" | b"online" | b"offline") => DeviceAction::Changed,
            _ => return false,
        };
        uevent.get("SUBSYSTEM") == Some(self.subsystem.as_bytes())
            && self.action.is_none_or(|wanted| wanted == action)
    }
}

/// Starts to listen on behalf of tasks, until the orders are dropped.
pub(super) fn open(inbox: mpsc::Sender<Inbox>) -> Orders<Wanted> {
    let (orders, given) = orders::orders();
    // Opened immediately, so that events after the registration are not missed.
    let uevents = Uevents::open(Teller::best());
    tokio::spawn(Keeper::new(inbox).keep(uevents, given));
    orders
}

struct Keeper {
    inbox: mpsc::Sender<Inbox>,
    tasks: HashMap<TaskId, Wanted>,
    settling: Settling,
}

impl Keeper {
    fn new(inbox: mpsc::Sender<Inbox>) -> Self {
        Self { inbox, tasks: HashMap::new(), settling: Settling::default() }
    }

    async fn keep(mut self, uevents: io::Result<Uevents>, mut orders: Given<Wanted>) {
        let lost = match uevents {
            Ok(uevents) => self.listen(&uevents, &mut orders).await,
            Err(error) => Ok(error),
        };
        if let Ok(error) = lost {
            self.refuse(&error, orders).await;
        }
    }

    /// Listens until uevents are no longer available, and returns why.
    async fn listen(&mut self, uevents: &Uevents, orders: &mut Given<Wanted>) -> Result<io::Error, Done> {
        loop {
            let due = self.settling.due();
            // In this order, so that a task also gets the events right after its registration.
            tokio::select! {
                biased;
                order = orders.next() => match order? {
                    Order::Begin { task, wanted } => drop(self.tasks.insert(task, wanted)),
                    Order::End { task } => {
                        self.settling.forget(task);
                        self.tasks.remove(&task);
                    }
                },
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => self.settling.tell(&self.inbox).await,
                read = uevents.read(|told| see(&self.tasks, &mut self.settling, told)) => {
                    if let Err(error) = read {
                        return Ok(error);
                    }
                }
            }
        }
    }

    /// Uevents are not available: reports this for every task.
    async fn refuse(&mut self, error: &io::Error, mut orders: Given<Wanted>) {
        let why = format!("the kernel's uevents cannot be read: {error}");
        tracing::error!("{why}; devices are not watched");
        for (task, _) in self.tasks.drain() {
            let _ = self.inbox.send(Event::Troubled { task, why: Some(why.clone()) }.into()).await;
        }
        while let Ok(order) = orders.next().await {
            if let Order::Begin { task, .. } = order {
                let _ = self.inbox.send(Event::Troubled { task, why: Some(why.clone()) }.into()).await;
            }
        }
    }
}

fn see(tasks: &HashMap<TaskId, Wanted>, settling: &mut Settling, told: Told<'_>) {
    let now = Instant::now();
    for (task, wanted) in tasks {
        match told {
            Told::Uevent(uevent) if wanted.is(&uevent) => {
                uevent.texts().for_each(|text| settling.add(now, *task, text.into_owned()));
            }
            Told::Uevent(_) => {}
            // One of the lost uevents may have been for this task.
            Told::Lost => settling.lose(now, *task, 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::uevent::recorded;
    use oncue_core::{Details, Guid};

    const ONE: TaskId = TaskId(Guid::from_u128(1));
    const TWO: TaskId = TaskId(Guid::from_u128(2));

    fn wanted(subsystem: &str, action: Option<DeviceAction>) -> Wanted {
        Wanted { subsystem: subsystem.into(), action }
    }

    #[test]
    fn a_task_gets_the_devices_and_the_actions_it_waits_for() {
        use DeviceAction::{Added, Changed, Removed};
        for (action, expected) in [
            ("add", [true, true, false, false]),
            ("remove", [true, false, true, false]),
            ("change", [true, false, false, true]),
            ("move", [true, false, false, true]),
            ("offline", [true, false, false, true]),
            ("bind", [false; 4]),
            ("unbind", [false; 4]),
        ] {
            let message = format!("{action}@/x\0ACTION={action}\0SUBSYSTEM=usb\0");
            let uevent = Uevent::parse(Teller::Kernel, message.as_bytes()).unwrap();
            let is =
                [None, Some(Added), Some(Removed), Some(Changed)].map(|one| wanted("usb", one).is(&uevent));
            assert_eq!(is, expected, "{action}");
            assert!(!wanted("us", None).is(&uevent) && !wanted("usb2", None).is(&uevent));
        }
    }

    #[test]
    fn the_run_is_told_the_properties_and_whether_some_uevents_were_lost() {
        let tasks = HashMap::from([(ONE, wanted("mem", None)), (TWO, wanted("usb", None))]);
        let mut settling = Settling::default();
        let uevent = Uevent::parse(Teller::Kernel, recorded::KERNEL).unwrap();
        see(&tasks, &mut settling, Told::Uevent(uevent));
        let later = Instant::now() + std::time::Duration::from_secs(9);
        let [(ONE, told)] = &settling.take(later)[..] else { panic!("one task is told") };
        assert_eq!(told.items.len(), 9);
        assert!(told.items.contains(&"DEVPATH=/devices/virtual/mem/null".into()));
        see(&tasks, &mut settling, Told::Lost);
        let mut told = settling.take(later);
        told.sort_by_key(|(task, _)| *task);
        let lost = Details { items: Vec::new(), left_out: 1 };
        assert_eq!(told, [(ONE, lost.clone()), (TWO, lost)]);
    }

    #[tokio::test]
    async fn where_there_are_no_uevents_every_task_is_told_so() {
        let (sender, mut inbox) = mpsc::channel(8);
        let (orders, given) = orders::orders();
        for task in [ONE, TWO] {
            orders.begin(task, wanted("usb", None));
        }
        drop(orders);
        Keeper::new(sender).keep(Err(io::Error::other("no netlink")), given).await;
        for expected in [ONE, TWO] {
            let Some(Inbox::Event(Event::Troubled { task, why: Some(why) })) = inbox.recv().await else {
                panic!()
            };
            assert!(task == expected && why.contains("no netlink"), "{why}");
        }
    }
}
