"""Plays the demo that scripts/demo prepares: starts a throw-away Synapse, a sample shop and tradepost
on 127.0.0.1, lets joy share the shop with mary, and prints what they see. Standard library only."""

import argparse
import fcntl
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import ExitStack
from pathlib import Path

from demo_people import DemoError
from demo_people import Person
from demo_people import Transcript
from demo_shop import Shop

DOMAIN = "demo.localhost"
BOT = f"@tradepost:{DOMAIN}"
# Joined by dots, so that nobody takes them for the passwords of something that matters.
PASSWORDS = {"joy": "joy.demo.password", "mary": "mary.demo.password"}
POLL_SECONDS = 5
# The first items are published together.
FIRST_ITEMS = 3

CONFIG = """\
# Written by scripts/demo.
[homeserver]
address = "{homeserver}"
domain = "{domain}"

[appservice]
address = "http://127.0.0.1:{port}"
hostname = "127.0.0.1"
port = {port}

[database]
path = "{data}"

[encryption]
path = "{keys}"
key_file = "{key_file}"

[permissions]
"@joy:{domain}" = "share"

# The sample shop is on this machine; on a real one leave both lines out.
[network]
allow = ["127.0.0.0/8"]
http_links = true

# A demo has no time; a real shop should be asked every few minutes.
[platforms.feed]
interval_seconds = {interval}
"""


class Program:
    """A program that the demo starts, and ends again."""

    def __init__(self, name: str, command: list[str], log: Path) -> None:
        self.name, self.log = name, log
        with log.open("ab") as output:
            # In a session of its own: Ctrl-C is for the demo, which then ends it in good order.
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=output, stderr=output, start_new_session=True
            )

    def check(self) -> None:
        status = self._process.poll()
        if status is not None:
            raise DemoError(f"{self.name} ended by itself (status {status}).")

    def wait_until_it_answers(self, address: str, seconds: float) -> None:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        end = time.monotonic() + seconds
        while True:
            self.check()
            try:
                opener.open(address, timeout=5).close()
                return
            except OSError:
                if time.monotonic() > end:
                    raise DemoError(f"{self.name} did not answer at {address} within {seconds:.0f} s.") from None
                time.sleep(0.1)

    def end(self) -> None:
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._process.stdin.close()


class Demo:
    """Everything that runs."""

    def __init__(self, arguments: argparse.Namespace, cleanup: ExitStack) -> None:
        self._tradepost_path = str(arguments.tradepost)
        self._directory = arguments.directory
        self._cleanup = cleanup
        self._programs: list[Program] = []
        self.transcript = Transcript()

    def start(self) -> None:
        synapse_port, tradepost_port, shop_port = free_port(18008), free_port(29331), free_port(18080)
        self.homeserver = f"http://127.0.0.1:{synapse_port}"
        self.shop = Shop(shop_port)
        self._cleanup.callback(self.shop.close)
        registration = self._register(tradepost_port)
        self.transcript.say(f"Synapse starts: {self.homeserver}")
        synapse = [sys.executable, "-B", str(Path(__file__).with_name("throwaway_synapse.py"))]
        synapse += ["--directory", str(self._directory / "synapse"), "--port", str(synapse_port)]
        synapse += ["--domain", DOMAIN, "--appservice", str(registration)]
        self._start("Synapse", synapse).wait_until_it_answers(f"{self.homeserver}/_matrix/client/versions", 60)
        self.transcript.say(f"tradepost starts: http://127.0.0.1:{tradepost_port}")
        tradepost = bound_to_this_process([self._tradepost_path, "run", "-c", str(self._directory / "config.toml")])
        self._start("tradepost", tradepost).wait_until_it_answers(f"http://127.0.0.1:{tradepost_port}/ready", 30)

    def _register(self, port: int) -> Path:
        """Writes tradepost's configuration; tradepost itself makes its tokens and the registration."""
        config, registration = self._directory / "config.toml", self._directory / "registration.yaml"
        data = self._directory / "data"
        config.write_text(
            CONFIG.format(
                homeserver=self.homeserver,
                domain=DOMAIN,
                port=port,
                data=data,
                keys=self._directory / "crypto",
                key_file=self._directory / "tradepost.key",
                interval=POLL_SECONDS,
            )
        )
        command = [self._tradepost_path, "registration", "-c", str(config), "-r", str(registration)]
        done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
        if done.returncode != 0 or not registration.exists():
            raise DemoError(f"tradepost registration failed (status {done.returncode}):\n{done.stdout}{done.stderr}")
        return registration

    def _start(self, name: str, command: list[str]) -> Program:
        program = Program(name, command, self._directory / f"{name.lower()}.log")
        self._cleanup.callback(program.end)
        self._programs.append(program)
        return program

    def check(self) -> None:
        for program in self._programs:
            program.check()

    def play(self) -> None:
        joy = Person(self.homeserver, "joy", PASSWORDS["joy"], self.transcript)
        self._mary = mary = Person(self.homeserver, "mary", PASSWORDS["mary"], self.transcript)
        self.transcript.say("Joy and Mary are friends and have a direct room")
        self._room = room = joy.opens_direct_room_with(mary.id)
        mary.joins(room)
        mary.marks_as_direct(room, joy.id)
        mary.watches(room, "What Mary sees: her direct room with Joy")
        joy.says(room, "Hi Mary! The corner shop has lovely things again.")
        self._wait(mary, room, "Joy's greeting", lambda event: event["sender"] == joy.id and event["type"] == "m.room.message")

        self.transcript.say("Joy opens a room with the bot and tells it of the shop's feed")
        own_room = joy.opens_direct_room_with(BOT)
        joy.watches(own_room, "What Joy sees: her room with the bot")
        self._wait(joy, own_room, "The bot's greeting", lambda event: event["sender"] == BOT and event["type"] == "m.room.message")
        self._command(joy, own_room, f"!share add feed {self.shop.feed}")

        self.transcript.say("Joy invites the bot into the direct room and shares with Mary")
        joy.invites(room, BOT)
        self._wait(mary, room, "The bot", lambda event: is_joined(event, BOT))
        self._command(joy, room, "!share with here")
        self.publish(FIRST_ITEMS)
        self.transcript.say(f"All {FIRST_ITEMS} new items have arrived in Mary's room")

    def publish(self, number: int) -> None:
        items = [self.shop.publish() for _ in range(number)]
        titles = " · ".join(item.title for item in items)
        self.transcript.say(f"The shop publishes: {titles} (tradepost looks every {POLL_SECONDS} s)")
        for item in items:
            link = self.shop.link(item)
            self._wait(
                self._mary,
                self._room,
                f"“{item.title}”",
                lambda event, link=link: event["sender"] == BOT and link in event["content"].get("body", "").split(),
            )

    def _command(self, person: Person, room: str, text: str) -> None:
        sent = person.says(room, text)
        result = self._wait(person, room, f"The result of “{text}”", lambda event: reaction(event, sent) in ("✅", "⛔"))
        if reaction(result, sent) == "⛔":
            raise DemoError(f"“{text}” was refused.")

    def _wait(self, person: Person, room: str, what: str, wanted) -> dict:
        return person.waits_for(room, what, wanted, 60, self.check)

    def go_on(self) -> None:
        """Until Ctrl-C, or the end of its input."""
        keyboard = sys.stdin.isatty()
        self.transcript.say(
            "Press Enter for another new item, Ctrl-C to end." if keyboard else "It runs until it is ended with Ctrl-C."
        )
        while True:
            self.check()
            if not keyboard:
                time.sleep(1)
            elif select.select([sys.stdin], [], [], 1)[0]:
                if not sys.stdin.readline():
                    return
                self.publish(1)

    def how_to_look(self) -> None:
        users = "\n".join(f"    user {name}, password {password}" for name, password in PASSWORDS.items())
        self.transcript.say(
            "Look for yourself with Element on this machine: Element Desktop, or https://app.element.io where the\n"
            f"  browser lets it reach 127.0.0.1. At “Sign in”, edit the homeserver to {self.homeserver}\n{users}\n"
            f"  The shop is at {self.shop.address}/, all files and logs are in {self._directory}"
        )

    def log_ends(self) -> str:
        ends = []
        for program in self._programs:
            lines = program.log.read_text(errors="replace").splitlines()[-30:]
            ends.append(f"── the end of {program.log} ──\n" + "\n".join(lines))
        return "\n\n".join(ends)


