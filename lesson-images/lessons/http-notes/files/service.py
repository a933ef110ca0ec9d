"""A service that keeps notes. Run it with: python3 service.py"""

import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    # Lets a client send several requests over one connection; every answer must then say its length.
    protocol_version = "HTTP/1.1"
    # Headers and body leave as two packets; without this, the second waits 40 ms to see the first confirmed.
    disable_nagle_algorithm = True

    def do_GET(self):
        if self.path == "/notes":
            self.answer(200, [])
        else:
            self.answer(404, {"error": "There is nothing here."})

    def answer(self, status, value):
        """Send `value` as JSON."""
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
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
