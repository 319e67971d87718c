"""The environment that OpenStack programs of the lab run in."""

from lab.layout import MARK, Layout


def for_openstack(layout: Layout) -> dict[str, str]:
    """Variables for a service or a management command."""
    return {
        "PATH": f"{layout.venv}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        # Drivers of the lab itself are found through their entry points here.
        "PYTHONPATH": str(layout.sources / "drivers"),
        "PYTHONWARNINGS": "ignore",
    }


def for_command(layout: Layout) -> dict[str, str]:
    """Variables for a management command, which no supervisor starts."""
    return for_openstack(layout) | {"HOME": str(layout.home), "LANG": "C.UTF-8", MARK: str(layout)}
