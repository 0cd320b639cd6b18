"""The kubelet: starts what is bound to its node, keeps telling how it fares, and ends what is deleted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.core.units import parse_time
from k8stui.practice.controllers.base import (
    NODES,
    PODS,
    ByEvent,
    Controller,
    Key,
    Keys,
    deleting,
    ended,
    own,
)
from k8stui.practice.controllers.containers import Around
from k8stui.practice.controllers.farewell import farewell, past_deadline, told_to_end
from k8stui.practice.controllers.mounts import lacking, retry, unmounted
from k8stui.practice.controllers.nodehealth import kubelet_runs
from k8stui.practice.controllers.pods import Life, first_status, live
from k8stui.practice.controllers.pulls import full_name, image_id
from k8stui.practice.controllers.words import Said
from k8stui.practice.controllers.world import World, stamp
from k8stui.practice.store import Event

_MIRROR = "kubernetes.io/config.mirror"
_TOO_LONG = "Pod was active on the node longer than the specified deadline"


class Kubelet(Controller):
    """All kubelets of the cluster at once."""

    name = "kubelet"
    manager = "kubelet"
    kind = PODS
    thorough = True
    turn = 0

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._addresses: set[str] = set()
        self._told: dict[Key, JsonObject] = {}
        """The status of each restless Pod as it was left here."""
        self._mounted: dict[str, float | None] = {}
        """When the volumes were there, by uid, of Pods that had to wait for them; None for not yet."""
        self._ending: set[str] = set()
        """Pods whose containers have been told to end, by uid."""
        self._static: dict[Key, JsonObject] = {}
        """Mirrors of static Pods that somebody has deleted."""
        self._resets: dict[str, int] = {}
        self._pulling: set[str] = set()
        self._added: dict[str, float] = {}

    def sources(self) -> Mapping[ResourceKind, Keys | ByEvent]:
        """Pods that have a node, and nodes that come back."""
        return {PODS: ByEvent(self._of_pod), NODES: ByEvent(self._of_node)}

    def start(self) -> Iterator[Key]:
        """Pods that are not simply running; every address in use is noted."""
        known: dict[tuple[int, int, str | None], bool] = {}
        for pod in self.world.store.list(PODS):
            status = pod.get("status") or {}
            if "podIP" in status:
                self._addresses.add(status["podIP"])
            # Many Pods share their containers and what became of them: one of these tells of all.
            spec = pod["spec"]
            key = id(spec.get("containers")), id(status.get("containerStatuses")), spec.get("restartPolicy")
            plain = status.get("phase") == "Running" and "initContainers" not in spec
            if not plain or deleting(pod) or "annotations" in pod["metadata"]:
                steady = self._steady(pod)
            elif key in known:
                steady = known[key]
            else:
                steady = known[key] = self._steady(pod)
            if not steady:
                yield own(pod)

    def reconcile(self, namespace: str, name: str) -> float | None:
        """Carry one Pod on to now."""
        key = namespace, name
        pod = self.world.find(PODS, namespace, name)
        if pod is None or not pod["spec"].get("nodeName"):
            self._told.pop(key, None)
            return self._mirror(key) if pod is None else None
        node = self.world.find(NODES, "", pod["spec"]["nodeName"])
        if not kubelet_runs(node):
            return None
        if deleting(pod):
            return self._end(pod)
        if ended(pod):
            return None
        now = self.world.clock()
        status = pod.get("status") or {}
        if not status.get("startTime"):
            began = self._heard(pod, now)
            if began is None:
                return 1.0
            status = first_status(pod, stamp(began), _address_of(node))
        over = past_deadline(pod, status)
        if over is not None and over <= now:
            self._stop(pod, status, over)
            return None
        uid = pod["metadata"]["uid"]
        wait = self._mount(pod, status)
        if wait is not None:
            return wait
        settled = self._told.get(key) is status
        around = Around(
            lambda container: lacking(self.world, namespace, container),
            self.world.pause,
            self._images(node),
            self._resets,
            self._pulling,
            self._added,
        )
        programs, began = self.world.programs, self._mounted.get(uid)
        life = live(pod, status, now, programs, around, began=began, settled=settled)
        self._keep_images(pod, life)
        pod = self._tell(pod, life)
        due = life.due if over is None else min(over, life.due or over)
        return None if due is None or ended(pod) else max(0.0, due - now)

    def _heard(self, pod: JsonObject, now: float) -> float | None:
        """When the node has heard of a Pod: now; None for not yet.

        In a past that nobody watches it was when the Pod got its node, and is told with what came of it.
        """
        scheduled = next((c for c in dicts(pod, "status", "conditions") if c["type"] == "PodScheduled"), None)
        if now >= self.world.until or scheduled is None:
            return now
        at = parse_time(scheduled.get("lastTransitionTime"))
        return None if at is None or now - at < 1.0 else at

    def _of_pod(self, event: Event) -> Iterator[Key]:
        pod = event.entry.object
        if event.type == "DELETED":
            self._forget(pod)
            if _MIRROR in (pod["metadata"].get("annotations") or ()):
                self._static[own(pod)] = pod
                yield own(pod)
        elif pod["spec"].get("nodeName") and (deleting(pod) or not self._steady(pod)):
            yield own(pod)

    def _of_node(self, event: Event) -> Iterator[Key]:
        """The Pods of a node whose kubelet has just been started."""
        node = event.entry.object
        before = None if event.previous is None else event.previous.object
        if event.type != "DELETED" and kubelet_runs(node) and not kubelet_runs(before):
            name = node["metadata"]["name"]
            for pod in self.world.store.list(PODS):
                if pod["spec"].get("nodeName") == name and not (ended(pod) and not deleting(pod)):
                    self._told.pop(own(pod), None)
                    yield own(pod)

    def _forget(self, pod: JsonObject) -> None:
        uid = pod["metadata"]["uid"]
        if not pod["spec"].get("hostNetwork"):
            self._addresses.discard(dig(pod, "status", "podIP") or "")
        self._mounted.pop(uid, None)
        self._ending.discard(uid)

    def _steady(self, pod: JsonObject) -> bool:
        """Whether nothing will happen to a Pod by itself."""
        if deleting(pod):
            return False
        if ended(pod):
            return True
        status, spec = pod.get("status") or {}, pod["spec"]
        statuses = (*(status.get("containerStatuses") or ()), *(status.get("initContainerStatuses") or ()))
        if status.get("phase") != "Running" or not all(item.get("ready") for item in statuses):
            return False
        if "ephemeralContainers" in spec or "activeDeadlineSeconds" in spec or "readinessGates" in spec:
            return False
        steady = self.world.programs.steady
        return spec.get("restartPolicy", "Always") == "Always" and all(
            steady(pod, item) for item in (*spec["containers"], *(spec.get("initContainers") or ()))
        )

    def _tell(self, pod: JsonObject, life: Life) -> JsonObject:
        """Write a Pod's new status, and report what has happened."""
        status = self._with_address(pod, life.status)
        if status is not pod.get("status"):
            pod = self.world.set_status(PODS, pod, status)
            if self._steady(pod):
                self._told.pop(own(pod), None)
            else:
                self._told[own(pod)] = pod["status"]
        for path, word in life.said:
            self._say(pod, word, path)
        return pod

    def _say(self, pod: JsonObject, word: Said, path: str = "") -> None:
        host = pod["spec"]["nodeName"]
        reason, message, warning, every = word.reason, word.message, word.warning, word.every
        self.world.say(
            pod, reason, message, by=self.name, warning=warning, field=path, host=host, every=every
        )

    def _mount(self, pod: JsonObject, status: JsonObject) -> float | None:
        """Wait for a volume that is not there: seconds until the next try; None when all are."""
        uid = pod["metadata"]["uid"]
        if status.get("podIP") or isinstance(self._mounted.get(uid), float):
            return None
        found = unmounted(self.world, pod)
        now = self.world.clock()
        if found is None:
            if uid in self._mounted:
                self._mounted[uid] = now
            return None
        self._mounted[uid] = None
        if status is not pod.get("status"):
            pod = self.world.set_status(PODS, pod, status)
        since = parse_time(status["startTime"]) or now
        wait = retry(now - since)
        text = f'MountVolume.SetUp failed for volume "{found[0]}" : {found[1]}'
        self._say(pod, Said("FailedMount", text, warning=True, every=wait))
        return self.world.pause(wait, since)

    def _stop(self, pod: JsonObject, status: JsonObject, at: float) -> None:
        """A Pod that has run for longer than it may."""
        pod = self.world.set_status(PODS, pod, told_to_end(pod, status, at, _TOO_LONG))
        self._say(pod, Said("DeadlineExceeded", _TOO_LONG))
        for item in dicts(pod, "spec", "containers"):
            self._say_killing(pod, item, "containers")

    def _end(self, pod: JsonObject) -> float | None:
        """Carry a Pod that is deleted on to its end."""
        metadata, status = pod["metadata"], pod.get("status") or {}
        grace = metadata.get("deletionGracePeriodSeconds") or 0
        told = (parse_time(metadata["deletionTimestamp"]) or 0.0) - grace
        running = {s["name"] for s in status.get("containerStatuses") or () if "running" in s["state"]}
        if grace and metadata["uid"] not in self._ending:
            self._ending.add(metadata["uid"])
            for item in dicts(pod, "spec", "containers"):
                if item["name"] in running:
                    self._say_killing(pod, item, "containers")
        new, due = farewell(pod, status, told, grace, self.world.clock(), self.world.programs)
        if due is not None:
            if new is not status:
                self.world.set_status(PODS, pod, new)
            return max(0.0, due - self.world.clock())
        if metadata.get("finalizers"):
            if new is not status:
                self.world.set_status(PODS, pod, new)
            return None
        self.world.store.delete(PODS, metadata["namespace"], metadata["name"])
        return 1.0 if own(pod) in self._static else None

    def _say_killing(self, pod: JsonObject, item: JsonObject, field: str) -> None:
        word = Said("Killing", f"Stopping container {item['name']}")
        self._say(pod, word, f"spec.{field}{{{item['name']}}}")

    def _mirror(self, key: Key) -> float | None:
        """Show a static Pod again whose mirror somebody has deleted: the file is still there."""
        pod = self._static.pop(key, None)
        node = None if pod is None else self.world.find(NODES, "", pod["spec"]["nodeName"])
        if pod is None or node is None or not kubelet_runs(node):
            return None
        kept = {field: pod["metadata"][field] for field in ("name", "namespace", "labels", "annotations")}
        owners = [
            {**ref, "uid": node["metadata"]["uid"]} for ref in pod["metadata"].get("ownerReferences") or ()
        ]
        fresh = {"apiVersion": "v1", "kind": "Pod", "metadata": {**kept, "ownerReferences": owners}}
        self.world.create(PODS, {**fresh, "spec": pod["spec"], "status": {"phase": "Pending"}})
        return 0.1

    def _images(self, node: JsonObject | None) -> _Images:
        return _Images(node, self.world.clock() < self.world.until)

    def _keep_images(self, pod: JsonObject, life: Life) -> None:
        """What was pulled stays on the node, and is listed there, the largest first."""
        if self.world.clock() < self.world.until:
            return
        before = {s["name"] for s in dig(pod, "status", "containerStatuses") or () if s.get("imageID")}
        new = [
            item["image"]
            for item in dicts(pod, "spec", "containers")
            for s in life.status.get("containerStatuses") or ()
            if s["name"] == item["name"] and s.get("imageID") and item["name"] not in before
        ]
        node = self.world.find(NODES, "", pod["spec"]["nodeName"]) if new else None
        if node is None:
            return
        listed = list(dig(node, "status", "images") or ())
        there = {name for image in listed for name in image["names"]}
        for image in dict.fromkeys(new):
            if full_name(image) not in there:
                names = [image_id(image), full_name(image)]
                listed.append({"names": names, "sizeBytes": self.world.programs.of(image).size})
        if len(listed) != len(dig(node, "status", "images") or ()):
            listed.sort(key=lambda image: (-image["sizeBytes"], str(image["names"])))
            self.world.set_status(NODES, node, {**(node.get("status") or {}), "images": listed})

    def _with_address(self, pod: JsonObject, status: JsonObject) -> JsonObject:
        if status.get("podIP") or not any(
            item.get("containerID")
            for item in (*status["containerStatuses"], *(status.get("initContainerStatuses") or ()))
        ):
            return status
        address = status.get("hostIP", "") if pod["spec"].get("hostNetwork") else self._new_address(pod)
        return {**status, "podIP": address, "podIPs": [{"ip": address}]}

    def _new_address(self, pod: JsonObject) -> str:
        """A free address out of the node's range."""
        node = self.world.find(NODES, "", pod["spec"]["nodeName"])
        base = str(dig(node, "spec", "podCIDR") or "10.244.250.0/24").rpartition(".")[0]
        for _ in range(1_000):
            address = f"{base}.{self.world.rng.randint(2, 254)}"
            if address not in self._addresses:
                break
        self._addresses.add(address)
        return address


class _Images:
    """Which images a node has; in a past that nobody watches, all."""

    __slots__ = ("_names", "_past")

    def __init__(self, node: JsonObject | None, past: bool) -> None:
        self._past = past
        self._names: set[str] | None = None
        if not past:
            self._names = {name for image in dicts(node, "status", "images") for name in image["names"]}

    def __call__(self, image: str) -> bool:
        if self._names is None:
            return True
        name = full_name(image)
        return name in self._names or image in self._names


def _address_of(node: JsonObject | None) -> str:
    found = (a["address"] for a in dicts(node, "status", "addresses") if a.get("type") == "InternalIP")
    return next(found, "")
