#!/usr/bin/env python3
"""A small market that sends its users' trades to tradepost. See README.md beside it.

It needs nothing but Python's standard library and shares no code with tradepost: whatever it does is
done after docs/PUSH.md alone. Everything is kept in memory, and it listens on 127.0.0.1 only.
"""

import argparse
import base64
import hashlib
import hmac
import html
import http.client
import json
import os
import re
import secrets
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from datetime import datetime, timezone
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOLERANCE = 5 * 60  # seconds that a signature's time may be away from ours
BATCH = 100  # trades in one message
LONGEST_WAIT = 300  # seconds between two attempts
CODE_TRIES = 5
REGISTRATIONS = "/tradepost/registrations"


# ── Signatures: https://www.standardwebhooks.com ──────────────────────────────────────────────────


def sign(key, message_id, timestamp, content):
    """The signature of `content`, which is bytes; `key` is the text that begins with whsec_."""
    secret = base64.b64decode(key.removeprefix("whsec_"))
    signed = f"{message_id}.{timestamp}.".encode() + content
    return "v1," + base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()


def signed_headers(key, message_id, timestamp, content):
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": sign(key, message_id, timestamp, content),
    }


def is_signed(key, headers, content, now):
    """Whether `content` is signed with `key`, at about this time."""
    message_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not message_id or "." in message_id or not re.fullmatch("[0-9]{1,12}", timestamp):
        return False
    if abs(now - int(timestamp)) > TOLERANCE:
        return False
    ours = sign(key, message_id, int(timestamp), content)
    theirs = headers.get("webhook-signature", "").split(" ")
    return any(hmac.compare_digest(ours.encode(), one.encode()) for one in theirs)


# ── The market ───────────────────────────────────────────────────────────────────────────────────


class Registration:
    """That tradepost is told of an account's trades, once its owner has said so."""

    def __init__(self, account, sharer, callback, secret, code):
        self.id = "reg_" + secrets.token_urlsafe(16)
        self.account, self.sharer, self.callback, self.secret = account, sharer, callback, secret
        self.code, self.tries = code, 0
        self.confirmed = False
        self.waiting = []  # bodies, and trades that are not in a body yet
        self.message = None  # the one that is being sent: its id, its body, the trades in it
        self.attempts, self.due = 0, 0.0


