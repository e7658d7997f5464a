"""Calls every method of the published interface with libdbus, and compares the signatures.

Arguments: the broker's socket, the published XML, and the part to play. `app` must run from a package's
folder: it serves its own task and hears what happens to it. `tool` belongs to no package and ends the broker.
Both call every method; each may be refused what only the other may do, by exactly that error.
"""

import collections
import sys
import xml.etree.ElementTree as ElementTree

import dbus.lowlevel
from dbus.connection import Connection
from dbus.mainloop.glib import DBusGMainLoop
from gi.repository import GLib

BROKER, SERVER = "org.oncue.Broker1", "org.oncue.TaskServer1"
PATH = "/org/oncue/Broker1"
QUICK, STAYS = "5b3f3a52-0d0e-4f5c-9a56-0d3b54a3b001", "5b3f3a52-0d0e-4f5c-9a56-0d3b54a3b002"
NOBODY = "00000000-0000-4000-8000-000000000000"
REFUSED = {
    "app": dict.fromkeys(["Release", "Pin", "SetAccess", "AddPackage", "RemovePackage", "Stop"], "AccessDenied"),
    "tool": {
        **dict.fromkeys(["Identity", "Register", "RegisterClass", "RegisterClassSuspended"], "NoIdentity"),
        "Release": "NotActive",
        "RevokeClass": "InvalidArgument",
    },
}
PATIENCE = 15

mismatches = []


def expect(what, expected, seen):
    if expected != seen:
        mismatches.append(f"{what}: expected {expected!r}, saw {seen!r}")


class Published:
    """The signatures of the XML."""

    def __init__(self, text):
        self.takes, self.gives, self.signals = {}, {}, {}
        for interface in ElementTree.fromstring(text).iter("interface"):
            for method in interface.iter("method"):
                member = interface.get("name"), method.get("name")
                self.takes[member] = self.signature(method, "in")
                self.gives[member] = self.signature(method, "out")
            for signal in interface.iter("signal"):
                self.signals[interface.get("name"), signal.get("name")] = self.signature(signal, None)

    @staticmethod
    def signature(member, direction):
        return "".join(arg.get("type") for arg in member.iter("arg") if arg.get("direction") == direction)


class Client:
    """A connection without a bus; it compares all that comes over it."""

    def __init__(self, socket, published, part):
        self.published, self.part, self.refused = published, part, REFUSED[part]
        self.called, self.heard = set(), collections.Counter()
        self.waiting = collections.deque()
        # Only a connection with a main loop dispatches what nobody asked for.
        self.connection = Connection(f"unix:path={socket}", mainloop=DBusGMainLoop())
        self.connection.add_message_filter(self.hear)

    def ask(self, interface, name, signature, arguments):
        message = dbus.lowlevel.MethodCallMessage(None, PATH, interface, name)
        message.append(*arguments, signature=signature)
        return self.connection.send_message_with_reply_and_block(message, PATIENCE)

    def call(self, name, *arguments):
        """Calls a method; returns its results, or nothing when it does not go as published."""
        self.called.add(name)
        takes = self.published.takes.get((BROKER, name))
        try:
            answer = self.ask(BROKER, name, takes, arguments)
        except (TypeError, ValueError) as error:
            expect(f"{name}, arguments", takes, f"{arguments!r}: {error}")
            return None
        except dbus.DBusException as error:
            seen = error.get_dbus_name().removeprefix("org.oncue.Error.")
            if seen != self.refused.get(name):
                allowed = self.refused.get(name, "an answer")
                expect(f"{name}({takes})", allowed, f"{seen}: {error.get_dbus_message()}")
            return None
        expect(f"{name}, whether it is refused", self.refused.get(name), None)
        expect(f"{name}, answer", self.published.gives.get((BROKER, name)), str(answer.get_signature()))
        return answer.get_args_list()

    def hear(self, _connection, message):
        member = message.get_interface(), message.get_member()
        if isinstance(message, dbus.lowlevel.SignalMessage):
            expect(f"signal {member[1]}", self.published.signals.get(member), str(message.get_signature()))
        elif isinstance(message, dbus.lowlevel.MethodCallMessage):
            expect(f"call {member[1]}", self.published.takes.get(member), str(message.get_signature()))
        else:
            return dbus.lowlevel.HANDLER_RESULT_NOT_YET_HANDLED
        self.heard[member] += 1
        self.waiting.append((member, message.get_args_list()))
        return dbus.lowlevel.HANDLER_RESULT_HANDLED

    def wait(self, interface, name):
        """Waits for a signal or a call of the broker; returns its arguments."""
        late = []
        timer = GLib.timeout_add_seconds(PATIENCE, lambda: late.append(True) or True)
        try:
            while not late:
                while self.waiting:
                    member, arguments = self.waiting.popleft()
                    if member == (interface, name):
                        return arguments
                GLib.MainContext.default().iteration(True)
        finally:
            GLib.source_remove(timer)
        sys.exit("\n".join([*mismatches, f"{name} of {interface} did not come within {PATIENCE} s"]))


