# What scripts/test and scripts/demo share: where things are, what must be installed, and how they say so.
# It is read by bash with `source` and starts nothing by itself.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}

fail() {
    printf '\n✗ %s\n' "$*" >&2
    exit 1
}

# step NAME COMMAND…: runs the command, says how long it took, and ends everything if it failed.
step() {
    local name=$1 started=$SECONDS status=0
    shift
    printf '\n── %s: %s\n' "$name" "$*"
    "$@" || status=$?
    if ((status != 0)); then
        fail "$name failed after $((SECONDS - started)) s (status $status)"
    fi
    printf '✓ %s (%s s)\n' "$name" "$((SECONDS - started))"
}

# As root, installs Debian packages; else says which are missing.
need_packages() {
    if ! command -v apt-get >/dev/null || ((EUID != 0)); then
        fail "Something is missing. Install it (on Debian: sudo apt-get install $*), then run this again."
    fi
    echo "Installing $* with apt-get"
    apt-get install --yes --no-install-recommends "$@" ||
        { apt-get update && apt-get install --yes --no-install-recommends "$@"; } ||
        fail "apt-get could not install $*."
}

ensure_rust() {
    if ! command -v cargo >/dev/null && [[ -f ${CARGO_HOME:-$HOME/.cargo}/env ]]; then
        source "${CARGO_HOME:-$HOME/.cargo}/env"
    fi
    command -v cargo >/dev/null || fail "Rust is missing. Install it from https://rustup.rs, then run this again."
    # A C compiler links the program and builds its TLS library.
    command -v cc >/dev/null || need_packages gcc libc6-dev
    local wanted found
    wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' "$root/Cargo.toml")
    found=$(rustc --version | cut -d ' ' -f 2)
    if [[ $(printf '%s\n%s\n' "$wanted" "$found" | sort --version-sort | head -n 1) != "$wanted" ]]; then
        fail "Rust $found is too old, $wanted or newer is needed. With rustup: rustup update stable"
    fi
}

ensure_rust_component() {
    cargo "$1" --version >/dev/null 2>&1 && return
    command -v rustup >/dev/null && rustup component add "$2" && return
    fail "cargo $1 is missing. With rustup: rustup component add $2"
}

# ensure_cargo_tool NAME VERSION FLAG…: builds a tool from crates.io into target/tools, once.
ensure_cargo_tool() {
    local name=$1 version=$2
    shift 2
    export PATH=$target/tools/bin:$PATH
    [[ $("$name" --version 2>/dev/null) == "$name $version" ]] && return
    echo "Building $name into $target/tools (once, about a minute)"
    cargo install "$name@$version" --locked --quiet --root "$target/tools" "$@"
}

ensure_python() {
    command -v python3 >/dev/null || need_packages python3 python3-venv
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
        fail "$(python3 --version) is too old, Python 3.11 or newer is needed."
    python3 -c 'import ensurepip, venv' 2>/dev/null || need_packages python3-venv
}

# Makes the venv with Synapse if it is not there yet, and sets TRADEPOST_SYNAPSE_PYTHON to its Python.
ensure_synapse() {
    [[ -n ${TRADEPOST_SYNAPSE_PYTHON:-} ]] && return
    ensure_venv synapse synapse.app.homeserver "Synapse"
    export TRADEPOST_SYNAPSE_PYTHON=$(venv_of synapse)/bin/python
}

# The same for the second client of the tests that shares no code with the program.
ensure_nio() {
    [[ -n ${TRADEPOST_NIO_PYTHON:-} ]] && return
    ensure_venv nio olm,nio "matrix-nio"
    export TRADEPOST_NIO_PYTHON=$(venv_of nio)/bin/python
}

# The same for the shop of the tests, a real django-oscar.
ensure_oscar() {
    [[ -n ${TRADEPOST_OSCAR_PYTHON:-} ]] && return
    ensure_venv oscar oscar,oscarapi "django-oscar"
    export TRADEPOST_OSCAR_PYTHON=$(venv_of oscar)/bin/python
}

# The browser in which the tests look at the pages.
ensure_chromium() {
    command -v chromium >/dev/null && command -v chromedriver >/dev/null || need_packages chromium chromium-driver
}

# Its name holds the hash of the requirements, so that a changed list makes a new one; tests/it/support
# looks for it under the same name.
venv_of() {
    local hash
    hash=$(sha256sum "$root/scripts/$1-requirements.txt" | cut -c 1-12)
    echo "$target/venv/$1-$hash"
}

# ensure_venv NAME MODULES TITLE: makes the venv of scripts/NAME-requirements.txt, from which MODULES can be imported.
ensure_venv() {
    local venv
    venv=$(venv_of "$1")
    usable "$venv" && return
    ensure_python
    mkdir -p "$target/venv"
    # One installation at a time; whoever waited finds it done.
    (
        flock 9
        usable "$venv" || install_venv "$venv" "$@"
    ) 9>"$target/venv/lock" || fail "$3 could not be installed."
}

ensure_node() {
    command -v node >/dev/null && command -v npm >/dev/null || need_packages nodejs npm
    node --eval 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' ||
        fail "Node.js $(node --version) is too old, 20 or newer is needed."
}

# Installs the shop of the tests if it is not there yet, and sets TRADEPOST_VENDURE to its folder.
ensure_vendure() {
    [[ -n ${TRADEPOST_VENDURE:-} ]] && return
    local hash folder
    hash=$(sha256sum "$root/tests/vendure/package-lock.json" | cut -c 1-12)
    folder=$target/vendure/$hash
    export TRADEPOST_VENDURE=$folder
    ensure_node
    [[ -f $folder/complete ]] && return
    mkdir -p "$target/vendure"
    # One installation at a time; whoever waited finds it done.
    (
        flock 9
        [[ -f $folder/complete ]] || install_vendure "$folder"
    ) 9>"$target/vendure/lock" || fail "Vendure could not be installed."
}

# Of the packages no scripts are run, only what they hold is used.
install_vendure() {
    local folder=$1
    echo "Installing Vendure into $folder (once, about 30 s)"
    rm -rf "$folder"
    mkdir "$folder" &&
        cp "$root/tests/vendure/package.json" "$root/tests/vendure/package-lock.json" "$folder" &&
        npm ci --prefix "$folder" --ignore-scripts --omit=dev --no-audit --no-fund --loglevel=error &&
        NODE_PATH=$folder/node_modules node --eval "require('bcrypt'), require('sql.js')" &&
        touch "$folder/complete"
}

# The file `complete` is written last: a venv without it was interrupted.
usable() {
    [[ -f $1/complete ]] && "$1/bin/python" --version >/dev/null 2>&1
}

install_venv() {
    local venv=$1 requirements=$root/scripts/$2-requirements.txt modules=$3 title=$4
    echo "Installing $title into $venv (once, about 20 s)"
    rm -rf "$venv"
    python3 -m venv "$venv" &&
        "$venv/bin/pip" install --quiet --disable-pip-version-check --require-hashes --requirement "$requirements" &&
        "$venv/bin/python" -c "import $modules" &&
        touch "$venv/complete"
}
