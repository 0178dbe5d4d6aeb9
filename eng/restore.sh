#!/usr/bin/env bash
# Finds out once which workflow library this machine can use, then restores the solution.
# The answer is kept in artifacts/workflow.props until the package versions change; --again asks anew.
set -euo pipefail
cd "$(dirname "$0")/.."
answer=artifacts/workflow.props

if [ "${1:-}" = --again ] || [ ! -f "$answer" ] || [ Directory.Packages.props -nt "$answer" ]; then
  mkdir -p artifacts
  if dotnet restore eng/workflow-probe --verbosity quiet >artifacts/workflow-probe.log 2>&1; then
    library=official
    echo "workflow library: official (the package feed has Dapr.Workflow)"
  else
    library=builtin
    echo "workflow library: builtin (the package feed does not have Dapr.Workflow; artifacts/workflow-probe.log tells more)"
  fi
  cat >"$answer.new" <<PROPS
<Project>
  <!-- Written by eng/restore.sh. Delete it to have it written anew. -->
  <PropertyGroup>
    <WorkflowPackage>$library</WorkflowPackage>
  </PropertyGroup>
</Project>
PROPS
  mv "$answer.new" "$answer"
fi

dotnet restore Dapr.sln --verbosity quiet
