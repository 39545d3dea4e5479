#!/bin/sh
# Makes what the peers need: setup.sh DIRECTORY PAGE.json MOCKOON_PORT. Nothing outside the directory is changed, but
# for the PostgreSQL cluster, which lies in DIRECTORY-pg, because its server refuses to run as root.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
directory=$(cd "$1" && pwd)
[ -x "$directory/venv/bin/moto_server" ] || {
  python3 -m venv "$directory/venv"
  "$directory/venv/bin/pip" install --quiet -r "$here/requirements.txt"
}
[ -x "$directory/node_modules/.bin/prism" ] || {
  cp "$here/package.json" "$directory"
  npm install --prefix "$directory" --no-audit --no-fund --silent
}
python3 "$here/prepare.py" "$2" "$directory" "$3"
