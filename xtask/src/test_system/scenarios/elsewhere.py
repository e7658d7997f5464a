"""Checks exported manifests and jobs.

Arguments: the scheduler, the folder, the names of the files in it, and the arguments of the task `hostile` as
JSON.

The manifests of Kubernetes are checked with the JSON schemas of its API, which the package kubernetes-validate
contains. Nomad has no published schema: its jobs are read by an independent parser of HCL (python-hcl2), and
their blocks and attributes are compared with those of the job specification's documentation, listed below.
"""

import json
import pathlib
import sys

# The versions of the API whose schemas are used: the oldest with time zones, and newer ones.
VERSIONS = ["1.27", "1.31", "1.34"]

# The attributes and blocks of Nomad's job specification that an export may use.
NOMAD = {
    "job": {"type": str, "periodic": dict, "parameterized": dict, "group": dict},
    "periodic": {"crons": list, "time_zone": str, "prohibit_overlap": bool, "enabled": bool},
    "parameterized": {},
    "group": {"restart": dict, "reschedule": dict, "task": dict},
    "restart": {"attempts": int, "delay": str, "interval": str, "mode": str},
    "reschedule": {"attempts": int, "unlimited": bool},
    "task": {"driver": str, "kill_timeout": str, "env": dict, "config": dict, "template": dict},
    "config": {"command": str, "image": str, "entrypoint": list, "args": list, "work_dir": str},
    "template": {"data": str, "destination": str, "env": bool},
}
LABELLED = {"job", "group", "task"}


def same(what, seen, expected):
    if seen != expected:
        sys.exit(f"{what}: expected {expected!r}, saw {seen!r}")


def expanded(text):
    """Returns a text as Kubernetes passes it on: `$$` is `$`, and no variable of these texts exists."""
    return text.replace("$$", "$")


def kubernetes(files, words):
    import kubernetes_validate
    import yaml

    for file in files:
        jobs = list(yaml.safe_load_all(file.read_text()))
        for job in jobs:
            for version in VERSIONS:
                kubernetes_validate.validate(job, version, strict=True)
        if file.stem == "hostile":
            pod = jobs[0]["spec"]["jobTemplate"]["spec"]["template"]["spec"]
            same("the arguments", [expanded(word) for word in pod["containers"][0]["args"]], words)
            same("the variable", expanded(pod["containers"][0]["env"][0]["value"]), "".join(words[2:]))
        if file.stem == "every":
            same("the schedules", len(jobs), 2)


def unquoted(text):
    """Returns a text of HCL without its quotes and escapes."""
    return json.loads(text).replace("$${", "${").replace("%%{", "%{")


def block(kind, body):
    """Checks a block, and returns it."""
    if kind in LABELLED:
        (body,) = body.values()
    for name, value in body.items():
        if name.startswith("__"):
            continue
        if name not in NOMAD[kind]:
            sys.exit(f"{kind} has no {name}")
        expected = NOMAD[kind][name]
        if expected is dict and name in NOMAD:
            same(f"the number of {name}", len(value), 1)
            block(name, value[0])
        elif not isinstance(value, expected):
            sys.exit(f"{kind}.{name} is {value!r}")
    return body


def nomad(files, words):
    import hcl2

    for file in files:
        (job,) = hcl2.loads(file.read_text())["job"]
        body = block("job", job)
        same("the type", body["type"], '"batch"')
        group = block("group", body["group"][0])
        task = block("task", group["task"][0])
        if file.name.startswith("hostile"):
            same("the arguments", [unquoted(word) for word in task["config"][0]["args"]], words)


scheduler, folder, names, words = sys.argv[1:]
files = sorted(pathlib.Path(folder).iterdir())
same("the files", [file.name for file in files], names.split())
{"kubernetes": kubernetes, "nomad": nomad}[scheduler](files, json.loads(words))
