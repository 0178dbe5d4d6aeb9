#!/usr/bin/env bash
# Builds one OCI image per service, eventide/<service>:<tag>, as the chart names them: .NET's with the SDK (no Docker needed), Node's with its Containerfile.
#   SERVICES="payment fleet"   which ones; all by default
#   TAG=1.2.3                  by default the appVersion of the chart
#   REGISTRY=HOST[/PATH]       they are pushed there; without it they go to the local Docker or Podman
#   ARCHIVE=DIR                they are written there as archives instead
#   BASE_IMAGE=IMAGE           the base of the .NET services, with ASP.NET Core 10; by default Microsoft's chiselled one
#   NODE_BASE_IMAGE=IMAGE      the base of the Node.js service
#   CONTAINER_ENGINE=COMMAND   docker, podman or buildah, with options, for the Node.js service; by default the first that is there
set -euo pipefail
cd "$(dirname "$0")/.."

stop() {
  echo "error: $1" >&2
  exit 1
}

[ "${1:-}" = --no-build ] || eng/build.sh --if-changed

all=()
for folder in services/*/; do
  if [ -f "$folder/Program.cs" ] || [ -f "$folder/Containerfile" ]; then all+=("$(basename "$folder")"); fi
done
read -ra services <<<"${SERVICES:-${all[*]}}"
tag=${TAG:-$(sed -nE 's/^appVersion: "?([^"]+)"?$/\1/p' charts/eventide/Chart.yaml)}
registry=${REGISTRY:-} archive=${ARCHIVE:-}
[ "$tag" != latest ] || stop "TAG=latest means another image every day; name a version."

if [ -z "$registry$archive" ] && ! command -v docker >/dev/null && ! command -v podman >/dev/null; then
  stop "There is neither Docker nor Podman here to keep the images; say REGISTRY=HOST[/PATH] to push them or ARCHIVE=DIR to write them there."
fi
[ -z "$archive" ] || mkdir -p "$archive"

# The SDK wants the host and the path apart.
host=${registry%%/*} path=
[ "$host" = "$registry" ] || path=${registry#*/}/

dotnet_image() {
  local project=(services/"$1"/*.csproj) arguments=(-p:ContainerRepository="${path}eventide/$1" -p:ContainerImageTag="$tag" -p:PackageVersion="$tag")
  [ -z "${BASE_IMAGE:-}" ] || arguments+=(-p:ContainerBaseImage="$BASE_IMAGE")
  if [ -n "$archive" ]; then
    arguments+=(-p:ContainerArchiveOutputPath="$(realpath "$archive")/eventide-$1-$tag.tar.gz")
  elif [ -n "$host" ]; then
    arguments+=(-p:ContainerRegistry="$host")
  fi
  dotnet publish "${project[0]}" -c Release --no-build -t:PublishContainer "${arguments[@]}" -v q -nologo
}

node_image() {
  local engine=() name="${registry:+$registry/}eventide/$1:$tag" insecure=()
  read -ra engine <<<"${CONTAINER_ENGINE:-$(basename "$(command -v docker || command -v podman || command -v buildah || true)")}"
  [ ${#engine[@]} -gt 0 ] || stop "$1 is built by docker, podman or buildah, and none of them is here; install one, or leave it out with SERVICES."
  "${engine[@]}" build -q -f "services/$1/Containerfile" ${NODE_BASE_IMAGE:+--build-arg BASE_IMAGE="$NODE_BASE_IMAGE"} -t "$name" "services/$1" >/dev/null
  if [ -n "$archive" ]; then
    if [ "${engine[0]##*/}" = docker ]; then
      docker save "$name" | gzip >"$archive/eventide-$1-$tag.tar.gz"
    else
      "${engine[@]}" push -q "$name" "docker-archive:$archive/eventide-$1-$tag.tar"
    fi
  elif [ -n "$registry" ]; then
    # A registry of one's own machine speaks HTTP; Docker knows that by itself.
    case "${engine[0]##*/}:$host" in podman:localhost* | podman:127.* | buildah:localhost* | buildah:127.*) insecure=(--tls-verify=false) ;; esac
    "${engine[@]}" push -q "${insecure[@]}" "$name" >/dev/null
  fi
}

for service in "${services[@]}"; do
  if [ -f "services/$service/Containerfile" ]; then
    node_image "$service"
  elif [ -f "services/$service/Program.cs" ]; then
    dotnet_image "$service"
  else
    stop "There is no service $service; there are ${all[*]}."
  fi
  echo "${registry:+$registry/}eventide/$service:$tag${archive:+ in $archive}"
done