class Market:
    def __init__(self, key, url, confirm_by):
        self.key, self.url, self.confirm_by = key, url, confirm_by
        self.clock_offset = 0.0
        self.accounts = {"joy123": "joy", "mary77": "mary"}  # the passwords of the example
        self.items = {}  # by account, then by id
        self.registrations = {}
        self.log = []  # (status, body) of what tradepost answered
        self.changed = threading.Condition(threading.RLock())

    def now(self):
        return time.time() + self.clock_offset

    def now_text(self):
        return datetime.fromtimestamp(self.now(), timezone.utc).isoformat(timespec="milliseconds")

    # What tradepost asks.

    def register(self, asked):
        """A registration, which says nothing yet: only its account's owner can make it count."""
        fields = ("account", "sharer", "callback", "secret")
        if asked.get("type") != "registration.requested" or not all(isinstance(asked.get(name), str) for name in fields):
            return 400, {"error": "malformed"}
        if asked["account"] not in self.accounts:
            return 404, {"error": "no-such-account"}
        code = f"{secrets.randbelow(10**8):08}" if self.confirm_by == "code" else None
        new = Registration(*(asked[name] for name in fields), code)
        with self.changed:
            # Asked again, because our answer was lost: the new one takes the place of the old one.
            self.registrations = {r.id: r for r in self.registrations.values() if r.callback != new.callback}
            self.registrations[new.id] = new
        if code:
            return 202, {"id": new.id, "confirm": {"type": "code"}}
        return 201, {"id": new.id, "confirm": {"type": "page", "url": f"{self.url}/confirm/{new.id}"}}

    def confirm_with_code(self, registration, asked):
        with self.changed:
            if asked.get("type") != "registration.code" or asked.get("id") != registration.id or not registration.code:
                return 400, {"error": "malformed"}
            registration.tries += 1
            if not hmac.compare_digest(registration.code, str(asked.get("code", "")).strip()):
                if registration.tries >= CODE_TRIES:
                    self.registrations.pop(registration.id, None)
                return 422, {"error": "wrong-code"}
            registration.confirmed = True
            return 204, None

    def end(self, registration):
        with self.changed:
            self.registrations.pop(registration.id, None)

    # What its users do.

    def confirm(self, registration):
        """Its owner, who is logged in, has said yes on our page."""
        with self.changed:
            registration.confirmed = True
            registration.waiting.insert(0, {"type": "registration.confirmed"})
            self.changed.notify_all()

    def refuse(self, registration):
        with self.changed:
            registration.confirmed = False
            registration.waiting = [{"type": "registration.ended"}]
            self.changed.notify_all()

    def offer(self, account, item_id, title, amount, currency="EUR", **more):
        item = {"id": item_id, "kind": "listing", "title": title, "price": {"amount": amount, "currency": currency}}
        item |= {"url": f"{self.url}/items/{urllib.parse.quote(item_id)}", "available": True, "occurred_at": self.now_text()}
        # What a market knows of its users stays here: tradepost would refuse it.
        self.items.setdefault(account, {})[item_id] = item | more
        self.tell(account, item | more)

    def withdraw(self, account, item_id):
        self.items.get(account, {}).pop(item_id, None)
        self.tell(account, {"id": item_id, "kind": "withdrawn"})

    def tell(self, account, trade):
        """Puts a trade on its way to everybody with whom its owner shares it."""
        trade = {"as_of": self.now_text()} | trade
        with self.changed:
            for registration in self.registrations.values():
                if registration.account == account and registration.confirmed:
                    # Only the last state of a thing matters.
                    same = lambda other: (other.get("id"), other.get("kind")) == (trade["id"], trade["kind"])
                    registration.waiting = [other for other in registration.waiting if not same(other)] + [trade]
            self.changed.notify_all()

    # Sending.

    def send_forever(self):
        while True:
            with self.changed:
                busy = [r for r in self.registrations.values() if r.message or r.waiting]
                due = [r for r in busy if r.due <= time.monotonic()]
                if not due:
                    self.changed.wait(min([r.due - time.monotonic() for r in busy], default=None))
                    continue
            for registration in due:
                self.send_next(registration)

    def send_next(self, registration):
        with self.changed:
            if registration.message is None:
                registration.message = next_message(registration)
            message_id, body, trades = registration.message
        status, answer, retry_after = self.post(registration, message_id, body)
        with self.changed:
            self.log.append((status, answer))
            if status in (404, 410):
                self.registrations.pop(registration.id, None)
                return
            if status == 0 or status == 429 or status >= 500:
                # With the same id, so that it counts once, and with a signature of its own time.
                registration.attempts += 1
                wait = retry_after or min(2 ** (registration.attempts - 1), LONGEST_WAIT)
                registration.due = time.monotonic() + wait * (1 + secrets.randbelow(100) / 1000)
                return
            registration.message, registration.attempts, registration.due = None, 0, 0.0
            if status == 422:
                # Nothing of it was taken: the rest again, without what was wrong.
                wrong = {int(index) for index in re.findall(r"trades\[(\d+)\]", answer)}
                print("tradepost refused:", answer, file=sys.stderr, flush=True)
                if wrong:
                    registration.waiting = [t for i, t in enumerate(trades) if i not in wrong] + registration.waiting
            elif not 200 <= status < 300:
                print("tradepost answered", status, answer, file=sys.stderr, flush=True)
            if json.loads(body)["type"] == "registration.ended":
                self.registrations.pop(registration.id, None)

    def post(self, registration, message_id, body):
        """(status, answer, Retry-After); status 0: there was no answer."""
        headers = signed_headers(registration.secret, message_id, int(self.now()), body)
        return http_post(registration.callback, body, headers | {"content-type": "application/json"})


def next_message(registration):
    """An id, a body, and the trades in it."""
    first = registration.waiting[0]
    trades = []
    if "type" in first:
        registration.waiting.pop(0)
        body = first
    else:
        # An id stands in a message only once.
        for waiting in list(registration.waiting):
            if "type" not in waiting and len(trades) < BATCH and waiting["id"] not in [t["id"] for t in trades]:
                trades.append(waiting)
                registration.waiting.remove(waiting)
        body = {"type": "trades", "trades": trades}
    return "msg_" + secrets.token_urlsafe(16), json.dumps(body, ensure_ascii=False).encode(), trades


