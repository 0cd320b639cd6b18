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
    ExternalName, None-Selector), ``{custom-resource: true}``.
``severity`` (required)
    ``wrong``: it does not work. ``worth-knowing``: it works and will surprise somebody. ``special``: what
    sets this object apart. ``kind``: what all of them are. This is also the order on the screen.
``title``, ``short`` (required)
    The headline, at most 48 cells (24 full-width characters), and at most 150 cells of plain text. These and
    all texts below are ``{en: …, ja: …}``, both of them always.
``when``
    A condition in CEL over ``object``, the live object; without one the note holds for the kind itself,
    with no object at hand too. A condition that fails does not hold, and it fails where a field is
    missing: ask for each level, ``has(object.spec.securityContext) &&
    has(object.spec.securityContext.runAsUser) && …``, also before ``!has(…)``. There are ``all``,
    ``exists``, ``exists_one``, ``map``, ``filter``, ``size``, ``in``, ``matches``,
    ``startsWith``, ``endsWith``, ``contains``; no optional fields (``?.``) and no extension libraries. At
    most 2000 characters, 12 comprehensions, 3 of them inside each other, no ``+`` inside one.
``text``
    The long form, in Markdown.
``category``, ``neighbours``, ``changed``
    Why the kind stands in its category; how it works with others; what the book of 2020 says and what
    holds today.
``commands``
    A list of ``{run: …, does: {en: …, ja: …}}``. In ``run``, ``{name}``, ``{namespace}`` and ``{kind}``
    become the object's own, quoted for a shell, so they may not stand inside quotes. For an object
    without a namespace `` -n {namespace}`` goes. ``{kind}`` is written as ``deployment.apps``.
``evidence``
    Paths whose values prove the note: ``spec.hostNetwork``, ``spec.containers[0].image``,
    ``spec.containers[*].image``, ``status.conditions[type=Ready].message``,
    ``metadata.annotations["example.com/owner"]``. What is not there is not shown; values of Secrets are
    masked.
``links``
    Neighbouring kinds: ``[{kind: ReplicaSet, group: apps}]``.
``book``, ``facts``, ``docs``
    Section of the book's notes (``"5.2"``), numbers of facts (``[F5.2]``), an https address.

A mistake is told with file and line, and leaves out the one note that has it.
:meth:`NoteLibrary.check` finds all of them.
"""

from k8stui.notes.library import NoteLibrary
from k8stui.notes.model import (
    CATEGORIES,
    FORMS,
    Command,
    Link,
    Matched,
    Note,
    NoteError,
    Severity,
    Subject,
)

__all__ = [
    "CATEGORIES",
    "FORMS",
    "Command",
    "Link",
    "Matched",
    "Note",
    "NoteError",
    "NoteLibrary",
    "Severity",
    "Subject",
]
