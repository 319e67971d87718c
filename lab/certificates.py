"""Certificates of the lab's own authorities: whoever speaks to a service verifies who answers."""

import subprocess
from pathlib import Path


def make_certificate(folder: Path, host: str) -> None:
    """Make an authority, and a certificate of it for a host name and the loopback address."""
    authority = ["-subj", "/CN=Sample Bank Authority", "-keyout", "ca.key", "-out", "ca.crt"]
    _openssl(folder, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650", *authority)
    _openssl(
        folder, "req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={host}", "-keyout", "server.key", "-out", "r"
    )
    (folder / "names").write_text(f"subjectAltName=DNS:{host},IP:127.0.0.1\n", encoding="utf-8")
    signing = ["-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "names", "-out", "server.crt"]
    _openssl(folder, "x509", "-req", "-in", "r", "-days", "3650", *signing)


def _openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)
