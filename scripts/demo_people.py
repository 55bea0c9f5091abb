"""The people of the demo: each drives the homeserver as an ordinary client does, and what she sees
of a room is printed as a chat. Standard library only."""

import json
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from itertools import count

BOLD, DIM, PLAIN = ("\033[1m", "\033[2m", "\033[0m") if sys.stdout.isatty() else ("", "", "")


class DemoError(Exception):
    """Something did not happen as the demo promises."""


class Transcript:
    """What is printed: one room after the other, as things happen."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._room = ""

    def say(self, text: str) -> None:
        """A line of the demo itself."""
        with self._lock:
            self._room = ""
            print(f"\n{BOLD}▸ {text}{PLAIN}", flush=True)

    def show(self, room: str, who: str, text: str) -> None:
        with self._lock:
            if room != self._room:
                self._room = room
                print(f"\n  {DIM}── {room} ──{PLAIN}", flush=True)
            first, *rest = text.splitlines() or [""]
            print(f"  {BOLD}{who:>10}{PLAIN} │ {first}")
            for line in rest:
                print(f"  {'':>10} │ {line}")
            sys.stdout.flush()


class Person:
    """Somebody with an account."""

    def __init__(self, homeserver: str, name: str, password: str, transcript: Transcript) -> None:
        self._homeserver = homeserver
        self._token = ""
        self._transcript = transcript
        self._transactions = count()
        self._watched: dict[str, str] = {}
        self._seen: list[tuple[str, dict]] = []
        self._news = threading.Condition()
        account = {"username": name, "password": password, "auth": {"type": "m.login.dummy"}}
        answer = self._call("POST", "register", account)
        self.id, self._token = answer["user_id"], answer["access_token"]
        self._call("PUT", f"profile/{_quote(self.id)}/displayname", {"displayname": name.capitalize()})
        threading.Thread(target=self._read, daemon=True).start()

    def opens_direct_room_with(self, person: str) -> str:
        options = {"preset": "trusted_private_chat", "is_direct": True, "invite": [person]}
        room = self._call("POST", "createRoom", options)["room_id"]
        self.marks_as_direct(room, person)
        return room

    def marks_as_direct(self, room: str, person: str) -> None:
        path = f"user/{_quote(self.id)}/account_data/m.direct"
        try:
            direct = self._call("GET", path)
        except DemoError:
            direct = {}
        direct.setdefault(person, []).append(room)
        self._call("PUT", path, direct)

    def invites(self, room: str, person: str) -> None:
        self._call("POST", f"rooms/{_quote(room)}/invite", {"user_id": person})

    def joins(self, room: str) -> None:
        self._call("POST", f"rooms/{_quote(room)}/join", {})

    def says(self, room: str, text: str) -> str:
        path = f"rooms/{_quote(room)}/send/m.room.message/{next(self._transactions)}"
        return self._call("PUT", path, {"msgtype": "m.text", "body": text})["event_id"]

    def watches(self, room: str, title: str) -> None:
        """Prints the room from now on, as she sees it, from its beginning."""
        with self._news:
            self._watched[room] = title
            for seen, event in self._seen:
                if seen == room:
                    self._show(room, event)

    def waits_for(self, room: str, what: str, wanted: Callable[[dict], bool], seconds: float, check: Callable[[], None]) -> dict:
        """Waits until an event is there; `check` says when waiting makes no sense any more."""
        end = time.monotonic() + seconds
        with self._news:
            while True:
                for seen, event in self._seen:
                    if seen == room and wanted(event):
                        return event
                check()
                if time.monotonic() > end:
                    raise DemoError(f"{what} did not come within {seconds:.0f} s.")
                self._news.wait(0.2)

    def _read(self) -> None:
        """Her client's loop, until the demo ends."""
        rooms = {"timeline": {"limit": 200}, "state": {"types": []}, "ephemeral": {"types": []}}
        query = {"timeout": "10000", "filter": json.dumps({"presence": {"types": []}, "account_data": {"types": []}, "room": rooms})}
        while True:
            try:
                answer = self._call("GET", "sync?" + urllib.parse.urlencode(query))
            except (DemoError, OSError):
                time.sleep(0.5)
                continue
            query["since"] = answer["next_batch"]
            for room, content in answer.get("rooms", {}).get("join", {}).items():
                with self._news:
                    for event in content["timeline"]["events"]:
                        self._seen.append((room, event))
                        if room in self._watched:
                            self._show(room, event)
                    self._news.notify_all()

    def _show(self, room: str, event: dict) -> None:
        text = self._line(room, event)
        if text:
            self._transcript.show(self._watched[room], _name(event["sender"]), text)

    def _line(self, room: str, event: dict) -> str:
        content = event.get("content", {})
        match event["type"], content.get("membership"):
            case "m.room.message", _:
                edited = content.get("m.relates_to", {}).get("rel_type") == "m.replace"
                return ("(edited) " if edited else "") + content.get("body", "(deleted)")
            case "m.reaction", _:
                relation = content.get("m.relates_to", {})
                return f"{relation.get('key')} {DIM}to: {self._body(room, relation.get('event_id'))}{PLAIN}"
            case "m.room.member", "invite":
                return f"{DIM}invites {_name(event['state_key'])}{PLAIN}"
            case "m.room.member", "join" if event.get("unsigned", {}).get("prev_content", {}).get("membership") != "join":
                return f"{DIM}is here{PLAIN}"
            case "m.room.member", "leave":
                return f"{DIM}leaves{' because ' + content['reason'] if 'reason' in content else ''}{PLAIN}"
            case _:
                return ""

    def _body(self, room: str, event_id: str | None) -> str:
        bodies = (event["content"].get("body", "") for seen, event in self._seen if seen == room and event["event_id"] == event_id)
        return next(bodies, "").partition("\n")[0]

    def _call(self, method: str, path: str, body: dict | None = None) -> dict:
        request = urllib.request.Request(f"{self._homeserver}/_matrix/client/v3/{path}", method=method)
        if self._token:
            request.add_header("Authorization", f"Bearer {self._token}")
        if body is not None:
            request.add_header("Content-Type", "application/json")
            request.data = json.dumps(body).encode()
        try:
            with _without_proxy.open(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise DemoError(f"{method} {path} was refused: {error.code} {error.read().decode(errors='replace')}") from None


_without_proxy = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def _name(user: str) -> str:
    return user[1:].partition(":")[0]


def _quote(text: str) -> str:
    return urllib.parse.quote(text, safe="")
