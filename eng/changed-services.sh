#!/usr/bin/env bash
# Prints the services whose image would be another one than at commit SINCE, one per line; without SINCE all. A service's image is made of its own folder, of what all
# .NET services share, and, of the one that hosts others, of theirs.
# Usage: changed-services.sh [SINCE]
set -euo pipefail
cd "$(git rev-parse --show-toplevel)"
since=${1:-}
shared='^(contracts|services/shared|build)/|^services/Directory\.Build\.props$|^Directory\.(Build|Packages)\.props$|^global\.json$'

changed() { git diff --name-only "$since" HEAD | grep -qE "$1"; }

for folder in services/*/; do
  service=$(basename "$folder")
  if [ -f "$folder/Program.cs" ]; then
    hosted=$(sed -nE 's|.*ProjectReference Include="\.\./([a-z]+)/.*|\1|p' "$folder"*.csproj | paste -sd '|')
    inputs="^services/(${hosted:+$hosted|}$service)/|$shared"
    # Only who runs workflows carries the workflow library.
    if grep -q Workflow.targets "$folder"*.csproj; then inputs="$inputs|^workflow/"; fi
  elif [ -f "$folder/Containerfile" ]; then
    inputs="^services/$service/"
  else
    continue
  fi
  if [ -z "$since" ] || changed "$inputs"; then echo "$service"; fi
done
