# Shared by the scripts of every app: sourced, not run. Each app folder has `app.env` (URL, user, password, where its state lies) and the
# scripts install, start, reset, stop and mfa-state, all idempotent, all for root or for a user with sudo. Everything listens on loopback.
set -euo pipefail
APP_DIR=$(cd "$(dirname "${BASH_SOURCE[1]}")" && pwd)
APP=$(basename "$APP_DIR")
REPO=$(cd "$APP_DIR/../../.." && pwd)
APPS=${TOTPILOT_APPS_DIR:-/var/lib/totpilot-apps}
WORK=$APPS/$APP
. "$APP_DIR/app.env"

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }
# Once, at the beginning of what needs root: asks for the password while somebody looks.
ask_for_root() { [ "$(id -u)" = 0 ] || sudo -v; }
say() { printf '%s: %s\n' "$APP" "$*" >&2; }
die() { say "$*"; exit 1; }

# What lies in these directories is run, as root too: nobody else may have put it there.
require_safe() {
  [ -d "$1" ] && [ ! -L "$1" ] || die "$1 is no directory"
  [ $((0$(stat -c %a "$1") & 022)) = 0 ] || die "others may write into $1: remove it, or set TOTPILOT_APPS_DIR to another"
}
require_ours() {
  require_safe "$1"
  [ "$(stat -c %u "$1")" = "$(id -u)" ] || die "$1 belongs to $(stat -c %U "$1"): remove it, or set TOTPILOT_APPS_DIR to another"
}
require_ours_or_roots() { require_safe "$1"; [ "$(stat -c %u "$1")" = 0 ] || require_ours "$1"; }
check_work() {
  [ ! -e "$APPS" ] || require_ours_or_roots "$APPS"
  [ ! -e "$WORK" ] || require_ours "$WORK"
}
check_work

prepare_work() {
  [ -e "$APPS" ] || as_root install -d -m 755 "$APPS"
  [ -e "$WORK" ] || as_root install -d -m 755 -o "$(id -u)" "$WORK"
  check_work
}

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
# The same as the user of web servers. Variables of this shell do not cross: name them with `env`. sudo itself stays in this session,
# where it may ask for the password and knows that it was given.
launch_as_web() {
  local log=$WORK/$1; shift
  : >"$log"
  : >>"$WORK/groups"
  as_root setsid --fork sh -c 'echo $$ >>"$1"; exec >>"$2" 2>&1 </dev/null; shift 2; exec "$@"' sh "$WORK/groups" "$log" \
    setpriv --reuid=www-data --regid=www-data --clear-groups "$@"
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
