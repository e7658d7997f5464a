"""Calls every method of the published interface with libdbus, and compares signatures and fields.

Arguments: the broker's socket, the published XML, the published fields, and the part to play. `app` must run
from a package's folder: it serves its own task and hears what happens to it. `tool` belongs to no package and
ends the broker. Both call every method; each is refused what the XML reserves for the other, and nothing else.
"""

import collections
import re
import sys
import xml.etree.ElementTree as ElementTree

import dbus
import dbus.lowlevel
from dbus.connection import Connection
from dbus.mainloop.glib import DBusGMainLoop
from gi.repository import GLib

BROKER, SERVER = "org.oncue.Broker1", "org.oncue.TaskServer1"
PATH = "/org/oncue/Broker1"
QUICK, STAYS = "5b3f3a52-0d0e-4f5c-9a56-0d3b54a3b001", "5b3f3a52-0d0e-4f5c-9a56-0d3b54a3b002"
NOBODY = "00000000-0000-4000-8000-000000000000"
# Who is refused which methods at all, by the annotation `org.oncue.Caller`.
RESERVED = {"app": ("tool", "AccessDenied"), "tool": ("app", "NoIdentity")}
# What else is refused because of how the methods are called here.
REFUSED = {"app": {"RemovePackage": "AccessDenied"}, "tool": {"Release": "NotActive", "RevokeClass": "InvalidArgument"}}
TYPES = {"s": dbus.String, "u": dbus.UInt32, "x": dbus.Int64, "b": dbus.Boolean, "a": dbus.Array}
# Arguments for methods that no part calls with better ones.
EMPTY = {"s": "", "u": 0, "x": 0, "b": False}


def empty(kind):
    """Returns an empty value of this type."""
    if kind.startswith("a{"):
        return dbus.Dictionary({}, signature=kind[2:-1])
    return dbus.Array([], signature=kind[1:]) if kind[0] == "a" else EMPTY[kind]
PATIENCE = 15

mismatches = []


def expect(what, expected, seen):
    if expected != seen:
        mismatches.append(f"{what}: expected {expected!r}, saw {seen!r}")


def dictionary(**fields):
    """Makes a dictionary whose values are variants; libdbus would guess another type from the values."""
    return dbus.Dictionary(fields, signature="sv")


class Published:
    """The signatures of the XML, who may call what, and the fields of the dictionaries."""

    def __init__(self, xml, messages):
        self.takes, self.gives, self.signals, self.callers, self.described = {}, {}, {}, {}, {}
        for interface in ElementTree.fromstring(xml).iter("interface"):
            for method in interface.iter("method"):
                member = interface.get("name"), method.get("name")
                self.takes[member] = self.signature(method, "in")
                self.gives[member] = self.signature(method, "out")
                self.callers[member] = self.annotation(method, "org.oncue.Caller")
                self.described[member, "call"] = self.dictionaries(method, "in")
                self.described[member, "answer"] = self.dictionaries(method, "out")
            for signal in interface.iter("signal"):
                member = interface.get("name"), signal.get("name")
                self.signals[member] = self.signature(signal, None)
                self.described[member, "signal"] = self.dictionaries(signal, None)
        self.fields = {}
        for line in messages.splitlines():
            if line.startswith("## "):
                fields = self.fields.setdefault(line.removeprefix("## "), {})
            elif row := re.match(r"\| `(\w+)` \| `([^`]+)` (?:\[(\w+)\])?", line):
                fields[row[1]] = row[2], row[3]

    @staticmethod
    def arguments(member, direction):
        return [arg for arg in member.iter("arg") if arg.get("direction") == direction]

    @staticmethod
    def annotation(element, name):
        values = [found.get("value") for found in element.findall("annotation") if found.get("name") == name]
        return values[0] if values else None

    def signature(self, member, direction):
        return "".join(arg.get("type") for arg in self.arguments(member, direction))

    def dictionaries(self, member, direction):
        return [self.annotation(arg, "org.oncue.Dictionary") for arg in self.arguments(member, direction)]

    def compare(self, what, name, value):
        """Compares a dictionary, or a list of them, with the fields that are published."""
        if isinstance(value, dbus.Array):
            for item in value:
                self.compare(what, name, item)
            return
        for field, item in value.items():
            signature, inner = self.fields[name].get(str(field), ("no such field", None))
            form = dbus.Dictionary if signature == "a{sv}" else TYPES.get(signature[0])
            expect(f"{what}, {name}.{field}", signature, signature if form and isinstance(item, form) else repr(item))
            if inner:
                self.compare(what, inner, item)


