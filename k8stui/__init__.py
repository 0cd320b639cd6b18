"""A terminal explorer for Kubernetes clusters, organised by the five API categories."""

__version__ = "0.1.0"
