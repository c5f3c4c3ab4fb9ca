#!/bin/sh
# Builds the image of the Dockerfile with buildah, as root, where neither a registry nor a Docker engine is in
# reach: the base comes from the Debian mirror by debootstrap. What follows the tag goes to `buildah build`.
set -eu

usage='usage: hardware/build-image.sh [TAG [BUILDAH-OPTION…]]'
case ${1:-} in -*) printf '%s\n' "$usage" >&2; exit 2 ;; esac
tag=${1:-penstock}
[ $# -eq 0 ] || shift
base=localhost/penstock-base:bookworm
mirror=${MIRROR:-http://deb.debian.org/debian}
source=$(cd "$(dirname "$0")/.." && pwd)
version=$(sed -n 's/^ *"version": *"\(.*\)",$/\1/p' "$source/package.json")

# Without a kernel's overlay support and without a service manager.
export STORAGE_DRIVER="${STORAGE_DRIVER:-vfs}" BUILDAH_ISOLATION="${BUILDAH_ISOLATION:-chroot}"

make_base() {
	directory=$(mktemp -d)
	trap 'rm -rf "$directory"' EXIT
	debootstrap --variant=minbase bookworm "$directory/root" "$mirror"
	# What debian:bookworm-slim leaves out too.
	rm -rf "$directory"/root/var/lib/apt/lists/* "$directory"/root/var/cache/apt/* \
		"$directory"/root/usr/share/doc/* "$directory"/root/usr/share/man/* \
		"$directory"/root/usr/share/locale/* "$directory"/root/var/log/*.log
	container=$(buildah from scratch)
	buildah add --quiet "$container" "$directory/root" /
	buildah config --cmd /bin/bash "$container"
	buildah commit --quiet --rm "$container" "$base"
}

for tool in buildah debootstrap; do
	command -v "$tool" >/dev/null || { printf '%s is missing.\nInstall it with: apt-get install %s\n' "$tool" "$tool" >&2; exit 3; }
done
buildah inspect --type image "$base" >/dev/null 2>&1 || make_base
# The Docker format, because the other one has no place for a health check.
buildah build --format docker --build-arg "BASE=$base" --tag "$tag:$version" --tag "$tag:latest" "$@" "$source"
