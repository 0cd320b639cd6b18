"""Talking to one Kubernetes API server.

Nothing here knows the terminal. ``transport`` is the only place that speaks HTTP, ``credentials`` the only
one that knows who the user is; both load their heavy libraries on first use, not on import.
"""
