//! Recorded netlink messages.

/// The kernel's message when `change` was written to `/sys/class/mem/null/uevent`.
pub(crate) const KERNEL: &[u8] = b"change@/devices/virtual/mem/null\0ACTION=change\0\
    DEVPATH=/devices/virtual/mem/null\0SUBSYSTEM=mem\0SYNTH_UUID=0\0MAJOR=1\0MINOR=3\0DEVNAME=null\0\
    DEVMODE=0666\0SEQNUM=1558\0";

/// udev's message about the same event, without its header, which contains machine-dependent
/// numbers.
const UDEV: &[u8] = b"UDEV_DATABASE_VERSION=1\0ACTION=change\0DEVPATH=/devices/virtual/mem/null\0\
    SUBSYSTEM=mem\0SYNTH_UUID=0\0DEVNAME=/dev/null\0DEVMODE=0666\0SEQNUM=1563\0MAJOR=1\0MINOR=3\0\
    USEC_INITIALIZED=17883406018\0";

/// The length of the header, the beginning and length of the properties, and udev's filter values.
const NUMBERS: [u32; 3] = [40, 40, 187];
const FILTERS: [u8; 16] = [0xc3, 0x65, 0xcd, 0x83, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

/// udev's message, as sent by udevd 252.
pub(crate) fn udev() -> Vec<u8> {
    let mut message = b"libudev\0\xfe\xed\xca\xfe".to_vec();
    NUMBERS.iter().for_each(|number| message.extend(number.to_ne_bytes()));
    message.extend(FILTERS);
    message.extend(UDEV);
    message
}
