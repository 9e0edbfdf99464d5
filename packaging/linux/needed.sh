#!/usr/bin/env bash
# What “make package” needs of Debian or Ubuntu: libraries that come along, or that the package asks for.
set -euo pipefail
packages=(
    binutils dpkg-dev squashfs-tools libdbus-1-3 libegl1 libfontconfig1 libfreetype6 libgl1 libglib2.0-0
    libwayland-client0 libwayland-cursor0 libwayland-egl1 libx11-6 libx11-xcb1 libxcb-cursor0 libxcb-icccm4
    libxcb-image0 libxcb-keysyms1 libxcb-randr0 libxcb-render-util0 libxcb-render0 libxcb-shape0 libxcb-shm0
    libxcb-sync1 libxcb-util1 libxcb-xfixes0 libxcb-xkb1 libxkbcommon-x11-0 libxkbcommon0 strace xvfb
    # for runtime.sh
    autoconf automake libtool pkg-config libfuse3-dev libzstd-dev zlib1g-dev
)
sudo=$([ "$(id -u)" = 0 ] || echo sudo)
$sudo apt-get update -q
DEBIAN_FRONTEND=noninteractive $sudo apt-get install -q -y --no-install-recommends "${packages[@]}"
