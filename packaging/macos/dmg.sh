#!/usr/bin/env bash
# dist/PhotoSearch.app and Finder's menu entry → dist/PhotoSearch-VERSION.dmg, signed and notarised where the keys are there:
#   CODESIGN_IDENTITY  “Developer ID Application: …”, also given to “build.py folder”, which signs what is inside
#   NOTARY_PROFILE     what “xcrun notarytool store-credentials” was told to call it
set -euo pipefail
cd "$(dirname "$0")/../.."
version=$(sed -n 's/^__version__ = "\(.*\)"/\1/p' photosearch/__init__.py)
app=dist/PhotoSearch.app image=dist/PhotoSearch-$version.dmg

if [ -n "${CODESIGN_IDENTITY:-}" ]; then
    codesign --force --options runtime --timestamp --entitlements packaging/macos/entitlements.plist \
        --sign "$CODESIGN_IDENTITY" "$app"
    codesign --verify --strict --deep "$app"
else
    codesign --force --sign - "$app" # opens on this machine; others ask before they open it
fi

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
cp -R "$app" "packaging/macos/Find Similar Photos.workflow" "$stage/"
ln -s /Applications "$stage/Applications"
rm -f "$image"
hdiutil create -volname PhotoSearch -srcfolder "$stage" -format ULFO "$image"

if [ -n "${NOTARY_PROFILE:-}" ]; then
    codesign --sign "$CODESIGN_IDENTITY" --timestamp "$image"
    xcrun notarytool submit "$image" --keychain-profile "$NOTARY_PROFILE" --wait
    xcrun stapler staple "$image"
fi
echo "$image"
