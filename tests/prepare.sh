#!/usr/bin/env bash
# Installs what the tests need beside Python: packages, a browser, and real Asterisk servers.
# On a machine that is not Debian, or without root, it says what is left out and goes on; under CI it
# fails, since nothing may be left out there.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
packages=(debootstrap debian-archive-keyring postgresql chromium chromium-headless-shell sip-tester)

leave_out() {
    echo "left out: the rings on real Asterisk, PostgreSQL and Chromium: $1" >&2
    if [ "${CI:-}" = "true" ]; then
        echo "under CI nothing may be left out" >&2
        exit 1
    fi
    exit 0
}

[ -e /etc/debian_version ] || leave_out "this machine is not Debian"
[ "$(id -u)" -eq 0 ] || leave_out "installing packages and chroot need root"

# what browsers load comes from npm's registry; nothing of npm's is needed where it has been fetched before
command -v npm >/dev/null || packages+=(npm)

missing=()
for package in "${packages[@]}"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
if [ "${#missing[@]}" -gt 0 ]; then
    echo "installing ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    # a cluster of its own is started by the tests; the package must not start another one
    mkdir -p /etc/postgresql-common
    [ -e /etc/postgresql-common/createcluster.conf ] || echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi
PYTHONPATH="${here}" "${here}/../.venv/bin/python" -m bench.testbed.install sid bullseye
"${here}/../.venv/bin/python" "${here}/../requirements/bring_npm.py"
PYTHONPATH="${here}:${here}/.." "${here}/../.venv/bin/python" -m acceptance.shelf
# the pages' templates as code: no test waits until the first process that shows pages has had them read
PYTHONPATH="${here}/.." "${here}/../.venv/bin/python" -m dialer.web.template_reading
