#!/usr/bin/env bash
# environment.sh PYTHON VENV [REQUIREMENT…]: make or renew a virtual environment with this checkout in it,
# its development tools and the requirements. The file VENV/.ready says that it is done.
set -euo pipefail
python=$1 venv=$2
shift 2

if [ -z "$python" ] || ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    echo "Python 3.11 or later is needed. On Debian and Ubuntu: apt-get install python3 python3-venv" >&2
    exit 1
fi

# An environment copied here from elsewhere runs the other place's code: it is made anew.
if [ -e "$venv/bin/pip" ] && ! grep -qF "$PWD/$venv/bin/" "$venv/bin/pip"; then
    rm -rf "$venv"
fi
if [ ! -x "$venv/bin/python" ] || ! "$venv/bin/python" -c 'import pip' 2>/dev/null; then
    if ! "$python" -m venv --clear "$venv" >/dev/null 2>&1; then
        if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
            apt-get install -y -q python3-venv >/dev/null
            "$python" -m venv --clear "$venv"
        else
            echo "Python's venv module is missing. On Debian and Ubuntu: sudo apt-get install python3-venv" >&2
            exit 1
        fi
    fi
fi
if [ ! -x "$venv/bin/uv" ]; then
    "$venv/bin/pip" install --quiet --disable-pip-version-check uv
fi
"$venv/bin/uv" pip install --quiet --python "$venv/bin/python" --editable . --group dev "$@"
pwd >"$venv/.ready"
