#!/usr/bin/env bash
# The head of an AppImage, for APPIMAGE_RUNTIME, from its makers' sources: it mounts or unpacks what follows it.
#   packaging/linux/runtime.sh TYPE2_RUNTIME SQUASHFUSE OUT    two checkouts, and the file to write
# OUT.copyright tells the licences of what is in it. The commits it was tried with are in .github/workflows/packages.yml.
# Needs gcc and make, and what needed.sh installs.
set -euo pipefail
[ $# = 3 ] || { sed -n 3,4p "$0" >&2; exit 2; }
head=$(realpath "$1") squashfuse=$(realpath "$2") out=$(realpath "$3")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r "$head" "$work/head"
cp -r "$squashfuse" "$work/squashfuse"
commit=$(git -C "$head" describe --always 2>/dev/null || echo unknown)
# So that of each library only what is called comes along.
flags=(-Os -ffunction-sections -fdata-sections)

cd "$work/squashfuse"
./autogen.sh
# zstd is what the packages are packed with, zlib what mksquashfs takes by itself.
./configure --disable-shared --disable-high-level --disable-demo --without-lzo --without-lz4 --without-xz \
    CFLAGS="${flags[*]}"
make libsquashfuse.la libsquashfuse_ll.la

cd "$work/head/src/runtime"
# Where there is no FUSE it unpacks itself into a folder that all who run it share, and the first of them to end
# deletes it: a second start, which hands its photo to the open window, would take the window's files away.
sed -i 's/strlen(temp_base) + 20/strlen(temp_base) + 40/
    s/free(hexlified_digest);/&\n        sprintf(prefix + strlen(prefix), "_%d", (int) getpid());/' runtime.c
[ "$(grep -c -e 'temp_base) + 40' -e 'prefix), "_%d"' runtime.c)" = 2 ]
gcc -std=gnu99 "${flags[@]}" -fPIE -static-pie -Wl,--gc-sections -T data_sections.ld -D_FILE_OFFSET_BITS=64 \
    "-DGIT_COMMIT=\"$commit\"" -I"$work/squashfuse" -I"$work" $(pkg-config --cflags fuse3) runtime.c \
    "$work"/squashfuse/.libs/lib{squashfuse,squashfuse_ll,fuseprivate}.a -lfuse3 -lzstd -lz -lpthread -ldl -o runtime
strip runtime
# By these bytes desktops know an AppImage; strip would not leave them.
printf 'AI\x02' | dd of=runtime bs=1 seek=8 conv=notrunc status=none
install -m 755 runtime "$out"

{
    printf '%s\n\n' "The head of the AppImage: AppImage/type2-runtime $commit" && cat "$head/LICENSE"
    printf '\n%s\n\n' "squashfuse, in it" && cat "$squashfuse/LICENSE"
    for package in libfuse3-dev libzstd-dev zlib1g-dev libc6-dev; do
        printf '\n%s\n\n' "$package $(dpkg-query -W -f '${Version}' "$package"), in it"
        cat "/usr/share/doc/$package/copyright"
    done
    # Debian's files only say where this one lies.
    printf '\n' && cat /usr/share/common-licenses/LGPL-2.1
} >"$out.copyright"
