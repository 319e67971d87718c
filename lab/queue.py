"""Who may listen to what the services notify, and how much of it waits where nobody does."""

import base64
import hashlib
import json

from lab import namespace, passwords
from lab.commands import run
from lab.facts import LISTENER, NOTIFICATIONS
from lab.layout import Layout

EXCHANGES = "nova|neutron|cinder|openstack"
QUEUES = rf"{NOTIFICATIONS}\..*"
KEPT = {"message-ttl": 600_000, "max-length": 10_000}
"""Ten minutes in milliseconds, and how many: whoever listens again reads everything anyhow."""
CONTROL = "/usr/lib/rabbitmq/bin/rabbitmqctl"


def admit_listener(layout: Layout, environment: dict[str, str]) -> None:
    """Make the listener's account and the limits of his queues, unless they are made.

    Passwords stand on no command line: RabbitMQ reads them, hashed, from a file.
    """
    wanted = json.dumps(definitions(passwords.load(layout.secrets)["rabbitmq_listener"]), indent=2)
    file = layout.conf / "rabbitmq-listener.json"
    if file.exists() and file.read_text() == wanted:
        return
    draft = layout.conf / "rabbitmq-listener.new.json"
    passwords.write_private(draft, wanted)
    command = namespace.wrap(f"{CONTROL} -n rabbit@localhost import_definitions {draft}")
    run(*command.split(), environment=environment)
    draft.replace(file)


def definitions(password: str) -> dict[str, object]:
    """Return what RabbitMQ is to know: an account that reads notifications and nothing else."""
    salt = hashlib.sha256(b"salt" + password.encode()).digest()[:4]
    hashed = salt + hashlib.sha256(salt + password.encode()).digest()
    return {
        "users": [
            {
                "name": LISTENER,
                "password_hash": base64.b64encode(hashed).decode(),
                "hashing_algorithm": "rabbit_password_hashing_sha256",
                "tags": "",
            }
        ],
        "permissions": [
            {
                "user": LISTENER,
                "vhost": "/",
                "configure": f"^({EXCHANGES}|{QUEUES})$",
                "write": f"^{QUEUES}$",
                "read": f"^({EXCHANGES}|{QUEUES})$",
            }
        ],
        "policies": [
            {
                "vhost": "/",
                "name": "notifications",
                "pattern": f"^{QUEUES}$",
                "apply-to": "queues",
                "definition": KEPT,
                "priority": 0,
            }
        ],
    }
