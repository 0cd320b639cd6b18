"""Widgets: they draw what they are handed and post messages. None knows a screen or asks a cluster."""
