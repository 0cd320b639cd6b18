"""The whole application without a terminal: what a front end shows and asks for.

The terminal UI and the headless commands share it. It knows clusters (kube), categories (catalog) and notes;
it never imports a terminal library.
"""
