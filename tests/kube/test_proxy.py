"""Which proxy is used: the kubeconfig's, else the environment's as Go reads it."""

from __future__ import annotations

import pytest

from k8stui.kube.proxy import proxy_for, without_secret


@pytest.mark.parametrize(
    ("server", "environ", "proxy"),
    [
        ("https://api.example:6443", {"HTTPS_PROXY": "http://p:1"}, "http://p:1"),
        ("https://api.example:6443", {"https_proxy": "p:1"}, "http://p:1"),
        ("https://api.example:6443", {"HTTP_PROXY": "http://p:1"}, None),
        ("http://api.example", {"HTTP_PROXY": "http://p:1"}, "http://p:1"),
        ("https://127.0.0.1:6443", {"HTTPS_PROXY": "http://p:1"}, None),
        ("https://localhost:6443", {"HTTPS_PROXY": "http://p:1"}, None),
        ("https://api.example", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "other, example"}, None),
        ("https://api.example", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": ".example"}, None),
        ("https://example", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": ".example"}, "http://p:1"),
        ("https://myexample", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "example"}, "http://p:1"),
        ("https://api.example", {"HTTPS_PROXY": "http://p:1", "no_proxy": "*"}, None),
        ("https://10.1.2.3", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "10.0.0.0/8"}, None),
        ("https://11.1.2.3", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "10.0.0.0/8,rubbish/9"}, "http://p:1"),
        ("https://10.1.2.3", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "10.1.2.3"}, None),
        ("https://[fd00::1]:6443", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "fd00::/8"}, None),
        ("https://[fd00::1]:6443", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "[fd00::1]:6443"}, None),
        (
            "https://api.example:6443",
            {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "api.example:443"},
            "http://p:1",
        ),
        ("https://api.example:6443", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "api.example:6443"}, None),
        ("https://api.example", {}, None),
    ],
)
def test_the_environment_is_read_as_go_reads_it(
    server: str, environ: dict[str, str], proxy: str | None
) -> None:
    assert proxy_for(server, "", environ) == proxy


def test_proxy_url_goes_before_the_environment() -> None:
    environ = {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "*"}
    assert proxy_for("https://api.example", "http://own:2", environ) == "http://own:2"


def test_a_proxy_is_shown_without_its_password() -> None:
    assert without_secret("http://me:SECRET@p:1/x") == "http://p:1"
