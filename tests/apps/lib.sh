# Shared by the scripts of every app: sourced, not run. Each app folder has `app.env` (URL, user, password, where its state lies) and the
# scripts install, start, reset, stop and mfa-state, all idempotent, all for root or for a user with sudo. Everything listens on loopback.
set -euo pipefail
APP_DIR=$(cd "$(dirname "${BASH_SOURCE[1]}")" && pwd)
APP=$(basename "$APP_DIR")
REPO=$(cd "$APP_DIR/../../.." && pwd)
WORK=${TOTPILOT_APPS_DIR:-/var/tmp/totpilot-apps}/$APP
. "$APP_DIR/app.env"

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }
say() { printf '%s: %s\n' "$APP" "$*" >&2; }
die() { say "$*"; exit 1; }

prepare_work() { as_root mkdir -p "$WORK"; as_root chown "$(id -u)" "$WORK"; as_root chmod 755 "$WORK"; }

# debian PACKAGE...: installs what is missing.
debian() {
  local missing=() p
  for p in "$@"; do dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q 'install ok installed' || missing+=("$p"); done
  [ ${#missing[@]} -eq 0 ] && return 0
  as_root apt-get update -qq || true
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# launch LOG COMMAND...: starts a server in a process group of its own, as this user, and remembers the group.
launch() {
  local log=$1; shift
  setsid "$@" >"$WORK/$log" 2>&1 </dev/null &
  echo $! >>"$WORK/groups"
}
# The same as the user of web servers. Variables of this shell do not cross: name them with `env`.
launch_as_web() {
  local log=$1; shift
  if [ "$(id -u)" = 0 ]; then launch "$log" setpriv --reuid=www-data --regid=www-data --clear-groups "$@"
  else launch "$log" sudo -n setpriv --reuid=www-data --regid=www-data --clear-groups "$@"; fi
}

# Ends the groups that launch started, if they are still what they were.
end_groups() {
  local group
  [ -f "$WORK/groups" ] || return 0
  for group in $(cat "$WORK/groups"); do
    [ "$(ps -o pgid= -p "$group" 2>/dev/null | tr -d ' ')" = "$group" ] || continue
    as_root kill -TERM -- "-$group" 2>/dev/null || continue
    timeout 10 tail --pid="$group" -s 0.1 -f /dev/null || as_root kill -KILL -- "-$group" 2>/dev/null || true
  done
  rm -f "$WORK/groups"
}

# answers URL: waits up to 90 s until the address answers with success.
answers() {
  curl -fsS --noproxy '*' --retry 450 --retry-delay 0 --retry-max-time 90 --retry-all-errors --connect-timeout 2 -o /dev/null "$1" 2>/dev/null \
    || die "does not answer at $1; see $WORK"
}

# as_web COMMAND...: as the user of web servers.
as_web() { as_root setpriv --reuid=www-data --regid=www-data --clear-groups "$@"; }
