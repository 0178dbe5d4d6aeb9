#!/usr/bin/env bash
# Makes a base image for .NET services out of this machine: the shared frameworks, the libraries that they load, and nothing else (no shell, no package manager), like a
# chiselled one. For tests where no registry can be reached; nobody deploys it.
# Usage: base-image.sh FOLDER, which gets the root file system.
set -euo pipefail
root=$1
dotnet=$(dirname "$(readlink -f "$(command -v dotnet)")")
mkdir -p "$root"/{app,etc,tmp,usr/bin,usr/share/dotnet/shared}
chmod 1777 "$root/tmp"

newest() { ls -d "$dotnet/shared/$1"/10.* | sort -V | tail -n 1; }
cp -a "$dotnet/dotnet" "$dotnet/host" "$root/usr/share/dotnet/"
for framework in Microsoft.NETCore.App Microsoft.AspNetCore.App; do
  mkdir -p "$root/usr/share/dotnet/shared/$framework"
  cp -a "$(newest $framework)" "$root/usr/share/dotnet/shared/$framework/"
done
ln -s ../share/dotnet/dotnet "$root/usr/bin/dotnet"

# What these load, at the same paths, the loader included; and OpenSSL, which is loaded by name.
{
  find "$root/usr/share/dotnet" -name '*.so' -exec ldd {} + 2>/dev/null
  ldd "$root/usr/share/dotnet/dotnet"
  ldconfig -p | grep -E 'lib(ssl|crypto)\.so\.3 .*x86-64|lib(ssl|crypto)\.so\.3 .*AArch64' || true
} | grep -oE '/[^ ]+\.so[^ ]*' | grep -v "^$root" | sort -u | while read -r library; do
  [ -e "$library" ] && [ ! -e "$root$library" ] && { mkdir -p "$root$(dirname "$library")"; cp -L "$library" "$root$library"; }
done
printf 'root:x:0:0::/:/none\napp:x:1654:1654::/app:/none\n' >"$root/etc/passwd"
printf 'root:x:0:\napp:x:1654:\n' >"$root/etc/group"
