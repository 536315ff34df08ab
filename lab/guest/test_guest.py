#!/usr/bin/env python3
"""Boots the tiny guest for real and talks to its agent over both ports. Runs under pytest or by itself.

Without QEMU the tests fail rather than pass by absence: this machine cannot say whether the agent works.
"""

import shutil
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
# pylint: disable-next=wrong-import-position
from machine import Machine

SERIAL = "tiny-disk-0001"
#: Seconds from the start of QEMU to the agent's first answer. The aim is 10 on a quiet machine; the rest is for a busy one.
BOOT_TIME = 40
images = {}


def setUpModule():
    """Builds the image, or finds it built."""
    built = subprocess.run([Path(__file__).with_name("build")], text=True, check=True, stdout=subprocess.PIPE)
    images["disk"] = Path(built.stdout.strip())


class TinyGuest(unittest.TestCase):
    """Each test has a machine of its own."""

    def setUp(self):
        self.assertIsNotNone(shutil.which("qemu-system-x86_64"), "QEMU is not installed: run make setup")
        folder = tempfile.TemporaryDirectory(prefix="tiny-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def boot(self, machine="pc", extra=()):
        """A machine from an overlay over the image."""
        overlay = self.folder / "disk.qcow2"
        command = ["qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", str(images["disk"]), str(overlay)]
        subprocess.run(command, check=True)
        disk = ["-drive", f"file={overlay},if=none,id=disk,format=qcow2", *extra]
        guest = Machine(self.folder, [*disk, "-device", f"virtio-blk-pci,drive=disk,serial={SERIAL}"], machine)
        self.addCleanup(guest.__exit__)
        return guest

    def wait_for_agent(self, guest):
        """The QEMU guest agent port, once it answers as libvirt would ask."""
        port = guest.port("qemu")
        self.addCleanup(port.close)
        port.socket.sendall(b'\xff{"execute":"guest-sync-delimited","arguments":{"id":77}}\n')
        try:
            self.assertEqual(port.receive(BOOT_TIME), {"return": 77})
        except TimeoutError:
            self.fail(f"no answer from the agent:\n{guest.console()}")
        print(f"agent answered {guest.age():.1f} s after the start", file=sys.stderr)
        return port

    def facts_until(self, port, done, timeout=20):
        """Folds reports until `done` holds of them."""
        facts = {}
        deadline = time.monotonic() + timeout
        while not done(facts):
            report = port.receive(deadline - time.monotonic())
            self.assertEqual(report["version"], 1)
            facts.update(report)
        return facts

    def assert_off(self, guest):
        """The guest powered itself off."""
        try:
            self.assertEqual(guest.process.wait(timeout=30), 0)
        except subprocess.TimeoutExpired:
            self.fail(f"still running:\n{guest.console()}")

    def test_both_ports_and_an_orderly_shutdown(self):
        """What the host needs to know and do, through both ports."""
        guest = self.boot()
        qemu = self.wait_for_agent(guest)
        facts_port = guest.port("facts")
        self.addCleanup(facts_port.close)

        def has_address(facts):
            interfaces = facts.get("network", {}).get("interfaces", [])
            return "packages" in facts and any(a["address"] == "10.0.2.15" for i in interfaces for a in i["addresses"])

        facts = self.facts_until(facts_port, has_address)
        self.assertEqual(facts["host_name"], {"host_name": "tiny", "fqdn": "tiny.lab.internal"})
        self.assertEqual(facts["operating_system"]["distribution"], "ferrovirt-tiny")
        self.assertEqual(facts["time_zone"], {"name": "UTC", "offset_seconds": 0})
        self.assertEqual(facts["network"]["interfaces"][0]["mac"], "52:54:00:00:00:05")
        self.assertEqual(facts["disks"]["disks"][0]["serial"], SERIAL)
        self.assertGreater(facts["memory"]["total"], 64 * 1024 * 1024)
        self.assertEqual(facts["file_systems"]["file_systems"][0]["mount_point"], "/")
        self.assertIn("ferrovirt-guest-agent", [package["name"] for package in facts["packages"]["packages"]])

        self.assertEqual(qemu.ask("guest-ping"), {"return": {}})
        interfaces = {i["name"]: i for i in qemu.ask("guest-network-get-interfaces")["return"]}
        self.assertIn("10.0.2.15", [a["ip-address"] for a in interfaces["eth0"]["ip-addresses"]])
        self.assertEqual(qemu.ask("guest-get-osinfo")["return"]["id"], "ferrovirt-tiny")
        self.assertEqual(qemu.ask("guest-get-fsinfo")["return"][0]["disk"][0]["serial"], SERIAL)
        self.assertEqual(qemu.ask("guest-exec", {"path": "/bin/true"})["error"]["class"], "CommandNotFound")

        qemu.send({"execute": "guest-shutdown"})
        self.assert_off(guest)

    def test_freezing_holds_everything_else_back(self):
        """A snapshot's freeze and thaw."""
        guest = self.boot("q35")
        qemu = self.wait_for_agent(guest)
        self.assertEqual(qemu.ask("guest-fsfreeze-freeze"), {"return": 1})
        self.assertEqual(qemu.ask("guest-fsfreeze-status"), {"return": "frozen"})
        self.assertEqual(qemu.ask("guest-get-osinfo")["error"]["class"], "GenericError")
        self.assertEqual(qemu.ask("guest-ping"), {"return": {}})
        facts_port = guest.port("facts")
        self.addCleanup(facts_port.close)
        facts_port.send({"version": 1, "request": 1, "shutdown": {"reboot": True}})
        reply = self.facts_until(facts_port, lambda facts: "reply" in facts)
        self.assertFalse(reply["reply"]["accepted"])
        self.assertNotIn("hello", reply, "facts wait for the thaw")
        self.assertEqual(qemu.ask("guest-fsfreeze-thaw"), {"return": 1})
        self.facts_until(facts_port, lambda facts: "hello" in facts and "packages" in facts)
        self.assertEqual(qemu.ask("guest-fsfreeze-status"), {"return": "thawed"})
        self.assertGreater(qemu.ask("guest-fstrim")["return"]["paths"][0]["trimmed"], 0)

    def test_a_host_that_hangs_up_may_come_back(self):
        """Reconnects, answers to requests, changes as they happen, and the shutdown of the facts port."""
        guest = self.boot()
        qemu = self.wait_for_agent(guest)
        for _ in range(3):
            facts_port = guest.port("facts")
            facts = self.facts_until(facts_port, lambda facts: "hello" in facts and "packages" in facts)
            facts_port.close()
            time.sleep(0.5)
        facts_port = guest.port("facts")
        self.addCleanup(facts_port.close)
        first = self.facts_until(facts_port, lambda facts: "packages" in facts)
        self.assertGreater(first["sequence"], facts["sequence"])
        facts_port.send({"version": 1, "request": 5, "refresh": {}})
        again = self.facts_until(facts_port, lambda facts: "reply" in facts and "packages" in facts)
        self.assertEqual(again["reply"], {"request": 5, "accepted": True, "detail": ""})
        facts_port.send({"version": 9, "request": 6})
        refused = self.facts_until(facts_port, lambda facts: facts.get("reply", {}).get("request") == 6)
        self.assertFalse(refused["reply"]["accepted"])
        facts_port.socket.sendall(b"\x00\xff{nonsense\n" + b"[" * 5000 + b"\n")
        self.assertEqual(qemu.ask("guest-ping"), {"return": {}})
        facts_port.send({"version": 1, "request": 7, "shutdown": {"reboot": False, "message": "maintenance"}})
        self.assert_off(guest)

    def test_the_power_button_and_a_boot_from_memory(self):
        """No disk at all: kernel and initramfs alone; ACPI's power button shuts down."""
        folder = images["disk"].parent
        extra = ["-kernel", str(folder / "vmlinuz"), "-initrd", str(folder / "initrd.img")]
        line = "console=ttyS0 quiet ferrovirt.memory ferrovirt.hostname=small"
        guest = Machine(self.folder, [*extra, "-append", line])
        self.addCleanup(guest.__exit__)
        qemu = self.wait_for_agent(guest)
        self.assertEqual(qemu.ask("guest-get-host-name"), {"return": {"host-name": "small"}})
        guest.press_power_button()
        self.assert_off(guest)


if __name__ == "__main__":
    unittest.main()
