#!/usr/bin/env bash
# Makes the tests' Python environment below target/ from the pinned list; does nothing when it stands.
set -euo pipefail
cd "$(dirname "$0")/.."

venv=${1:-target/venv}
pins=tests/requirements.txt
stamp=$venv/installed.txt

if cmp --silent $pins "$stamp" && "$venv/bin/python" -c 'import dkim' 2>/dev/null; then
  exit 0
fi
python=/usr/bin/python3
[ -x $python ] || python=python3
echo "Installing the tests' Python packages into $venv:"
sed -n 's/^\([a-z].*\)/  \1/p' $pins
rm -rf "$venv"
"$python" -m venv "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input -r $pins
cp $pins "$stamp"