class Client:
    """A connection without a bus; it compares all that comes over it."""

    def __init__(self, socket, published, part):
        self.published, self.part = published, part
        reserved, error = RESERVED[part]
        methods = [name for (_, name), who in published.callers.items() if who == reserved]
        self.refused = {**dict.fromkeys(methods, error), **REFUSED[part]}
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
        return self.described((BROKER, name), "answer", answer)

    def described(self, member, kind, message):
        """Compares the dictionaries in a message; returns its arguments."""
        arguments = message.get_args_list()
        for name, argument in zip(self.published.described.get((member, kind), []), arguments):
            if name:
                self.published.compare(f"{member[1]}, {kind}", name, argument)
        return arguments

    def call_the_rest(self):
        """Calls the methods that have not been called, with empty arguments; they may be refused for those."""
        for (interface, name), takes in self.published.takes.items():
            if interface != BROKER or name in self.called | {"Stop"}:
                continue
            arguments = [empty(kind) for kind in map(str, dbus.Signature(takes))]
            try:
                answer = self.ask(BROKER, name, takes, arguments)
                expect(f"{name}, answer", self.published.gives[BROKER, name], str(answer.get_signature()))
            except dbus.DBusException as error:
                expect(f"{name}({takes}), error", True, error.get_dbus_name().startswith("org.oncue.Error."))

    def hear(self, _connection, message):
        member = message.get_interface(), message.get_member()
        if isinstance(message, dbus.lowlevel.SignalMessage):
            expect(f"signal {member[1]}", self.published.signals.get(member), str(message.get_signature()))
            kind = "signal"
        elif isinstance(message, dbus.lowlevel.MethodCallMessage):
            expect(f"call {member[1]}", self.published.takes.get(member), str(message.get_signature()))
            kind = "call"
        else:
            return dbus.lowlevel.HANDLER_RESULT_NOT_YET_HANDLED
        self.heard[member] += 1
        self.waiting.append((member, self.described(member, kind, message)))
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
    # A field that the broker does not know is ignored.
    spec = dictionary(name="heard", class_id=QUICK, trigger="application", a_new_field=True)
    registered = client.call("Register", spec)
    group = dictionary(id="g", name="group")
    spec = dictionary(name="dropped", group=group, class_id=STAYS, trigger="every 29d", mode="replace")
    staying = client.call("Register", spec)
    if not (cookie and registered and staying):
        return
    task, staying = registered[0]["task_id"], staying[0]["task_id"]

    client.call("Request", task, ["one", "two"])
    run = client.wait(SERVER, "Run")[0]["instance_id"]
    client.call("Entered", run)
    client.wait(BROKER, "RunEntered")
    client.call("SetProgress", run, 50)
    client.wait(BROKER, "Progress")
    client.call("Completed", run, ["an error of the task"])
    client.wait(BROKER, "Ended")

    client.call("Fire", staying, True)
    run = client.wait(SERVER, "Run")[0]["instance_id"]
    client.call("Entered", run)
    client.call("Cancel", staying, 0)
    client.wait(SERVER, "Cancel")
    client.call("Completed", run, [])
    client.wait(BROKER, "Ended")
    client.call("Unregister", staying, True)
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
    task = tasks[0][0]["task_id"]
    client.call("Watch", 1)
    for name in ["RegisterClass", "RegisterClassSuspended"]:
        client.call(name, QUICK, True)
    client.call("ResumeClasses")
    client.call("RevokeClass", 1)
    client.call("Register", dictionary(name="stray", class_id=QUICK, trigger="every 29d"))
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
    client.call("Pause", "", dictionary(lasts="1h", cancel=True))
    client.call("Resume", "")
    entries = client.call("History", task, "", 10)
    expect("History, whether it tells of the run", True, bool(entries and entries[0]))
    client.call("HistoryBefore", task, "", 2**62, NOBODY, 10)
    packages = client.call("Packages")
    # One that does not exist is nobody's, so that an app is refused it.
    family = packages[0][0]["family_name"] if client.part == "tool" and packages and packages[0] else "Nobodys_gjcd3sepz2y54"
    client.call("SetAccess", family, "always")
    client.call("AddPackage", "/home/tester/package", False)
    client.call("RemovePackage", family)
    client.call("Facts")
    about = client.call("About")
    expect("About, whether it tells its features", True, bool(about and "task.name" in about[0]["features"]))


def main():
    socket, *files, part = sys.argv[1:]
    xml, messages = (open(file, encoding="utf-8").read() for file in files)
    client = Client(socket, Published(xml, messages), part)
    introspected = client.ask("org.freedesktop.DBus.Introspectable", "Introspect", "", ())
    expect("Introspect, whether it answers what is published", True, introspected.get_args_list() == [xml])
    {"app": play_app, "tool": play_tool}[part](client)
    client.call_the_rest()
    client.call("Stop")
    if mismatches:
        sys.exit("\n".join(mismatches))


main()
