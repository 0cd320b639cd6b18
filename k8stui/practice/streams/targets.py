"""Which container of a Pod a request means, in the words of the API server and the kubelet."""

from __future__ import annotations

from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.practice import errors
from k8stui.practice.inside import runs
from k8stui.practice.inside.runs import Run


def container(pod: JsonObject, asked: str) -> str:
    """The name of the container that is meant.

    Raises:
        StatusError: 400 when it is not in the Pod, or none is named and there are several.
    """
    name = pod["metadata"]["name"]
    if asked:
        if runs.spec_of(pod, asked) is None:
            raise errors.bad_request(f"container {asked} is not valid for pod {name}")
        return asked
    mains = [str(each["name"]) for each in dicts(pod, "spec", "containers")]
    default = (dig(pod, "metadata", "annotations") or {}).get(runs.DEFAULT)
    if default and runs.spec_of(pod, default) is not None:
        return str(default)
    if len(mains) == 1:
        return mains[0]
    inits = [str(each["name"]) for each in dicts(pod, "spec", "initContainers")]
    choice = f"choose one of: [{' '.join(mains)}]"
    if inits:
        choice += f" or one of the init containers: [{' '.join(inits)}]"
    raise errors.bad_request(f"a container name must be specified for pod {name}, {choice}")


def logged(pod: JsonObject, name: str, *, before: bool) -> Run:
    """The run whose log is asked for.

    Raises:
        StatusError: 400 when there is no such run (yet).
    """
    pod_name = pod["metadata"]["name"]
    if before:
        found = runs.previous(pod, name)
        if found is None:
            raise errors.bad_request(f'previous terminated container "{name}" in pod "{pod_name}" not found')
        return found
    found = runs.current(pod, name)
    if found is not None:
        return found
    if runs.status_of(pod, name) is None:
        raise errors.bad_request(f'container "{name}" in pod "{pod_name}" is not available')
    reason = str(dig(runs.status_of(pod, name), "state", "waiting", "reason") or "no logs yet")
    why = {
        "ErrImagePull": "image can't be pulled",
        "ImagePullBackOff": "trying and failing to pull image",
    }.get(reason, reason)
    raise errors.bad_request(f'container "{name}" in pod "{pod_name}" is waiting to start: {why}')


def entered(pod: JsonObject, name: str) -> Run:
    """The run in which something is to be executed.

    Raises:
        StatusError: 400 for a Pod that has ended or has no node, 500 for a container that does not run.
    """
    phase = dig(pod, "status", "phase")
    if phase in ("Succeeded", "Failed"):
        raise errors.bad_request(f"cannot exec into a container in a completed pod; current phase is {phase}")
    if not dig(pod, "spec", "nodeName"):
        raise errors.bad_request(f"pod {pod['metadata']['name']} does not have a host assigned")
    found = runs.running(pod, name)
    if found is None:
        message = f'unable to upgrade connection: container not found ("{name}")'
        raise errors.StatusError(500, "InternalError", message, {})
    return found
