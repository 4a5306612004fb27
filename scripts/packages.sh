#!/usr/bin/env bash
# Installs the Debian packages that a task needs and that are missing, saying which and why.
#
# Usage: scripts/packages.sh build|demo|test|fuzz
#
# Works as root or through sudo. Asks nothing, starts no service, and fetches package lists
# only when something is missing and the lists at hand do not know it.
set -euo pipefail

# What is needed and why: package|reason.
build=(
  "gcc|compiles the C parts: SQLite, zstd and the AWS-LC cryptography library"
  "libc6-dev|C headers, and what the Rust linker links with"
)
demo=(
  "${build[@]}"
  "tesseract-ocr|reads the text in pictures: the demo sends a scanned register"
  "tesseract-ocr-eng|what Tesseract knows of English"
  "swaks|sends a message of your own while the demo runs"
)
test=(
  "${build[@]}"
  "postfix|the real mail server in front of and behind the gateway in the tests; its service is not started"
  "tesseract-ocr|reads the scans among the golden messages, in its cage, as in a school"
  "tesseract-ocr-eng|what Tesseract knows of English"
  "openssl|makes the key that dkimpy signs with"
  "python3|runs dkimpy, the independent DKIM signer and verifier"
  "python3-venv|keeps dkimpy in a folder of its own below target/"
)
fuzz=(
  "${build[@]}"
  "g++|compiles libFuzzer, which comes as source with a crate"
  "python3|takes the seeds out of the golden messages"
)

case ${1:-} in
  build) wanted=("${build[@]}") ;;
  demo) wanted=("${demo[@]}") ;;
  test) wanted=("${test[@]}") ;;
  fuzz) wanted=("${fuzz[@]}") ;;
  *)
    echo "usage: $0 build|demo|test|fuzz" >&2
    exit 2
    ;;
esac

installed() {
  [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

if ! command -v dpkg-query >/dev/null; then
  echo "This is not Debian: see to these yourself:" >&2
  printf '  %s\n' "${wanted[@]/|/: }" >&2
  exit 0
fi

missing=()
for line in "${wanted[@]}"; do
  package=${line%%|*}
  installed "$package" && continue
  [ ${#missing[@]} -gt 0 ] || echo "These Debian packages are missing and will be installed:"
  echo "  $package: ${line#*|}"
  missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "Neither root nor sudo: have root run: apt-get install ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi

# Another apt may be at work (unattended upgrades): wait for it rather than fail.
apt() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 "$@" </dev/null
}

# A package's own service must not start, least of all a mail server on port 25. Where the
# machine has no rule of its own about that, one stands for as long as the installation runs.
rule=/usr/sbin/policy-rc.d
if [ ! -e $rule ]; then
  printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee $rule >/dev/null
  "${as_root[@]}" chmod 755 $rule
  trap '"${as_root[@]}" rm -f $rule' EXIT
fi

if printf '%s\n' "${missing[@]}" | grep -qx postfix; then
  echo "postfix postfix/main_mailer_type select No configuration" |
    "${as_root[@]}" debconf-set-selections 2>/dev/null || true
fi

# A new machine has no lists yet; old ones name files that are gone.
for package in "${missing[@]}"; do
  if [ -z "$(apt-cache madison "$package" 2>/dev/null)" ]; then
    apt update
    break
  fi
done
if ! apt install --yes --no-install-recommends "${missing[@]}"; then
  echo "Fetching fresh package lists and trying once more."
  apt update
  apt install --yes --no-install-recommends "${missing[@]}"
fi
