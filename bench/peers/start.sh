#!/bin/sh
# Starts one peer in the foreground: start.sh NAME DIRECTORY PORT. The directory is what setup.sh made.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
name=$1 directory=$(cd "$2" && pwd) port=$3
export PEERS_PORT="$port" PEERS_DATABASE="postgres://postgres@127.0.0.1:${PEERS_PG_PORT:-5499}/postgres"
cd "$directory"
pg=$(ls -d /usr/lib/postgresql/*/bin | tail -n 1)
# setpriv becomes the program, so that whoever ends this process ends the server; runuser would stay between them.
as_postgres() {
  [ "$(id -u)" = 0 ] && set -- setpriv --reuid postgres --regid postgres --init-groups -- "$@"
  exec "$@"
}
case $name in
postgres)
  [ -d "$directory-pg/data" ] || (
    mkdir -p "$directory-pg" && { chown postgres "$directory-pg" || true; }
    cd / && as_postgres "$pg/initdb" --auth trust --username postgres "$directory-pg/data" >/dev/null
  )
  cd / && as_postgres "$pg/postgres" -D "$directory-pg/data" -p "$port" -k "$directory-pg" -h 127.0.0.1 ;;
load) psql --quiet --command 'DROP SCHEMA public CASCADE; CREATE SCHEMA public' "$PEERS_DATABASE" &&
  exec psql --quiet --set ON_ERROR_STOP=1 --single-transaction --file rows.sql "$PEERS_DATABASE" ;;
fastapi) exec venv/bin/uvicorn --app-dir "$here" fastapi_app:app --host 127.0.0.1 --port "$port" --loop uvloop \
  --http httptools --no-access-log --log-level warning ;;
# Node resolves modules beside the file, so it runs from where they are.
fastify) cp "$here/fastify_app.mjs" . && exec node fastify_app.mjs ;;
prism) exec node_modules/.bin/prism mock --host 127.0.0.1 --port "$port" --verboseLevel error openapi.json ;;
mockoon) exec node_modules/.bin/mockoon-cli start --data mockoon.json --port "$port" --disable-log-to-file ;;
json-server) exec node_modules/.bin/json-server --host 127.0.0.1 --port "$port" --quiet db.json ;;
moto) exec venv/bin/moto_server -H 127.0.0.1 -p "$port" ;;
*) echo "no peer is called $name" >&2 && exit 2 ;;
esac
