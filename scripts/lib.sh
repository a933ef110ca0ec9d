# Shared by the scripts beside it; sourced, not run. Knows how to say what is being done and how to become root.

set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

if [ -t 1 ]; then bold=$'\e[1m' plain=$'\e[0m'; else bold= plain=; fi

# A heading with the time since the script began.
say() { printf '%s== %s%s  (%d:%02d)\n' "$bold" "$*" "$plain" $((SECONDS / 60)) $((SECONDS % 60)); }

# One sentence on what is wrong and what to do, then the end.
fail() { printf '\n%s\n' "$*" >&2; exit 1; }

# Runs a command as root: directly, or with sudo.
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else fail "This needs root, and there is no sudo. Run it as root: $*"; fi
}

# Node.js from the local fallback, where setup had to fetch one (see setup).
if [ -x "$root/.gradus/node/bin/node" ]; then PATH="$root/.gradus/node/bin:$PATH"; fi

# Where the guest is built (see build-guest): static, so that it runs in any image.
guest_target="$(uname -m)-unknown-linux-gnu"
export GRADUS_GUEST="$root/target/guest/$guest_target/guest/eval-guest"
