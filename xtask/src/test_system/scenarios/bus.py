"""Drives the broker over the session bus with GDBus. The argument is the part to play."""

import sys

from gi.repository import Gio, GLib

NAME, PATH = "org.oncue.Broker1", "/org/oncue/Broker1"
PATIENCE = 15_000
FLOOD = 5_000
NO_TIMEOUT = 2**31 - 1


def call(bus, method, arguments=None):
    return bus.call_sync(NAME, PATH, NAME, method, arguments, None, Gio.DBusCallFlags.NONE, PATIENCE, None)


def another_connection():
    address = Gio.dbus_address_get_for_bus_sync(Gio.BusType.SESSION, None)
    flags = Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION
    return Gio.DBusConnection.new_for_address_sync(address, flags, None, None)


def refusal(bus, method, arguments=None):
    """Returns the name of the error with which a call is refused."""
    try:
        call(bus, method, arguments)
    except GLib.Error as error:
        return Gio.DBusError.get_remote_error(error)
    return "none"


def drive(bus):
    """Fires a task, and hears how its run ends; a connection that has not asked for signals hears nothing."""
    loop, heard = GLib.MainLoop(), {"watcher": [], "other": []}
    silent = another_connection()

    def hear(_bus, _sender, _path, _interface, signal, _arguments, who):
        heard[who].append(signal)
        if "Ended" in heard["watcher"]:
            loop.quit()

    for connection, who in [(bus, "watcher"), (silent, "other")]:
        connection.signal_subscribe(NAME, NAME, None, None, None, Gio.DBusSignalFlags.NONE, hear, who)
    call(silent, "Facts")
    call(bus, "Watch", GLib.Variant("(u)", (1,)))
    tasks = call(bus, "Find", GLib.Variant("(s)", ("greets",))).unpack()[0]
    assert [task["name"] for task in tasks] == ["greets"], tasks
    fired = call(bus, "Fire", GLib.Variant("(sb)", (tasks[0]["task_id"], False))).unpack()[0]
    assert fired["state"] == "started", fired
    GLib.timeout_add(PATIENCE, loop.quit)
    loop.run()
    assert "RunEntered" in heard["watcher"] and "Ended" in heard["watcher"], heard
    # Whatever was sent to the other connection before this answer has arrived.
    call(silent, "Facts")
    while GLib.MainContext.default().iteration(False):
        pass
    assert heard["other"] == [], heard
    assert refusal(bus, "Leave") == "org.oncue.Error.NotSupported"
    assert refusal(bus, "Hello", GLib.Variant("(s)", ("a token",))) == "org.oncue.Error.NotSupported"
    assert refusal(bus, "RegisterClass", GLib.Variant("(sb)", ("x", True))) == "org.oncue.Error.NotSupported"


def flood(bus):
    """Sends calls without waiting for answers, while another program calls as well."""
    loop, outcomes = GLib.MainLoop(), {}

    def answered(bus, result):
        try:
            bus.call_finish(result)
            outcome = "answered"
        except GLib.Error as error:
            outcome = Gio.DBusError.get_remote_error(error)
        outcomes[outcome] = outcomes.get(outcome, 0) + 1
        if sum(outcomes.values()) == FLOOD:
            loop.quit()

    for _ in range(FLOOD):
        bus.call(NAME, PATH, NAME, "Facts", None, None, Gio.DBusCallFlags.NONE, NO_TIMEOUT, None, answered)
    print("flooding", flush=True)
    loop.run()
    assert outcomes.get("answered", 0) > 0, outcomes
    assert set(outcomes) <= {"answered", "org.oncue.Error.NotEnoughQuota"}, outcomes
    # When its calls have been answered, it has room again.
    call(bus, "Facts")


def own(bus):
    """Takes the name, until the standard input ends."""
    no_flags = GLib.Variant("(su)", (NAME, 0))
    bus.call_sync("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "RequestName", no_flags,
                  None, Gio.DBusCallFlags.NONE, PATIENCE, None)
    print("owned", flush=True)
    sys.stdin.read()


{"drive": drive, "flood": flood, "own": own}[sys.argv[1]](Gio.bus_get_sync(Gio.BusType.SESSION, None))
