"""Runs a throw-away shop on 127.0.0.1, for the tests: a real django-oscar with django-oscar-api.

It is bound to whoever started it: when its standard input is closed, it ends at once. Run it with the
Python of the venv that `ensure_oscar` in scripts/lib.sh makes.

    shop.py template FILE          makes a database without anything in it but a country
    shop.py serve FILE PORT        serves the shop that FILE is the database of
"""

import os
import sys
import threading
from pathlib import Path


def main() -> None:
    verb, database, *rest = sys.argv[1:]
    os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
    os.environ["OSCAR_DATABASE"] = database
    if verb == "template":
        template(Path(database))
    else:
        threading.Thread(target=end_with_starter, daemon=True).start()
        serve(int(rest[0]))


def template(database: Path) -> None:
    """Migrations take a while, so a test copies what they made."""
    database.unlink(missing_ok=True)
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)

    from oscar.apps.address.models import Country

    Country.objects.create(iso_3166_1_a2="CN", printable_name="China", name="China", is_shipping_country=True)


def serve(port: int) -> None:
    from django.core.management import execute_from_command_line

    execute_from_command_line(["shop.py", "runserver", f"127.0.0.1:{port}", "--noreload", "--skip-checks"])


def end_with_starter() -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os._exit(0)


if __name__ == "__main__":
    main()
