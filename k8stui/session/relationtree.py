"""The tree of an object's relations, one level read at a time; a circle ends where it closes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from k8stui.core.errors import ExplorerError
from k8stui.core.lang import Text
from k8stui.core.objects import JsonObject
from k8stui.core.refs import ObjectRef
from k8stui.session.related import Related, Relation, Relative

_DEEPEST = 12
_CYCLE = Text("It stands further up already.", "上の階層にすでにあります。")
_TOO_DEEP = Text("The tree goes no deeper.", "これより深くはたどれません。")


@dataclass(slots=True)
class Branch:
    """What is known of one object of the tree."""

    ref: ObjectRef
    above: tuple[ObjectRef, ...] = ()
    """The objects above it, from the root on."""
    relations: list[Relation] | None = None
    """None until they have been read."""
    open: bool = False
    reading: bool = False
    trouble: Text | None = None
    """Why they could not be read, or are not."""
    obj: JsonObject | None = None
    missing: bool = False
    children: dict[str, Branch] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Twig:
    """One line of the tree: a relation's heading, one of its members, or a word on them."""

    depth: int
    relation: Relation
    key: str = ""
    """Of a member: its place in the tree, by which it is unfolded."""
    member: Relative | None = None
    branch: Branch | None = None
    heading: bool = False
    trouble: Text | None = None


class RelationTree:
    """The relations of one object, and of whatever in them was unfolded."""

    def __init__(self, related: Related, ref: ObjectRef) -> None:
        self._related = related
        self.root = Branch(ref)
        self._branches: dict[str, Branch] = {}

    def branch(self, key: str) -> Branch | None:
        """The member at a place of the tree."""
        return self._branches.get(key)

    async def grow(self, obj: JsonObject) -> None:
        """Read the relations of the root, whose object this is; what was unfolded below stays so."""
        await self._read(self.root, obj)
        self.root.open = True

    async def probe(self) -> bool:
        """Read how the neighbours fare that the root only names; whether anything is new."""
        before = self.root.relations or []
        after = [await self._related.probed(one) if one.name == "uses" else one for one in before]
        if after == before or self.root.relations is not before:
            return False
        self.root.relations = after
        self._adopt(self.root)
        return True

    async def unfold(self, key: str) -> None:
        """Show what a member has to do with others, read now if it was not."""
        branch = self._branches.get(key)
        if branch is None:
            return
        branch.open = True
        if branch.relations is not None or branch.trouble is not None:
            return
        if branch.ref in (self.root.ref, *branch.above):
            branch.trouble = _CYCLE
        elif len(branch.above) >= _DEEPEST:
            branch.trouble = _TOO_DEEP
        else:
            await self._open(branch)

    def fold(self, key: str) -> str:
        """Hide what is below a member; when nothing is, the place of the member above it."""
        branch = self._branches.get(key)
        if branch is not None and branch.open:
            branch.open = False
            return key
        return key.rpartition("/")[0]

    async def _open(self, branch: Branch) -> None:
        branch.reading = True
        try:
            obj = branch.obj or await self._related.read(branch.ref)
        except ExplorerError as error:
            branch.trouble = error.message
        else:
            await self._read(branch, obj)
        finally:
            branch.reading = False

    async def _read(self, branch: Branch, obj: JsonObject) -> None:
        branch.obj = obj
        branch.relations = await self._related.of(obj, branch.ref.kind)
        self._adopt(branch)

    def _adopt(self, branch: Branch) -> None:
        """Make a branch of every member; those that were there keep what is known below them."""
        prefix = self._key_of(branch)
        old, branch.children = branch.children, {}
        for relation in branch.relations or ():
            for member in relation.members:
                ref = member.ref
                key = f"{prefix}/{relation.name}:{ref.kind.name}:{ref.namespace}:{ref.name}"
                child = old.get(key) or Branch(member.ref, (*branch.above, branch.ref))
                child.obj, child.missing = member.obj or child.obj, member.missing
                branch.children[key] = child
                self._branches[key] = child

    def _key_of(self, branch: Branch) -> str:
        return next((key for key, one in self._branches.items() if one is branch), "")

    def twigs(self) -> Iterator[Twig]:
        """The tree as lines, from top to bottom."""
        yield from self._below(self.root, 0)

    def _below(self, branch: Branch, depth: int) -> Iterator[Twig]:
        keys = iter(branch.children)
        for relation in branch.relations or ():
            yield Twig(depth, relation, heading=True)
            if relation.denied is not None:
                yield Twig(depth + 1, replace(relation, members=()), trouble=relation.denied)
            for member in relation.members:
                key = next(keys)
                child = branch.children[key]
                yield Twig(depth + 1, relation, key, member, child)
                if child.open:
                    if child.trouble is not None:
                        yield Twig(depth + 2, relation, trouble=child.trouble)
                    yield from self._below(child, depth + 2)
