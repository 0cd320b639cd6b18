"""What to say about the object under the cursor: the format of notes, and the engine that picks them.

This is the manual for whoever writes a note. A note is data: nothing in Python changes when one is added.

Files
=====
The product's notes stand in ``content/<category>/``. The file name says what they are about, so that only
the files needed are read; after a hyphen it goes on as you like (``pod.yaml``, ``pod-trouble.yaml``)::

    <kind in small letters>.yaml    a kind: persistentvolumeclaim.yaml
    category.yaml                   one of the five categories
    forms.yaml                      the forms of a Service
    custom-resource.yaml            every custom resource
    environments.yaml               what a cluster runs on: minikube, GKE, …
    networks.yaml                   network plugins: Flannel, Calico, …
    benefits.yaml                   the thirteen things that Kubernetes brings
    handbook.yaml                   pages of the handbook that no object stands for

A person's own notes stand in the directory that the setting ``notes-dir`` names, in files of any name
ending in ``.yaml``, there or one directory below. One with the ``id`` of another replaces it.

A file is UTF-8 YAML: ``notes:`` and a list below it. Anchors, aliases and tags are refused.

Fields
======
``id`` (required)
    Its name among all notes: small letters, digits and hyphens.
``about`` (required)
    One of ``{kind: Deployment, group: apps}`` (no group for core kinds), ``{category: workloads}`` (service,
    config-storage, cluster, metadata), ``{form: NodePort}`` (ClusterIP, ExternalIP, LoadBalancer, Headless,
    ExternalName, None-Selector), ``{custom-resource: true}``, ``{environment: kind}`` (ENVIRONMENTS in
    ``model``), ``{network: flannel}`` (NETWORKS), ``{benefit: self-healing}`` (BENEFITS), or ``{handbook:
    containers}`` for a page of the handbook alone, under any name of its own (small letters, digits,
    hyphens).
``severity`` (required)
    ``wrong``: it does not work. ``worth-knowing``: it works and will surprise somebody. ``special``: what
    sets this object apart. ``kind``: what all of them are. This is also the order on the screen.
``title``, ``short`` (required)
    The headline, at most 48 cells (24 full-width characters), and at most 150 cells of plain text. These and
    all texts below are ``{en: …, ja: …}``, both of them always.
``when``
    A condition in CEL over ``object``, the live object; without one the note holds for the kind itself,
    with no object at hand too. A condition that fails does not hold, and it fails where a field is
    missing (``managedFields`` are there without ``fieldsV1``): ask for each level,
    ``has(object.spec.securityContext) && has(object.spec.securityContext.runAsUser) && …``, also before
    ``!has(…)``. There are ``all``,
    ``exists``, ``exists_one``, ``map``, ``filter``, ``size``, ``in``, ``matches``,
    ``startsWith``, ``endsWith``, ``contains``; no optional fields (``?.``) and no extension libraries. At
    most 2000 characters, 12 comprehensions, 3 of them inside each other, no ``+`` inside one.
``needs``
    The neighbours that the condition asks about, see below: ``[pods]``.
``unless``
    Ids of notes beside which this one would say the same again: it is left out where one of them holds.
``text``
    The long form, in Markdown.
``category``, ``neighbours``, ``changed``
    Why the kind stands in its category; how it works with others; what the book of 2020 says and what
    holds today.
``commands``
    A list of ``{run: …, does: {en: …, ja: …}}``. In ``run`` the placeholders below become the object's
    own values, quoted for a shell, so they may not stand inside quotes. For an object without a namespace
    `` -n {namespace}`` goes. A command for which the object lacks a value is left out.
``evidence``
    Paths whose values prove the note: ``spec.hostNetwork``, ``spec.containers[0].image``,
    ``spec.containers[*].image``, ``status.conditions[type=Ready].message``,
    ``metadata.annotations["example.com/owner"]``. What is not there is not shown; values of Secrets are
    masked. In brackets, a field further down is written ``containerStatuses[state.waiting.reason=Error]``.
    Of neighbours: ``near.pods[*].status.phase``, or ``near.services`` for their names alone.
``links``
    Neighbouring kinds: ``[{kind: ReplicaSet, group: apps}]``.
``shows``
    Of a page without an object of its own, where to look for objects that show it: a list of ``{kind: Pod,
    group: …, when: …}``, the condition as above but over ``object`` alone; without one every object does.
``book``, ``facts``, ``docs``
    Section of the book's notes (``"5.2"``), numbers of facts (``[F5.2]``), an https address.

Placeholders
============
In commands: ``{name}``, ``{namespace}``, ``{kind}`` (written ``deployment.apps``), ``{container}``,
``{selector}`` (by which the object picks Pods, as kubectl's ``-l`` takes it) and ``{=path}``, the value at a
path as in ``evidence``; several values stand side by side. ``{container}`` is the container that fails: the
first that waits with an error, else that ended with one, else that is not ready, init containers first; where
none does, the one that kubectl takes by default.

In texts: ``{container}`` and ``{=path}``, only in a note with a condition. Several values have commas
between, one that is missing is written as ``…``; so ask for it in the condition.

Neighbours
==========
A condition may ask about objects beside its own: ``near.pods.exists(p, p.status.phase == "Pending")``. What
it asks for stands in ``needs``. Each relation is a list of objects, empty when there are none; ``near.node``
and others in the singular have one at most. Of neighbours a condition sees only fields that some condition
names; the others are there, but null. A note that needs a relation is left out until that is known, and for
good where it cannot be: where it makes no sense (a Service without a selector has no ``pods``), where the
person may not read it, where there are more than 200. ::

    owner            any object: the owner that controls it
    events           any object: Events about it, up to 50
    namespace        any object: the Namespace it is in
    definition       a custom resource: its CustomResourceDefinition
    pods             Deployment, ReplicaSet, StatefulSet, DaemonSet, Job, ReplicationController, Service,
                     PodDisruptionBudget, NetworkPolicy: the Pods that it selects. Node: those that run on it.
                     PersistentVolumeClaim, ConfigMap, Secret, ServiceAccount: those that use it.
                     Namespace: those in it.
    services         Pod and its controllers: the Services that select its Pods. Ingress: those it names that
                     exist. EndpointSlice, Endpoints: the one they belong to.
    endpointslices   Service: its own
    ingresses        Service, Secret, IngressClass: the Ingresses that name it
    ingressclasses   Ingress, IngressClass: all there are
    replicasets      Deployment: its own
    jobs             CronJob: its own
    hpas             Deployment, ReplicaSet, StatefulSet, ReplicationController: the
                     HorizontalPodAutoscalers that scale it. HorizontalPodAutoscaler: others of the same
                     target.
    target           HorizontalPodAutoscaler: what it scales
    pdbs             Pod and its controllers: the PodDisruptionBudgets that select its Pods.
                     PodDisruptionBudget: others in the Namespace.
    networkpolicies  Pod and its controllers: those that select its Pods. Namespace: those in it.
    node             Pod: where it runs
    serviceaccount   Pod: its own
    pvcs             Pod: those it mounts that exist. PersistentVolume: the one bound to it.
                     StatefulSet: those made from its templates
    volume           PersistentVolumeClaim: the PersistentVolume bound to it
    storageclass     PersistentVolumeClaim, PersistentVolume: the one it names
    storageclasses   PersistentVolumeClaim, StorageClass: all there are
    role             RoleBinding, ClusterRoleBinding: the Role or ClusterRole it grants
    bindings         Role, ClusterRole: the bindings that grant it. ServiceAccount: those that name it
    serviceaccounts  RoleBinding, ClusterRoleBinding: the ServiceAccounts it names that exist
    resourcequotas   Pod and its controllers, Namespace: those of the Namespace
    limitranges      Pod and its controllers, Namespace: those of the Namespace
    subject          Event: the object it is about

A mistake is told with file and line, and leaves out the one note that has it.
:meth:`NoteLibrary.check` finds all of them.
"""

from k8stui.notes.library import NoteLibrary
from k8stui.notes.model import (
    BENEFITS,
    CATEGORIES,
    ENVIRONMENTS,
    FORMS,
    NETWORKS,
    Command,
    Example,
    Link,
    Matched,
    Note,
    NoteError,
    Severity,
    Subject,
)
from k8stui.notes.placeholders import without_values
from k8stui.notes.relations import RELATIONS, Near

__all__ = [
    "BENEFITS",
    "CATEGORIES",
    "ENVIRONMENTS",
    "FORMS",
    "NETWORKS",
    "RELATIONS",
    "Command",
    "Example",
    "Link",
    "Matched",
    "Near",
    "Note",
    "NoteError",
    "NoteLibrary",
    "Severity",
    "Subject",
    "without_values",
]
