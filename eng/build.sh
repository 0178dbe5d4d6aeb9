#!/usr/bin/env bash
# Builds the solution. With --if-changed only when a source is newer than the last build: asking MSBuild about every project takes many seconds, asking
# the file system takes none.
set -euo pipefail
cd "$(dirname "$0")/.."
begun=artifacts/build-begun
ended=artifacts/build-ended

changed() {
  [ -f "$ended" ] && [ -f sidecar/Eventide.Sidecar.Cli/bin/Release/net10.0/eventide.dll ] || return 0

  # A file may have changed while the build ran. A folder is newer when a file in it was deleted, and the build itself makes folders in it.
  [ -n "$(find . -mindepth 1 \( -name .git -o -name bin -o -name obj -o -name node_modules -o -path ./artifacts -o -path ./data -o -path ./docs \) -prune \
    -o -type d -newer "$ended" -print -o -type f -newer "$begun" \( -name '*.cs' -o -name '*.csproj' -o -name '*.props' -o -name '*.targets' -o -name '*.proto' -o -name '*.razor' \
    -o -name '*.json' -o -name '*.sln' -o -path '*/wwwroot/*' \) -print | head -n 1)" ]
}

if [ "${1:-}" = --if-changed ] && ! changed; then
  exit 0
fi

mkdir -p artifacts
rm -f "$ended"
touch "$begun"
eng/restore.sh
if ! dotnet build Dapr.sln -c Release -v q -nologo --no-restore; then
  echo "The build failed, so nothing was started; the first error above says where." >&2
  exit 1
fi

touch "$ended"
