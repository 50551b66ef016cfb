"""The login of OpenID, by a provider on this machine: the chat itself, its requests and sockets."""

import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from chatting import PATIENCE, chatting, free_port
from joserfc import jwt
from joserfc.jwk import RSAKey
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from bifolio.chats import Chats


class Provider(ThreadingHTTPServer):
    """Lets in whoever ``person`` is, as OpenID Connect has it: a code, then a signed token."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.person = ""
        self.key = RSAKey.generate_key(2048, {"kid": "1", "use": "sig"}, auto_kid=False)
        self.asked: dict[str, dict[str, str]] = {}

    def answer(self, path: str, given: dict[str, str]) -> Any:
        if path == "/.well-known/openid-configuration":
            return {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/keys",
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        if path == "/keys":
            return {"keys": [self.key.as_dict(private=False)]}
        if path == "/authorize":
            code = secrets.token_urlsafe(8)
            self.asked[code] = given | {"person": self.person}
            back = urlencode({"code": code, "state": given["state"]})
            return f"{given['redirect_uri']}?{back}"
        asked = self.asked.pop(given["code"])
        claims = {
            "iss": self.url,
            "sub": asked["person"],
            "aud": asked["client_id"],
            "nonce": asked.get("nonce", ""),
            "iat": int(time.time()),
            "exp": int(time.time()) + 600,
        }
        token = jwt.encode({"alg": "RS256", "kid": "1"}, claims, self.key)
        return {"access_token": "a", "token_type": "Bearer", "id_token": token}


class _Handler(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self) -> None:
        self._answer(urlsplit(self.path).query)

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers["content-length"])).decode())

    def _answer(self, query: str) -> None:
        given = {name: values[-1] for name, values in parse_qs(query).items()}
        told = self.server.answer(urlsplit(self.path).path, given)
        leads_on = isinstance(told, str)
        self.send_response(302 if leads_on else 200)
        if leads_on:
            self.send_header("location", told)
        self.send_header("content-type", "application/json")
        self.end_headers()
        self.wfile.write(b"" if leads_on else json.dumps(told).encode())

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@dataclass
class Visitor:
    """A browser as the chat sees it: cookies, and a socket on which the page comes."""

    address: str
    web: httpx.Client

    def page(self, press: str = "") -> list[ForwardMsg]:
        """Draw the page, perhaps by pressing a button, and give what comes of it."""
        # As Streamlit's own script does: the socket counts for a visitor only with this token.
        self.web.get(f"{self.address}/_stcore/health")
        protocols = [Subprotocol("streamlit"), Subprotocol(self.web.cookies["_streamlit_xsrf"])]
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.web.cookies.jar)
        headers = {"Cookie": cookies, "Origin": self.address}
        socket_address = self.address.replace("http", "ws") + "/_stcore/stream"
        with connect(
            socket_address, additional_headers=headers, subprotocols=protocols, max_size=None
        ) as wire:
            first = _draw(wire, BackMsg())
            if not press:
                return first
            told = BackMsg()
            widget = told.rerun_script.widget_states.widgets.add()
            widget.id, widget.trigger_value = _button(first, press), True
            return _draw(wire, told)

    def log_in(self) -> None:
        """Press the button of the login, and go where the page sends the browser."""
        sent = [one.auth_redirect.url for one in self.page("log-in") if one.auth_redirect.url]
        reply = self.web.get(f"{self.address}{sent[0]}" if sent[0][0] == "/" else sent[0])
        assert reply.status_code == 200

    def words(self) -> str:
        """Give the words of the page."""
        return "\n".join(
            one.delta.new_element.html.body for one in self.page() if one.HasField("delta")
        )


def _draw(wire: Any, told: BackMsg) -> list[ForwardMsg]:
    # Nothing is set; that it is there asks for the page.
    told.rerun_script.SetInParent()
    wire.send(told.SerializeToString())
    came = []
    while not came or came[-1].WhichOneof("type") != "script_finished":
        came.append(ForwardMsg.FromString(wire.recv(PATIENCE)))
    return came


def _button(page: list[ForwardMsg], key: str) -> str:
    buttons = (one.delta.new_element.button for one in page if one.HasField("delta"))
    return next(button.id for button in buttons if button.id.endswith(f"-{key}"))


@pytest.fixture
def provider() -> Iterator[Provider]:
    served = Provider()
    thread = threading.Thread(target=served.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield served
    served.shutdown()
    served.server_close()
    thread.join()


@pytest.fixture
def address(tmp_path: Path, provider: Provider) -> Iterator[str]:
    """Serve the chat of a library, with the provider's login, and give its address."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "secrets.toml").write_text(
        f"""[auth]
redirect_uri = "{address}/oauth2callback"
cookie_secret = "{secrets.token_hex()}"
client_id = "bifolio"
client_secret = "{secrets.token_hex()}"
server_metadata_url = "{provider.url}/.well-known/openid-configuration"
"""
    )
    log = tmp_path / "chat.log"
    with chatting(tmp_path / "library", log=log, port=port, folder=tmp_path) as served:
        yield served


@pytest.fixture
def visitors(address: str) -> Iterator[list[Visitor]]:
    with ExitStack() as opened:
        webs = [opened.enter_context(httpx.Client(follow_redirects=True)) for _ in range(3)]
        yield [Visitor(address, web) for web in webs]


def test_each_person_whom_a_provider_knows_sees_their_own_conversations(
    tmp_path: Path, provider: Provider, visitors: list[Visitor]
) -> None:
    (tmp_path / "library").mkdir()
    chats = Chats(tmp_path / "library")
    for person in ("anna", "berit"):
        chats.begin(f"What does {person} ask?", owner=f"person:{provider.url}:{person}")
    stranger, anna, berit = visitors
    for visitor, person in ((anna, "anna"), (berit, "berit")):
        provider.person = person
        visitor.log_in()
    assert "What does" not in stranger.words()
    assert "anna" in anna.words()
    assert "berit" not in anna.words()
    assert "What does berit ask?" in berit.words()
    # Who changes the cookie is nobody.
    for cookie in anna.web.cookies.jar:
        if cookie.name == "_streamlit_user":
            cookie.value = (cookie.value or "")[:-4] + "AAAA"
    assert "anna" not in anna.words()
