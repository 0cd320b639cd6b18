"""The controllers of the practice cluster: small, driven by the store's changes and a clock."""

from __future__ import annotations

from k8stui.practice.controllers.aggregation import ApiServices
from k8stui.practice.controllers.autoscaling import Autoscalers
from k8stui.practice.controllers.base import Controller
from k8stui.practice.controllers.budgets import DisruptionBudgets, Quotas
from k8stui.practice.controllers.cronjobs import CronJobs
from k8stui.practice.controllers.daemonsets import DaemonSets
from k8stui.practice.controllers.deployments import Deployments
from k8stui.practice.controllers.descheduler import Descheduler
from k8stui.practice.controllers.endpoints import EndpointSlices
from k8stui.practice.controllers.evictions import PodCollector, PressureEviction, TaintEviction
from k8stui.practice.controllers.exposure import IngressAddresses, LoadBalancers
from k8stui.practice.controllers.forgetting import Forgetting
from k8stui.practice.controllers.garbage import GarbageCollector
from k8stui.practice.controllers.jobs import Jobs
from k8stui.practice.controllers.kubelet import Kubelet
from k8stui.practice.controllers.namespaces import Namespaces
from k8stui.practice.controllers.nodes import Heartbeats, NodeLifecycle
from k8stui.practice.controllers.replicas import ReplicaSets, ReplicationControllers
from k8stui.practice.controllers.scheduler import Scheduler
from k8stui.practice.controllers.statefulsets import StatefulSets
from k8stui.practice.controllers.storage import Claims, Volumes

STEADY: tuple[type[Controller], ...] = (
    Namespaces,
    Scheduler,
    NodeLifecycle,
    Kubelet,
    TaintEviction,
    PodCollector,
    PressureEviction,
    ReplicaSets,
    ReplicationControllers,
    Deployments,
    StatefulSets,
    DaemonSets,
    Jobs,
    CronJobs,
    EndpointSlices,
    Claims,
    Volumes,
    DisruptionBudgets,
    Quotas,
    LoadBalancers,
    IngressAddresses,
    ApiServices,
    GarbageCollector,
)
"""Those that bring a cluster to what its objects ask for, and then rest."""

RESTLESS: tuple[type[Controller], ...] = (*STEADY, Autoscalers, Heartbeats, Descheduler, Forgetting)
"""Those and the ones that keep it moving."""
