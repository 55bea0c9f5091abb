"""Runs a throw-away Synapse on 127.0.0.1, for the tests and the demo.

It is bound to whoever started it: when its standard input is closed, it ends at once, so that no
homeserver outlives a test run or a demo, however that one ended. Run it with the Python of the
venv that `ensure_synapse` in scripts/lib.sh makes.
"""

import argparse
import base64
import os
import secrets
import shutil
import sqlite3
import sys
import threading
from pathlib import Path

import yaml

# A limit that nobody reaches.
UNLIMITED = {"per_second": 100_000, "burst_count": 100_000}


def main() -> None:
    arguments = parse_arguments()
    directory = arguments.directory.resolve()
    directory.mkdir(parents=True, exist_ok=True)
    config_path = directory / "homeserver.yaml"
    config = make_config(directory, arguments.port, arguments.domain, arguments.appservice)
    config_path.write_text(yaml.safe_dump(config, sort_keys=False))
    make_signing_key(directory / "signing.key")
    make_database(directory / "homeserver.db")
    threading.Thread(target=end_with_starter, args=[directory, arguments.remove], daemon=True).start()
    run(config_path)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--directory", type=Path, required=True, help="holds everything it writes; a second start goes on there")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--domain", required=True, help="the part of user ids behind the colon")
    parser.add_argument("--appservice", type=Path, action="append", default=[], help="a registration file; can be repeated")
    parser.add_argument("--remove", action="store_true", help="remove the directory at the end, unless it holds a file named keep")
    return parser.parse_args()


def make_config(directory: Path, port: int, domain: str, appservices: list[Path]) -> dict:
    return {
        "server_name": domain,
        "public_baseurl": f"http://127.0.0.1:{port}/",
        "pid_file": str(directory / "homeserver.pid"),
        "listeners": [
            {
                "port": port,
                "type": "http",
                "bind_addresses": ["127.0.0.1"],
                "resources": [{"names": ["client"], "compress": False}],
            }
        ],
        "database": {"name": "sqlite3", "args": {"database": str(directory / "homeserver.db")}},
        "log_config": str(make_log_config(directory)),
        "media_store_path": str(directory / "media"),
        "signing_key_path": str(directory / "signing.key"),
        "app_service_config_files": [str(path.resolve()) for path in appservices],
        # It stands alone.
        "federation_domain_whitelist": [],
        "trusted_key_servers": [],
        "suppress_key_server_warning": True,
        "report_stats": False,
        # Anybody on this machine may register, at once and as often as needed.
        "enable_registration": True,
        "enable_registration_without_verification": True,
        "bcrypt_rounds": 4,
        # Whoever knows it registers an administrator.
        "registration_shared_secret": "a throw-away homeserver on loopback",
        **unlimited(),
        # A client that was away gets all it missed at once.
        "filter_timeline_limit": 500,
        # Not needed, and each costs time.
        "url_preview_enabled": False,
        "enable_metrics": False,
        "user_directory": {"enabled": False},
        "macaroon_secret_key": "a throw-away homeserver on loopback",
        "form_secret": "a throw-away homeserver on loopback",
    }


def unlimited() -> dict:
    """Tests do in a second what people do in an hour."""
    return {
        "rc_message": UNLIMITED,
        "rc_registration": UNLIMITED,
        "rc_login": {"address": UNLIMITED, "account": UNLIMITED, "failed_attempts": UNLIMITED},
        "rc_joins": {"local": UNLIMITED, "remote": UNLIMITED},
        "rc_joins_per_room": UNLIMITED,
        "rc_invites": {"per_room": UNLIMITED, "per_user": UNLIMITED, "per_issuer": UNLIMITED},
        "rc_admin_redaction": UNLIMITED,
        "rc_room_creation": UNLIMITED,
        "rc_key_requests": UNLIMITED,
    }


def make_log_config(directory: Path) -> Path:
    config = {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
        "handlers": {"output": {"class": "logging.StreamHandler", "formatter": "plain"}},
        "root": {"level": "WARNING", "handlers": ["output"]},
        # What reaches the appservice and when is worth a line, and so is each request with who made it.
        "loggers": {name: {"level": "INFO"} for name in ("synapse.appservice", "synapse.handlers.appservice", "synapse.access")},
    }
    path = directory / "log.yaml"
    path.write_text(yaml.safe_dump(config))
    return path


def make_signing_key(path: Path) -> None:
    if not path.exists():
        seed = base64.b64encode(secrets.token_bytes(32)).decode().rstrip("=")
        path.write_text(f"ed25519 a_demo {seed}\n")


def make_database(path: Path) -> None:
    """The journal mode stays with the file; this one waits less for the disk."""
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA journal_mode = WAL")


def end_with_starter(directory: Path, remove: bool) -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    if remove and not (directory / "keep").exists():
        shutil.rmtree(directory, ignore_errors=True)
    os._exit(0)


def run(config_path: Path) -> None:
    from synapse.app.homeserver import main as synapse

    sys.argv = ["synapse", "--config-path", str(config_path)]
    synapse()


if __name__ == "__main__":
    main()
