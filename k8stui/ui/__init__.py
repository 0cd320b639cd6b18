"""The terminal front end, on Textual: the only room that knows a terminal.

Everything that can be decided without one is decided in ``session``. Widgets show values that they are
handed and post messages; the explorer screen routes between them and the session. Text from a cluster is
drawn as segments and strips, never parsed as markup.
"""
