#!/bin/sh
# Runs the image's steps without Docker, on a copy of the last commit, and looks whether the worker starts.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
git clone --quiet "$root" "$folder/source"
cd "$folder/source"
sh docker/worker/assemble.sh "$folder/app"
node=$folder/source/node_modules/.bin/node
cd "$folder"
"$node" "$folder/app/dist/main.js" worker --help > /dev/null
(cd "$folder/app" && "$node" --input-type=module --eval "await import('flydrive/drivers/s3')")
# Nothing listens on port 1: the worker must say so, and end with an error.
if "$node" "$folder/app/dist/main.js" worker --queue redis://127.0.0.1:1 2> "$folder/log"; then
  echo 'The worker started without a server.' >&2
  exit 1
fi
grep -q 'redis://127.0.0.1:1 cannot be reached' "$folder/log"
echo 'The worker of the image starts.'
