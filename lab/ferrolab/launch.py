"""Starts a lab host's first process: enters the host's cgroup and namespaces, then hands over.

Stays outside as the host's parent in the form of unshare(1), whose death kills the host. Knows nothing of what happens inside.
"""

from __future__ import annotations

import json
import os
import sys

from . import cgroup
from .layout import LabLayout


def main() -> None:
    """`python3 -m ferrolab.launch LAB_JSON HOST_NUMBER`"""
    lab = LabLayout.from_json(json.loads(sys.argv[1]))
    host = lab.host(int(sys.argv[2]))
    cgroup.enter(host.network_namespace)
    os.execvp("nsenter", [
        "nsenter", f"--net=/run/netns/{host.network_namespace}",
        "unshare", "--mount", "--uts", "--ipc", "--pid", "--cgroup", "--fork", "--kill-child", "--propagation", "private",
        sys.executable, "-m", "ferrolab.node", sys.argv[1], sys.argv[2]])


if __name__ == "__main__":
    main()
