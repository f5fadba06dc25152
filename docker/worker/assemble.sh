#!/bin/sh
# Puts the command line, built and with just its own dependencies, into the folder that is named. Run in the repository.
set -eu
target=${1:?'Name the folder to fill, such as /app.'}
pnpm() { npx --yes pnpm@12.4.2 "$@"; }
pnpm install --frozen-lockfile
pnpm --filter '@holodeck/cli...' run build
pnpm --filter @holodeck/cli deploy --legacy --prod "$target"
