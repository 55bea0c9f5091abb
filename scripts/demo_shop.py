"""The sample shop of the demo: a small web shop with a feed, on 127.0.0.1. Standard library only."""

import hashlib
import threading
from dataclasses import dataclass
from html import escape
from http.server import BaseHTTPRequestHandler
from http.server import ThreadingHTTPServer


@dataclass(frozen=True)
class Item:
    id: int
    title: str
    price: str


# What stands in the shop before anybody follows it.
ASSORTMENT = [
    Item(101, "Enamel mug, blue", "9.50 EUR"),
    Item(102, "Wool blanket, 130 × 180 cm", "64.00 EUR"),
    Item(103, "Reading lamp with a paper shade", "39.90 EUR"),
]
# What comes new, in this order.
ARRIVALS = [
    Item(201, "Sony WH-1000XM6 headphones, black", "289.00 EUR"),
    Item(202, "宜兴紫砂壶 手工茶壶 220 毫升", "368.00 CNY"),
    Item(203, "Wooden train set, 60 pieces", "34.95 EUR"),
    Item(204, "Cast-iron pan, 28 cm", "42.00 EUR"),
    Item(205, "Two tickets: “The Magic Flute”, stalls", "118.00 EUR"),
    Item(206, "Pram <nearly new> & rain cover", "160.00 EUR"),
    Item(207, "龙井茶 明前特级 100 克", "128.00 CNY"),
    Item(208, "Folding bicycle, 20 inches", "410.00 EUR"),
]


class Shop:
    """A running shop."""

    def __init__(self, port: int) -> None:
        self._items = list(ASSORTMENT)
        self._arrived = 0
        self._lock = threading.Lock()
        shop = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                shop._answer(self)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def feed(self) -> str:
        return f"{self.address}/feed.xml"

    def link(self, item: Item) -> str:
        return f"{self.address}/item/{item.id}"

    def publish(self) -> Item:
        """Puts the next new item into the shop; after the last one it starts again with other numbers."""
        with self._lock:
            round_number, index = divmod(self._arrived, len(ARRIVALS))
            item = ARRIVALS[index]
            if round_number:
                item = Item(item.id + 100 * round_number, f"{item.title} (delivery {round_number + 1})", item.price)
            self._arrived += 1
            self._items.append(item)
            return item

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, request: BaseHTTPRequestHandler) -> None:
        with self._lock:
            items = list(self._items)
        if request.path == "/feed.xml":
            return self._answer_with_feed(request, items)
        found = [item for item in items if request.path in ("/", f"/item/{item.id}")]
        if not found:
            return request.send_error(404)
        _send(request, "text/html; charset=utf-8", self._page(found))

    def _answer_with_feed(self, request: BaseHTTPRequestHandler, items: list[Item]) -> None:
        feed = self._rss(items)
        tag = f'"{hashlib.sha256(feed.encode()).hexdigest()[:16]}"'
        if request.headers["If-None-Match"] == tag:
            request.send_response(304)
            request.send_header("ETag", tag)
            request.end_headers()
        else:
            _send(request, "application/rss+xml", feed, {"ETag": tag})

    def _rss(self, items: list[Item]) -> str:
        entries = "".join(
            f"<item><title>{escape(item.title)}</title><link>{self.link(item)}</link>"
            f'<guid isPermaLink="false">{item.id}</guid><g:price>{item.price}</g:price></item>\n'
            for item in reversed(items)
        )
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            '<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel>\n'
            f"<title>Corner Shop</title><link>{self.address}/</link><description>What is new at the corner</description>\n"
            f"{entries}</channel></rss>\n"
        )

    def _page(self, items: list[Item]) -> str:
        entries = "".join(f'<p><a href="{self.link(item)}">{escape(item.title)}</a>: {item.price}</p>' for item in items)
        return (
            '<!doctype html><meta charset="utf-8"><title>Corner Shop</title>'
            f'<link rel="alternate" type="application/rss+xml" title="What is new" href="{self.feed}">'
            f"<h1>Corner Shop</h1>{entries}"
        )


def _send(request: BaseHTTPRequestHandler, content_type: str, text: str, headers: dict[str, str] | None = None) -> None:
    body = text.encode()
    request.send_response(200)
    request.send_header("Content-Type", content_type)
    request.send_header("Content-Length", str(len(body)))
    for name, value in (headers or {}).items():
        request.send_header(name, value)
    request.end_headers()
    request.wfile.write(body)
