"""The peer: plain pyVmomi, batched, with the same batches and properties; it keeps nothing."""

import ssl
import time
from multiprocessing.connection import Connection as Pipe
from typing import Any
from urllib.parse import urlsplit

from pyVim.connect import SmartConnect
from pyVmomi import vim, vmodl

from jinyun.providers.vsphere.collector import BATCH
from jinyun.providers.vsphere.machines import PROPERTIES

Collector = vmodl.query.PropertyCollector


def read(public: dict[str, str], password: str, pipe: Pipe) -> None:
    """Read everything once; tell how many machines, and seconds."""
    address = urlsplit(public["url"])
    context = ssl.create_default_context(cafile=public["cacert"])
    user = public["username"]
    service = SmartConnect(host=address.hostname, port=address.port, user=user, pwd=password, sslContext=context)
    content = service.RetrieveContent()
    began = time.monotonic()
    view = content.viewManager.CreateContainerView(content.rootFolder, [vim.VirtualMachine], True)
    machines = list(view.view)
    found = sum(len(_batch(content, machines[at : at + BATCH])) for at in range(0, len(machines), BATCH))
    pipe.send((found, time.monotonic() - began))


def _batch(content: Any, machines: list[Any]) -> list[Any]:
    wanted = Collector.PropertySpec(type=vim.VirtualMachine, pathSet=list(PROPERTIES), all=False)
    objects = [Collector.ObjectSpec(obj=machine) for machine in machines]
    specification = Collector.FilterSpec(objectSet=objects, propSet=[wanted])
    answer = content.propertyCollector.RetrievePropertiesEx([specification], Collector.RetrieveOptions())
    return list(answer.objects)
