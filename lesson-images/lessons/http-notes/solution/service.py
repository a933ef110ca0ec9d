"""A service that keeps notes. Run it with: python3 service.py"""

import itertools
import json
import os
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

notes = {}  # id -> text, the oldest first
ids = itertools.count(1)
lock = threading.Lock()  # each request runs in a thread of its own


class Handler(BaseHTTPRequestHandler):
    # Lets a client send several requests over one connection; every answer must then say its length.
    protocol_version = "HTTP/1.1"
    # Headers and body leave as two packets; without this, the second waits 40 ms to see the first confirmed.
    disable_nagle_algorithm = True

    def do_GET(self):
        with lock:
            if self.path == "/notes":
                self.answer(200, [{"id": id, "text": text} for id, text in notes.items()])
            elif (id := self.note_id()) in notes:
                self.answer(200, {"id": id, "text": notes[id]})
            else:
                self.not_found()

    def do_POST(self):
        text = self.text_of_body()
        with lock:
            if self.path != "/notes":
                self.not_found()
            elif text is None:
                self.bad_request()
            else:
                id = next(ids)
                notes[id] = text
                self.answer(201, {"id": id, "text": text}, {"Location": f"/notes/{id}"})

    def do_PUT(self):
        text = self.text_of_body()
        with lock:
            id = self.note_id()
            if id not in notes:
                self.not_found()
            elif text is None:
                self.bad_request()
            else:
                notes[id] = text
                self.answer(200, {"id": id, "text": text})

    def do_DELETE(self):
        with lock:
            if notes.pop(self.note_id(), None) is None:
                self.not_found()
            else:
                self.send_response(204)
                self.end_headers()

    def note_id(self):
        """The id in the path, None for any other path."""
        found = re.fullmatch(r"/notes/([1-9][0-9]*)", self.path, re.ASCII)
        return int(found.group(1)) if found else None

    def text_of_body(self):
        """The text in the body, None if it is not as it should be."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            data = json.loads(body)
        except ValueError:
            return None
        text = data.get("text") if isinstance(data, dict) else None
        return text if isinstance(text, str) and text else None

    def not_found(self):
        self.answer(404, {"error": "There is nothing here."})

    def bad_request(self):
        self.answer(400, {"error": 'Send an object such as {"text": "buy milk"}.'})

    def answer(self, status, value, headers={}):
        """Send `value` as JSON."""
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, text in headers.items():
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    port = int(os.environ.get("PORT", "8000"))
    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    print(f"listening on http://127.0.0.1:{port}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
