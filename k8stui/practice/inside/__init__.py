"""The inside of the containers that do not run: what they print, their files, a shell, names and pages.

All of it is made from objects in memory and the cluster's clock. Nothing is ever executed, read or reached on
the machine.
"""
