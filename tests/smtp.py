"""A mail server on this machine for tests: keeps what it is sent, refuses the addresses it is told to refuse, and hangs up after
so many messages if it is told to.

with MailServer(refuse=["gone@example.org"]) as server:
    settings.EMAIL_HOST, settings.EMAIL_PORT = server.address
    ...
    assert server.messages[0].to == ["ann@example.org"]
"""

import email
import email.policy
import socketserver
import threading
from dataclasses import dataclass


@dataclass
class Received:
    """One message: who it was for, as the server was told, and what it says."""

    to: list
    message: email.message.EmailMessage

    @property
    def text(self):
        return self.message.get_body(("plain",)).get_content()


class MailServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True

    def __init__(self, refuse=(), hang_up_after=None):
        super().__init__(("127.0.0.1", 0), Conversation)
        self.refuse, self.messages = {name.lower() for name in refuse}, []
        self.hang_up_after, self.conversations = hang_up_after, 0

    @property
    def address(self):
        return self.server_address

    def __enter__(self):
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *failure):
        self.shutdown()
        self.server_close()


class Conversation(socketserver.StreamRequestHandler):
    """As much of RFC 5321 as Python's smtplib speaks."""

    def handle(self):
        self.to = []
        self.server.conversations += 1
        self.say(220, "ready")
        while line := self.rfile.readline():
            if self.server.hang_up_after is not None and len(self.server.messages) >= self.server.hang_up_after:
                return
            word = line[:4].decode("ascii", "replace").upper().strip()
            getattr(self, f"on_{word.lower()}", self.on_anything)(line.decode("utf-8", "replace"))
            if word == "QUIT":
                return

    def say(self, code, text):
        self.wfile.write(f"{code} {text}\r\n".encode())

    def on_anything(self, line):
        self.say(250, "fine")

    def on_quit(self, line):
        self.say(221, "bye")

    def on_rcpt(self, line):
        address = line.partition("<")[2].partition(">")[0]
        if address.lower() in self.server.refuse:
            return self.say(550, "no such person here")
        self.to.append(address)
        return self.say(250, "fine")

    def on_data(self, line):
        self.say(354, "go on")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        self.server.messages.append(Received(self.to, email.message_from_bytes(b"".join(lines), policy=email.policy.default)))
        self.to = []
        self.say(250, "kept")
