"""One signed POST, in the form of Standard Webhooks (https://www.standardwebhooks.com)."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from position_manager.worker.webhooks.addresses import public_address

SECRET_PREFIX = "whsec_"
# In seconds, for everything: looking the name up, connecting, the answer.
TIMEOUT = 5.0


class NotDelivered(Exception):
    """An endpoint did not take a message; the text is safe to log."""


@dataclass(frozen=True, slots=True)
class Message:
    """An event to send; a repetition has the same id."""

    id: str
    body: str


def key_of(secret: str) -> bytes:
    """The key in a secret such as ``whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw``."""
    return base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)


def signature(key: bytes, message: Message, at: int) -> str:
    """The signature of a message at a time in seconds."""
    signed = f"{message.id}.{at}.{message.body}".encode()
    digest = hmac.new(key, signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def deliver(url: str, key: bytes, message: Message, at: int, *, allows_private: bool) -> None:
    """Send a message; raises :class:`NotDelivered` unless the endpoint answers with 2xx."""
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "position-manager",
        "webhook-id": message.id,
        "webhook-timestamp": str(at),
        "webhook-signature": signature(key, message, at),
    }
    try:
        status = _post(url, message.body.encode(), headers, allows_private)
    except TimeoutError:
        raise NotDelivered("no answer in time") from None
    except (OSError, ValueError, httpx.HTTPError, httpx.InvalidURL) as error:
        # The text of an error may contain the URL, which may contain a secret.
        raise NotDelivered(type(error).__name__) from None
    if not 200 <= status < 300:
        raise NotDelivered(f"status {status}")


def _post(url: str, body: bytes, headers: dict[str, str], allows_private: bool) -> int:
    """The status of the answer; its body is not read, and a redirect is not followed."""
    until = time.monotonic() + TIMEOUT
    parts, target = urlsplit(url), httpx.URL(url)
    host = parts.hostname or ""
    address = public_address(host, allows_private=allows_private, timeout=TIMEOUT)
    request = httpx.Request(
        "POST",
        target.copy_with(host=address),
        content=body,
        headers=headers | {"Host": parts.netloc.rpartition("@")[2]},
        # The certificate is checked for the name.
        extensions={"sni_hostname": host},
    )
    return asyncio.run(_status(request, until - time.monotonic()))


async def _status(request: httpx.Request, seconds: float) -> int:
    async with (
        asyncio.timeout(seconds),
        httpx.AsyncClient(timeout=TIMEOUT, trust_env=False, follow_redirects=False) as client,
    ):
        answer = await client.send(request, stream=True)
        await answer.aclose()
        return answer.status_code
