"""A house for each test, on the server that K8STUI_TEST_KUBECONFIG names."""

from __future__ import annotations

import os
import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from k8stui.core.kinds import ResourceKind
from tests.real.house import House, kubectl_binary

NAMESPACES = ResourceKind("", "v1", "Namespace", "namespaces", namespaced=False)


@pytest_asyncio.fixture
async def house() -> AsyncIterator[House]:
    named = os.environ.get("K8STUI_TEST_KUBECONFIG")
    if not named:
        pytest.skip("K8STUI_TEST_KUBECONFIG names no kubeconfig")
    if kubectl_binary() is None:
        pytest.skip("there is no kubectl")
    found = House(Path(named), f"k8stui-test-{secrets.token_hex(4)}")
    try:
        await found.create(NAMESPACES, {"metadata": {"name": found.namespace}})
        yield found
    finally:
        await found.leave()
