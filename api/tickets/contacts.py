"""Ways to reach a visitor: kept apart from the conversation and encrypted, shown masked."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from api.problems import Problem
from api.settings import Settings
from api.tickets.schemas import Contact


class Contacts:
    """Encrypts and decrypts with the deployment's key; where none is set, one is made once in the var folder."""

    def __init__(self, settings: Settings) -> None:
        self._given, self._file = settings.contact_key.get_secret_value(), settings.var_dir / "contact-key"

    def sealed(self, contact: Contact) -> tuple[str, str]:
        """What to store, and how to show it: ``138****5678``."""
        value = contact.phone or contact.email or ""
        return self._fernet().encrypt(value.encode()).decode(), _hint(value)

    def read(self, sealed: str) -> str:
        """In clear.

        Raises:
            Problem: 503 when the key is not the one it was sealed with.
        """
        try:
            return self._fernet().decrypt(sealed.encode()).decode()
        except InvalidToken as error:
            detail = "the contact cannot be read: CONSULT_CONTACT_KEY is not the key it was kept with"
            raise Problem(503, "wrong-key", detail) from error

    def _fernet(self) -> Fernet:
        return Fernet(self._given or _kept(self._file))


def _kept(path: Path) -> str:
    """The key in a file that only its owner reads; of two processes that make it, the first one's counts."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text()
    with os.fdopen(descriptor, "w") as file:
        file.write(Fernet.generate_key().decode())
    return path.read_text()


def _hint(value: str) -> str:
    if "@" in value:
        name, _, domain = value.partition("@")
        return f"{name[:1]}***@{domain}"
    digits = "".join(sign for sign in value if sign.isdigit())
    return f"{digits[:3]}****{digits[-4:]}" if len(digits) >= 9 else f"****{digits[-2:]}"
