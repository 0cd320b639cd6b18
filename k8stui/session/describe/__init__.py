"""An object described: sections of labelled values, set out for reading.

Pure functions from the object, and from what was read beside it, to a :class:`~.model.Description`. Nothing
here asks a server (:mod:`~.beside` alone does) and nothing knows a terminal. Whatever an object holds, a
describer says what it can and never raises.
"""

from k8stui.session.describe.build import describe
from k8stui.session.describe.model import Description

__all__ = ["Description", "describe"]
