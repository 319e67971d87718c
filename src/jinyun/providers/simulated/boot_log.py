"""What a simulated server writes to its serial console."""

from datetime import UTC, datetime

from jinyun.providers.base import Server, ServerStatus

KERNEL = "6.12.41-jinyun"

BOOT = """\
[    0.000000] Linux version {kernel} (build@jinyun) #1 SMP {day}
[    0.000000] Command line: BOOT_IMAGE=/boot/vmlinuz root=LABEL=root ro console=tty0 console=ttyS0,115200n8
[    0.000000] DMI: Jinyun simulated data centre, no real machine
[    0.021504] Memory: {memory_kib}K/{total_kib}K available
[    0.148211] smp: Brought up 1 node, {vcpus} CPU{plural}
[    0.684021] virtio_blk virtio1: [vda] {sectors} 512-byte logical blocks
[    0.921377] EXT4-fs (vda1): mounted filesystem with ordered data mode
[    1.204418] systemd[1]: Hostname set to <{name}>.
[    1.870133] virtio_net virtio0 eth0: renamed from eth0{addresses}
[    2.402019] cloud-init[412]: config drive read, instance {id}
[    2.911540] systemd[1]: Started ssh.service - OpenBSD Secure Shell server.
[    3.020771] systemd[1]: Reached target multi-user.target - Multi-User System.

Jinyun Linux 1 {name} ttyS0

{name} login: """


def boot_log(server: Server, booted_at: float | None, vcpus: int, memory_mib: int) -> str:
    """Return everything since the last boot; empty where the server never booted. Memory in MiB."""
    if booted_at is None:
        return ""
    addresses = "".join(
        f"\n[    1.{890 + number}022] eth{number}: inet {address}" for number, address in enumerate(server.addresses)
    )
    text = BOOT.format(
        kernel=KERNEL,
        day=datetime.fromtimestamp(booted_at, UTC).strftime("%a %b %d %H:%M:%S UTC %Y"),
        memory_kib=int(memory_mib * 1024 * 0.93),
        total_kib=memory_mib * 1024,
        vcpus=vcpus,
        plural="" if vcpus == 1 else "s",
        sectors=2**21,
        name=server.name,
        id=server.id,
        addresses=addresses,
    )
    return f"{text}\n[   99.000000] reboot: Power down\n" if server.status is ServerStatus.STOPPED else text