def play_app(client):
    client.call("Watch", 0)
    client.call("RegisterClass", QUICK, False)
    cookie = client.call("RegisterClassSuspended", STAYS, False)
    client.call("ResumeClasses")
    spec = ("heard", [], QUICK, "application", "", "", "always")
    registered = client.call("Register", spec)
    staying = client.call("Register", ("dropped", [("g", "group")], STAYS, "every 29d", "", "", "always"))
    if not (cookie and registered and staying):
        return
    task = registered[0]

    client.call("Request", task, ["one", "two"])
    run = client.wait(SERVER, "Run")[0]
    client.call("Entered", run)
    client.wait(BROKER, "RunEntered")
    client.call("SetProgress", run, 50)
    client.wait(BROKER, "Progress")
    client.call("Completed", run, ["an error of the task"])
    client.wait(BROKER, "Ended")

    client.call("Fire", staying[0], True)
    run = client.wait(SERVER, "Run")[0]
    client.call("Entered", run)
    client.call("Cancel", staying[0], 0)
    client.wait(SERVER, "Cancel")
    client.call("Completed", run, [])
    client.wait(BROKER, "Ended")
    client.call("Unregister", staying[0], True)
    client.wait(BROKER, "TaskRemoved")

    client.call("RevokeClass", cookie[0])
    client.call("Release", task)
    others(client, task, 0)
    client.call("Leave")
    for member in client.published.signals.keys():
        expect(f"signal {member[1]}, whether it came", True, client.heard[member] > 0)


def play_tool(client):
    tasks = client.call("Tasks", 1, "", 10)
    if not (tasks and tasks[0]):
        sys.exit("\n".join([*mismatches, "the app's task is not listed"]))
    task = tasks[0][0][0]
    client.call("Watch", 1)
    for name in ["RegisterClass", "RegisterClassSuspended"]:
        client.call(name, QUICK, True)
    client.call("ResumeClasses")
    client.call("RevokeClass", 1)
    client.call("Register", ("stray", [], QUICK, "every 29d", "", "", "always"))
    client.call("Entered", NOBODY)
    client.call("SetProgress", NOBODY, 1)
    client.call("Completed", NOBODY, [])
    client.call("Request", task, [])
    client.call("Fire", task, False)
    client.call("Cancel", task, 0)
    client.call("Release", task)
    client.call("Unregister", task, True)
    client.wait(BROKER, "TaskRemoved")
    others(client, task, 1)
    client.call("Leave")


def others(client, task, whose):
    """Calls what needs no run, in an order in which each can be answered."""
    client.call("Hello", "")
    client.call("Identity")
    client.call("Tasks", whose, "", 10)
    client.call("Find", "heard")
    client.call("Signal", "an-event", ["argument"])
    client.call("Pin", "internet", "on")
    client.call("Pin", "internet", "")
    entries = client.call("History", task, "", 10)
    expect("History, whether it tells of the run", True, bool(entries and entries[0]))
    client.call("HistoryBefore", task, "", 2**62, NOBODY, 10)
    packages = client.call("Packages")
    # One that does not exist is nobody's, so that an app is refused it.
    family = packages[0][0][0] if client.part == "tool" and packages and packages[0] else "Nobodys_gjcd3sepz2y54"
    client.call("SetAccess", family, "always")
    client.call("AddPackage", "/home/tester/package", False)
    client.call("RemovePackage", family)
    client.call("Facts")
    client.call("About")


def main():
    socket, file, part = sys.argv[1:]
    with open(file, encoding="utf-8") as text:
        xml = text.read()
    client = Client(socket, Published(xml), part)
    introspected = client.ask("org.freedesktop.DBus.Introspectable", "Introspect", "", ())
    expect("Introspect, whether it answers what is published", True, introspected.get_args_list() == [xml])
    {"app": play_app, "tool": play_tool}[part](client)
    client.call("Stop")
    for interface, name in client.published.takes:
        if interface == BROKER and name not in client.called:
            mismatches.append(f"{name} was not called")
    if mismatches:
        sys.exit("\n".join(mismatches))


main()
