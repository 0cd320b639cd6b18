"""Screens: they compose widgets and route between them and the session."""
