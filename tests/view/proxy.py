"""A reverse proxy as small as can be: shows a server under a path, as ``location /sim/ { proxy_pass ...; }`` does."""

import contextlib
import socket
import threading


class Proxy:
    """Takes connections, drops the prefix from the request's path, and passes everything on, websockets too."""

    def __init__(self, prefix: str, port: int):
        self.prefix, self.target = prefix, port
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://localhost:{self.listener.getsockname()[1]}{prefix}/"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self.listener.close()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve_kindly, args=(client,), daemon=True).start()

    def _serve_kindly(self, client):
        with contextlib.closing(client), contextlib.suppress(OSError):  # a server that is gone is no fault of ours
            self._serve(client)

    def _serve(self, client):
        head = b""
        while b"\r\n\r\n" not in head:
            part = client.recv(65536)
            if not part:
                return
            head += part
        lines, _, body = head.partition(b"\r\n\r\n")
        first, *headers = lines.split(b"\r\n")
        method, path, version = first.split(b" ")
        if not path.startswith(self.prefix.encode() + b"/"):
            client.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            return
        if not any(line.lower().startswith(b"upgrade:") for line in headers):  # one request a connection
            headers = [line for line in headers if not line.lower().startswith(b"connection:")] + [b"Connection: close"]
        first = b" ".join([method, path.removeprefix(self.prefix.encode()), version])
        server = socket.create_connection(("localhost", self.target))
        server.sendall(b"\r\n".join([first, *headers, b"", b""]) + body)
        threading.Thread(target=_pass_on, args=(client, server), daemon=True).start()
        _pass_on(server, client)


def _pass_on(source, target):
    try:
        while part := source.recv(65536):
            target.sendall(part)
    except OSError:
        pass
    finally:
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
