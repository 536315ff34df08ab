"""What oVirt's own transfer client does against the transfer port: upload, download, extents, checksums.

It refuses to know how the tickets were made. Called by `imageio.rs`; prints one JSON object.
"""

import hashlib
import json
import ssl
import subprocess
import sys
import urllib.error
import urllib.request

from ovirt_imageio import client


def same(left, right):
    """Whether two images hold the same disk, by QEMU's own comparison."""
    command = ["qemu-img", "compare", "-q", "-f", "qcow2", "-F", "qcow2", left, right]
    return subprocess.run(command, check=False).returncode == 0


def upload(source, url, ca, **options):
    client.upload(source, url, ca, **options)
    return {}


def download(source, url, ca, target):
    client.download(url, target, ca)
    with client.ImageioClient(url, cafile=ca) as image:
        extents = [extent.to_dict() for extent in image.extents("zero")]
        size = image.size()
        workers = [image.max_readers, image.max_writers]
    remote = json.loads(call(url, ca, "GET", "/checksum")[2])
    return {
        "same": same(source, target),
        "checksum": remote["checksum"] == client.checksum(source)["checksum"],
        "algorithm": remote["algorithm"],
        "size": size,
        "workers": workers,
        "zero": sum(extent["length"] for extent in extents if extent["zero"]),
        "data": sum(extent["length"] for extent in extents if not extent["zero"]),
    }


def call(url, ca, method, path="", body=None, headers=None):
    """One bare request: status, headers, body."""
    request = urllib.request.Request(url + path, data=body, method=method, headers=headers or {})
    context = ssl.create_default_context(cafile=ca)
    try:
        with urllib.request.urlopen(request, context=context) as answer:
            return answer.status, dict(answer.headers), answer.read()
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers), error.read()


def put(source, url, ca):
    """Uploads an image's own bytes, as for `format=cow`."""
    with open(source, "rb") as file:
        content = file.read()
    status, _, _ = call(url, ca, "PUT", body=content, headers={"Content-Type": "application/octet-stream"})
    _, _, back = call(url, ca, "GET")
    return {"status": status, "same": hashlib.sha256(content).digest() == hashlib.sha256(back).digest()}


def requests(url, ca):
    """Statuses of requests at the edges of the protocol."""
    sized = {"Content-Type": "application/octet-stream"}
    whole, headers, body = call(url, ca, "GET")
    part = call(url, ca, "GET", headers={"Range": "bytes=10-19"})
    preflight = call(url, ca, "OPTIONS", headers={"Origin": "https://x", "Access-Control-Request-Method": "PUT",
                                                  "Access-Control-Request-Headers": "content-range"})
    zero = json.dumps({"op": "zero", "offset": 4096, "size": 4096, "flush": True}).encode()
    return {
        "whole": [whole, int(headers["content-length"]) == len(body), headers.get("content-disposition")],
        "part": [part[0], part[1].get("content-range"), len(part[2])],
        "beyond": call(url, ca, "GET", headers={"Range": "bytes=0-99999999999"})[0],
        "many": call(url, ca, "GET", headers={"Range": "bytes=0-1,4-5"})[0],
        "unknown": call(url.rsplit("/", 1)[0] + "/00000000-0000-4000-8000-000000000000", ca, "GET")[0],
        "put_beyond": call(url, ca, "PUT", body=b"x" * 10, headers={**sized, "Content-Range": "bytes 99999999999-*/*"})[0],
        "put_range": call(url, ca, "PUT", body=b"x", headers={**sized, "Content-Range": "nonsense"})[0],
        "put": call(url, ca, "PUT", "?flush=n", body=b"y" * 10, headers={**sized, "Content-Range": "bytes 10-19/*"})[0],
        "read_back": call(url, ca, "GET", headers={"Range": "bytes=10-19"})[2].decode(),
        "zero": call(url, ca, "PATCH", body=zero)[0],
        "flush": call(url, ca, "PATCH", body=b'{"op":"flush"}')[0],
        "patch": call(url, ca, "PATCH", body=b"{")[0],
        "dirty": call(url, ca, "GET", "/extents?context=dirty")[0],
        "algorithms": json.loads(call(url, ca, "GET", "/checksum/algorithms")[2])["algorithms"],
        "block_size": call(url, ca, "GET", "/checksum?block_size=5000")[0],
        "method": call(url, ca, "DELETE")[0],
        "star": json.loads(call(url.rsplit("/", 1)[0] + "/*", ca, "OPTIONS")[2])["features"],
        "allow": preflight[1].get("allow"),
        "cors": [preflight[1].get("access-control-allow-" + name) for name in ("origin", "headers", "methods")],
    }


print(json.dumps(globals()[sys.argv[1]](*sys.argv[2:])))