def is_joined(event: dict, user: str) -> bool:
    return event["type"] == "m.room.member" and event["state_key"] == user and event["content"]["membership"] == "join"


def reaction(event: dict, to: str) -> str | None:
    relation = event["content"].get("m.relates_to", {})
    if event["type"] == "m.reaction" and relation.get("event_id") == to:
        return relation.get("key", "").rstrip("\ufe0f")
    return None


def free_port(wanted: int) -> int:
    """The wanted port, or another one if somebody has it."""
    for port in (wanted, 0):
        with socket.socket() as candidate:
            candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                candidate.bind(("127.0.0.1", port))
                return candidate.getsockname()[1]
            except OSError:
                continue
    raise DemoError("No port is free on 127.0.0.1.")


def bound_to_this_process(command: list[str]) -> list[str]:
    """Ended by the kernel when the demo is killed without a chance to clean up."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "KILL", "--", *command] if setpriv else command


def fresh(directory: Path) -> None:
    """Every demo starts from nothing, and only one at a time."""
    directory.parent.mkdir(parents=True, exist_ok=True)
    lock = os.open(directory.with_suffix(".lock"), os.O_CREAT | os.O_WRONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise DemoError(f"Another demo is running in {directory}.") from None
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir()


def end_by_signal(number: int, _frame: object) -> None:
    sys.exit(128 + number)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tradepost", type=Path, required=True, help="the built program")
    parser.add_argument("--directory", type=Path, required=True, help="for everything it writes; emptied first")
    parser.add_argument("--once", action="store_true", help="end after the first items have arrived")
    arguments = parser.parse_args()
    arguments.directory = arguments.directory.resolve()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end_by_signal)
    with ExitStack() as cleanup:
        demo = Demo(arguments, cleanup)
        try:
            fresh(arguments.directory)
            demo.start()
            demo.play()
            if not arguments.once:
                demo.how_to_look()
                demo.go_on()
        except (DemoError, OSError) as error:
            print(f"\n✗ {error}\n\n{demo.log_ends()}", file=sys.stderr, flush=True)
            return 1
        except KeyboardInterrupt:
            print("\nThe demo ends.", flush=True)
        finally:
            # From here on nothing interrupts the cleaning up.
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
    return 0


if __name__ == "__main__":
    sys.exit(main())
