"""Which kind is in which category: the map that the whole product stands on.

Pure functions over ResourceKind values. Nothing here asks a server, reads a file or takes long: the tree is
drawn from it before there is any connection.
"""

from k8stui.catalog.builtin import BUILTIN
from k8stui.catalog.categories import Category, ServiceForm
from k8stui.catalog.forms import service_forms
from k8stui.catalog.names import resolve, suggest
from k8stui.catalog.placement import PLACES, Placement, book_order, canonical, is_custom_group, place
from k8stui.catalog.tree import Node, Role, tree

__all__ = [
    "BUILTIN",
    "PLACES",
    "Category",
    "Node",
    "Placement",
    "Role",
    "ServiceForm",
    "book_order",
    "canonical",
    "is_custom_group",
    "place",
    "resolve",
    "service_forms",
    "suggest",
    "tree",
]
