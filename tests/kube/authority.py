"""Certificates for tests: an authority of our own, made anew in memory each time."""

from __future__ import annotations

import ipaddress
import ssl
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID


class Authority:
    """Signs certificates for servers and clients. Everything is PEM."""

    def __init__(self, name: str = "test authority", parent: Authority | None = None) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        signer = parent or self
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(self._name)
            .issuer_name(signer._name)
            .public_key(self._key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(signer._key, hashes.SHA256())
        )
        self.pem = certificate.public_bytes(serialization.Encoding.PEM)

    def issue(
        self,
        *names: str,
        client: bool = False,
        days: float = 1,
        password: bytes | None = None,
        alternatives: bool = True,
    ) -> tuple[bytes, bytes]:
        """A certificate and its key for some names.

        ``days`` below 0 makes one that has expired; without ``alternatives`` it has a common name only.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        end = datetime.now(UTC) + timedelta(days=days)
        usage = ExtendedKeyUsageOID.CLIENT_AUTH if client else ExtendedKeyUsageOID.SERVER_AUTH
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])]))
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(end - timedelta(days=2))
            .not_valid_after(end)
            .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        )
        if alternatives:
            names_too = x509.SubjectAlternativeName([_general(name) for name in names])
            builder = builder.add_extension(names_too, critical=False)
        certificate = builder.sign(self._key, hashes.SHA256())
        encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
        if password is not None:
            encryption = serialization.BestAvailableEncryption(password)
        return (
            certificate.public_bytes(serialization.Encoding.PEM),
            key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption),
        )

    def server_context(
        self,
        *names: str,
        days: float = 1,
        clients: bool = False,
        demand: bool = False,
        alternatives: bool = True,
    ) -> ssl.SSLContext:
        """TLS settings of a server; with ``clients`` it asks for a client certificate of this authority."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate, key = self.issue(
            *(names or ("127.0.0.1", "localhost")), days=days, alternatives=alternatives
        )
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory, "server.pem")
            path.write_bytes(certificate + key)
            context.load_cert_chain(path)
        if clients:
            context.load_verify_locations(cadata=self.pem.decode())
            context.verify_mode = ssl.CERT_REQUIRED if demand else ssl.CERT_OPTIONAL
        return context


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
