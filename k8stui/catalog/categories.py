"""The five API categories and the forms of a Service, in the order of the book."""

from __future__ import annotations

from enum import Enum


class Category(Enum):
    """One of the five categories of the Kubernetes API reference. The value is its stable id."""

    WORKLOADS = "workloads"
    SERVICE = "service"
    CONFIG_STORAGE = "config-storage"
    CLUSTER = "cluster"
    METADATA = "metadata"

    @property
    def slug(self) -> str:
        """The id, as notes and node ids write it."""
        return self.value

    @property
    def title(self) -> str:
        """The name as the API reference writes it, the same in every language."""
        return _TITLES[self]


_TITLES = {
    Category.WORKLOADS: "Workloads APIs",
    Category.SERVICE: "Service APIs",
    Category.CONFIG_STORAGE: "Config & Storage APIs",
    Category.CLUSTER: "Cluster APIs",
    Category.METADATA: "Metadata APIs",
}


class ServiceForm(Enum):
    """A way in which a Service exposes Pods. The value is what notes and node ids call it."""

    CLUSTER_IP = "ClusterIP"
    EXTERNAL_IP = "ExternalIP"
    NODE_PORT = "NodePort"
    LOAD_BALANCER = "LoadBalancer"
    HEADLESS = "Headless"
    EXTERNAL_NAME = "ExternalName"
    NONE_SELECTOR = "None-Selector"

    @property
    def title(self) -> str:
        """The name for the screen: Headless says which field value makes it so."""
        return "Headless (None)" if self is ServiceForm.HEADLESS else self.value
