"""The images that servers of the lab boot from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lab import facts
from lab.layout import Layout

# QEMU's plain graphics card shows text without a driver; the random source spares the guest a wait for entropy.
PROPERTIES = {
    "hw_vif_model": "virtio",
    "hw_disk_bus": "virtio",
    "hw_video_model": "vga",
    "hw_rng_model": "virtio",
    "os_type": "linux",
    "os_distro": "debian",
}


@dataclass(frozen=True)
class Image:
    """An image in Glance and the file that it comes from."""

    name: str
    file: Path
    properties: Mapping[str, str] = field(default_factory=lambda: PROPERTIES)


def build_of(layout: Layout) -> str:
    """Which build the files are of."""
    return build_marker(layout).read_text()


def build_marker(layout: Layout) -> Path:
    """The file that names the build."""
    return layout.artefacts / "image-version"


def images(layout: Layout) -> tuple[Image, ...]:
    """All images of the lab."""
    return tuple(Image(name, layout.artefacts / f"{name}.qcow2") for name in (facts.IMAGE, facts.LARGE_IMAGE))