def http_post(url, body, headers):
    request = urllib.request.Request(url, data=body, headers=headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read().decode(), None
    except urllib.error.HTTPError as error:
        seconds = error.headers.get("retry-after", "")
        return error.code, error.read().decode(errors="replace"), int(seconds) if seconds.isdecimal() else None
    except (OSError, http.client.HTTPException):
        return 0, "", None


# ── HTTP ─────────────────────────────────────────────────────────────────────────────────────────

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Bazaar</title><style>body{{font:16px sans-serif;max-width:36em;margin:2em auto;padding:0 1em}}</style>
<h1>Bazaar</h1>{}</html>"""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    market, with_control, sessions = None, False, {}

    def do_GET(self):
        self.answer("GET")

    def do_POST(self):
        self.answer("POST")

    def do_DELETE(self):
        self.answer("DELETE")

    def log_message(self, form, *values):
        print(self.log_date_time_string(), form % values, file=sys.stderr, flush=True)

    def answer(self, method):
        self.body = self.rfile.read(min(int(self.headers.get("content-length", "0")), 1 << 20))
        path = self.path.split("?")[0]
        if path == REGISTRATIONS or path.startswith(REGISTRATIONS + "/"):
            self.send_json(*self.registrations(method, path))
        elif path.startswith("/control/") and self.with_control and method == "POST":
            self.send_json(*control(self.market, path.removeprefix("/control/"), json.loads(self.body or b"{}")))
        else:
            self.pages(method, path)

    def registrations(self, method, path):
        """What tradepost asks for, with the operator's key."""
        # Where there is no body, method and path are signed instead.
        content = self.body if method == "POST" else f"{method} {self.path}".encode()
        if not is_signed(self.market.key, self.headers, content, self.market.now()):
            return 401, {"error": "signature"}
        asked = {}
        if method == "POST":
            try:
                asked = json.loads(self.body)
            except ValueError:
                return 400, {"error": "malformed"}
        registration_id, _, action = path.removeprefix(REGISTRATIONS).strip("/").partition("/")
        if not registration_id:
            return self.market.register(asked) if method == "POST" else (405, {"error": "method"})
        registration = self.market.registrations.get(registration_id)
        if registration is None:
            return 404, {"error": "no-such-registration"}
        match method, action:
            case "GET", "":
                return 200, {"id": registration.id, "confirmed": registration.confirmed}
            case "DELETE", "":
                self.market.end(registration)
                return 204, None
            case "POST", "confirm":
                return self.market.confirm_with_code(registration, asked)
        return 405, {"error": "method"}

    # The pages for people.

    def pages(self, method, path):
        form = dict(urllib.parse.parse_qsl(self.body.decode())) if method == "POST" else {}
        session = self.session()
        account = self.sessions.get(session)
        if account is None:
            return self.log_in(form, path)
        if method == "POST" and not hmac.compare_digest(form.get("once", ""), token_of(session)):
            return self.send_page("<p>Please go back and try again.</p>", 403)
        registration = self.market.registrations.get(path.removeprefix("/confirm/"))
        if path.startswith("/confirm/"):
            # Nobody but the account's owner can say yes, or learns whose account it is about.
            if registration is None or registration.account != account:
                return self.send_page("<p>There is nothing to confirm here.</p>", 404)
            return self.confirm(method, form, session, registration)
        if method == "POST" and path == "/offer":
            self.market.offer(account, secrets.token_hex(4), form.get("title", ""), form.get("price", "0"))
        elif method == "POST" and path == "/withdraw":
            self.market.withdraw(account, form.get("id", ""))
        return self.home(session, account)

    def log_in(self, form, path):
        account = form.get("account", "")
        password = self.market.accounts.get(account)
        if password and hmac.compare_digest(password.encode(), form.get("password", "").encode()):
            session = secrets.token_urlsafe(32)
            self.sessions[session] = account
            return self.send_page(f'<p>Welcome. <a href="/{html.escape(path.lstrip("/"))}">Go on</a>', 200, session)
        return self.send_page(
            '<form method="post"><p><label>Account <input name="account"></label>'
            '<p><label>Password <input name="password" type="password"></label><p><button>Log in</button></form>'
        )

    def confirm(self, method, form, session, registration):
        if method == "POST":
            if form.get("answer") == "yes":
                self.market.confirm(registration)
                return self.send_page("<p>Your trades are shared from now on. You can go back to your chat.</p>")
            self.market.refuse(registration)
            return self.send_page("<p>Nothing is shared.</p>")
        host = urllib.parse.urlsplit(registration.callback).netloc
        return self.send_page(
            f"<p>Somebody asks that what <b>{html.escape(registration.account)}</b> offers, sells and buys here is told to "
            f"tradepost at <b>{html.escape(host)}</b>, which posts it to people whom they choose.</p>"
            "<p>Say yes only if it was you who asked, just now. If anybody else sent you here, say no.</p>"
            f'<form method="post"><input type="hidden" name="once" value="{token_of(session)}">'
            '<button name="answer" value="no">No</button> <button name="answer" value="yes">Yes, it was me</button></form>'
        )

    def home(self, session, account):
        once = f'<input type="hidden" name="once" value="{token_of(session)}">'
        codes = [r.code for r in self.market.registrations.values() if r.account == account and r.code and not r.confirmed]
        items = self.market.items.get(account, {}).values()
        self.send_page(
            "".join(f"<p>If it was you who asked tradepost, tell it this code: <b>{code}</b></p>" for code in codes)
            + f'<form method="post" action="/offer">{once}<p><input name="title" placeholder="What" required> '
            '<input name="price" placeholder="12.50" pattern="[0-9]+([.][0-9]{1,2})?" required> EUR <button>Offer</button></form>'
            + "".join(
                f'<form method="post" action="/withdraw">{once}<input type="hidden" name="id" value="{html.escape(item["id"])}">'
                f'<p>{html.escape(item["title"])} <button>Withdraw</button></form>'
                for item in items
            )
        )

    def session(self):
        morsel = SimpleCookie(self.headers.get("cookie", "")).get("bazaar")
        return morsel.value if morsel else ""

    def send_page(self, content, status=200, session=None):
        headers = {"content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"}
        if session:
            headers["set-cookie"] = f"bazaar={session}; HttpOnly; SameSite=Lax; Path=/"
        self.send(status, "text/html; charset=utf-8", PAGE.format(content).encode(), headers)

    def send_json(self, status, value):
        self.send(status, "application/json", b"" if value is None else json.dumps(value).encode())

    def send(self, status, content_type, body, headers=None):
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("content-type", content_type)
            self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def token_of(session):
    """What stands in the forms of a session, so that no other page can send them."""
    return hashlib.sha256(b"form " + session.encode()).hexdigest()


# ── For tests: what people would do, and what a broken or evil platform would ─────────────────────


def control(market, what, asked):
    of = lambda: [r for r in market.registrations.values() if r.account == asked.get("account", "joy123")]
    match what:
        case "registrations":
            return 200, [{"id": r.id, "confirmed": r.confirmed, "code": r.code, "sharer": r.sharer} for r in of()]
        case "confirm":
            for registration in of():
                market.confirm(registration)
        case "refuse":
            for registration in of():
                market.refuse(registration)
        case "offer":
            market.offer(asked.pop("account", "joy123"), asked.pop("id"), asked.pop("title"), asked.pop("price"), **asked)
        case "withdraw":
            market.withdraw(asked.get("account", "joy123"), asked["id"])
        case "tell":
            market.tell(asked.get("account", "joy123"), asked["trade"])
        case "confirm-by":
            market.confirm_by = asked["confirm_by"]
        case "clock":
            market.clock_offset = asked["offset_seconds"]
        case "log":
            return 200, [{"status": status, "body": body} for status, body in market.log]
        case "push":
            return 200, push(market, of()[-1], asked)
        case _:
            return 404, {"error": "no-such-control"}
    return 200, {}


def push(market, registration, asked):
    """Sends a body at once, past the queue: with whatever is wrong about it."""
    body = asked["body"] if isinstance(asked["body"], str) else json.dumps(asked["body"], ensure_ascii=False)
    message_id = asked.get("id", "msg_" + secrets.token_urlsafe(16))
    timestamp = int(market.now()) + asked.get("offset_seconds", 0)
    headers = signed_headers(asked.get("key", registration.secret), message_id, timestamp, body.encode())
    headers["content-type"] = asked.get("content_type", "application/json")
    body = asked.get("instead", body)
    for _ in range(asked.get("times", 1)):
        status, answer, retry_after = http_post(asked.get("callback", registration.callback), body.encode(), headers)
    return {"status": status, "body": answer, "retry_after": retry_after}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=8090)
    parser.add_argument("--url", help="where it is reached [default: http://127.0.0.1:PORT]")
    parser.add_argument("--confirm", choices=["page", "code"], default="page", help="how users confirm")
    parser.add_argument("--control", action="store_true", help="let tests act for its users")
    options = parser.parse_args()
    key = os.environ.get("BAZAAR_KEY", "")
    if not key.startswith("whsec_"):
        parser.error("set BAZAAR_KEY to the key that `tradepost platform new` has shown")
    url = options.url or f"http://127.0.0.1:{options.port}"
    Handler.market = Market(key, url.rstrip("/"), options.confirm)
    Handler.with_control = options.control
    threading.Thread(target=Handler.market.send_forever, daemon=True).start()
    server = ThreadingHTTPServer(("127.0.0.1", options.port), Handler)
    print(f"Bazaar is at {url}; accounts are registered at {url}{REGISTRATIONS}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
