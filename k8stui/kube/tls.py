"""TLS settings of a cluster and a user, as an SSLContext.

A context is made from the kubeconfig alone: the system's certificate authorities (some 70 ms to load) are
read only when the cluster names none.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import re
import ssl
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from k8stui.core.lang import Text
from k8stui.core.text import clean
from k8stui.kube.errors import CredentialError, KubeconfigError
from k8stui.kube.kubeconfig import Cluster, User

_PEM = re.compile(rb"-----BEGIN [^-]+-----.*?-----END [^-]+-----", re.DOTALL)


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """A certificate chain and its key, both PEM."""

    certificate: bytes = field(repr=False)
    key: bytes = field(repr=False)


def authority(cluster: Cluster) -> bytes | None:
    """The cluster's certificate authorities as PEM; None when it names none. Reads a file."""
    if cluster.certificate_authority_data:
        return _decode(cluster.certificate_authority_data, cluster.name, "certificate-authority-data")
    if cluster.certificate_authority is not None:
        return _read(cluster.certificate_authority, cluster.name, "certificate-authority")
    return None


def user_certificate(user: User) -> ClientCertificate | None:
    """The client certificate that the user entry holds or names; None without one. Reads files."""
    certificate = _data_or_file(
        user.client_certificate_data, user.client_certificate, user.name, "client-certificate"
    )
    key = _data_or_file(user.client_key_data, user.client_key, user.name, "client-key")
    if certificate is None and key is None:
        return None
    if certificate is None or key is None:
        there, gone = ("client-key", "client-certificate") if key else ("client-certificate", "client-key")
        raise KubeconfigError(
            Text(
                f"The user “{clean(user.name)}” has a {there} but no {gone}.",
                f"ユーザー「{clean(user.name)}」には {there} がありますが、{gone} がありません。",
            ),
            Text("Correct the kubeconfig.", "kubeconfig を修正してください。"),
        )
    return ClientCertificate(certificate, key)


def build_context(
    cluster: Cluster, pem: bytes | None, client: ClientCertificate | None, owner: str
) -> ssl.SSLContext:
    """An SSLContext for one cluster and, if there is one, one client certificate.

    Args:
        cluster: for ``insecure`` and for names in sentences.
        pem: certificate authorities; None for those of the system.
        client: what to identify with.
        owner: the user entry's name, for sentences.

    Raises KubeconfigError or CredentialError when a certificate or key cannot be used.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_alpn_protocols(["http/1.1"])
    context.hostname_checks_common_name = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # an intermediate may be the anchor, as in Go
    if cluster.insecure:
        if pem is not None:
            raise KubeconfigError(
                Text(
                    f"The cluster “{clean(cluster.name)}” names a certificate authority and also says "
                    "insecure-skip-tls-verify.",
                    f"クラスター「{clean(cluster.name)}」に、認証局と insecure-skip-tls-verify の両方が"
                    "指定されています。",
                ),
                Text("Keep one of the two.", "どちらか一方にしてください。"),
            )
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif pem is not None:
        _trust(context, pem, cluster.name)
    else:
        context.load_default_certs()
    if client is not None:
        _identify(context, client, owner)
    return context


def _trust(context: ssl.SSLContext, pem: bytes, name: str) -> None:
    blocks = _PEM.findall(pem)
    try:
        if not blocks:
            raise ssl.SSLError("no certificate")
        context.load_verify_locations(cadata=b"\n".join(blocks).decode("ascii"))
    except (ssl.SSLError, UnicodeDecodeError):
        raise KubeconfigError(
            Text(
                f"The certificate authority of the cluster “{clean(name)}” is not a PEM certificate.",
                f"クラスター「{clean(name)}」の認証局の証明書が PEM 形式ではありません。",
            ),
            Text("Correct the kubeconfig.", "kubeconfig を修正してください。"),
        ) from None


def _identify(context: ssl.SSLContext, client: ClientCertificate, owner: str) -> None:
    """Load certificate and key. OpenSSL reads keys from files only: ours lives for the moment of reading."""
    asked: list[None] = []

    def no_password() -> str:
        asked.append(None)
        return ""

    with tempfile.TemporaryDirectory(prefix="k8stui-") as directory:  # made with mode 0700
        path = Path(directory, "identity.pem")
        path.touch(mode=0o600)
        path.write_bytes(client.certificate + b"\n" + client.key)
        try:
            context.load_cert_chain(path, password=no_password)
        except (ssl.SSLError, ValueError):
            problem = (
                Text("its key is protected by a password", "秘密鍵がパスワードで保護されています")
                if asked
                else Text(
                    "certificate and key are not PEM, or do not belong together",
                    "証明書と秘密鍵が PEM 形式でないか、組になっていません",
                )
            )
            raise CredentialError(
                Text(
                    "The client certificate of “{owner}” cannot be used: {problem}.",
                    "「{owner}」のクライアント証明書を使えません: {problem}。",
                ).format(owner=clean(owner), problem=problem),
                Text("Fetch the credentials anew.", "認証情報を取得し直してください。"),
            ) from None
        finally:
            with contextlib.suppress(OSError):
                path.unlink()


def _data_or_file(data: str, file: Path | None, name: str, key: str) -> bytes | None:
    if data:
        return _decode(data, name, f"{key}-data")
    return _read(file, name, key) if file is not None else None


def _decode(data: str, name: str, key: str) -> bytes:
    try:
        return base64.b64decode("".join(data.split()), validate=True)
    except (binascii.Error, ValueError):
        raise KubeconfigError(
            Text(
                f"{key} of “{clean(name)}” is not base64.",
                f"「{clean(name)}」の {key} が base64 ではありません。",
            ),
            Text("Correct the kubeconfig.", "kubeconfig を修正してください。"),
        ) from None


def _read(path: Path, name: str, key: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise KubeconfigError(
            Text(
                f"{key} of “{clean(name)}” cannot be read: {path}: {error.strerror}.",
                f"「{clean(name)}」の {key} を読めません: {path}: {error.strerror}。",
            ),
            Text("Check the path in the kubeconfig.", "kubeconfig のパスを確認してください。"),
        ) from None
