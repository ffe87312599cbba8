"""The address that WeChat's servers call."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response
from wechatpy.crypto import WeChatCrypto
from wechatpy.exceptions import InvalidAppIdException, InvalidSignatureException
from wechatpy.replies import TextReply
from wechatpy.utils import check_signature

from api.channels import pushes
from api.channels.wechat import WeChat
from api.dependencies import get_container
from api.problems import Problem
from api.settings import Settings

router = APIRouter(prefix="/v1/channels/wechat", tags=["channels"])
PUSH = frozenset({"FromUserName", "ToUserName", "MsgType"})
SEALED = frozenset({"Encrypt"})
DONE = "success"
"""What tells WeChat that a push arrived and is not to be repeated."""


@router.get("")
async def verify(request: Request) -> PlainTextResponse:
    """Prove to WeChat that this address is ours: the echo, when the signature is right."""
    _signed(request, _settings(request))
    return PlainTextResponse(request.query_params.get("echostr", ""))


@router.post("")
async def push(request: Request) -> Response:
    """A message or event of a visitor; answered within five seconds, whatever happens."""
    settings = _settings(request)
    _signed(request, settings)
    body = await pushes.body(request)
    crypto = _crypto(request, settings)
    given = pushes.fields(_decrypted(crypto, request, body) if crypto else body, PUSH)
    wechat = get_container(request).channels.get(WeChat)
    assert wechat is not None, "the settings are there, so the channel is"
    text = await wechat.inbound.take(given)
    if text is None:
        return PlainTextResponse(DONE)
    reply = _reply(given, text)
    if crypto:
        reply = crypto.encrypt_message(reply, request.query_params["nonce"], request.query_params["timestamp"])
    return Response(reply, media_type="application/xml")


def _settings(request: Request) -> Settings:
    settings = get_container(request).settings
    if not settings.wechat_app_id:
        raise Problem(404, "channel-closed", "the WeChat channel is not set up: set CONSULT_WECHAT_APP_ID")
    return settings


def _signed(request: Request, settings: Settings) -> None:
    """Every call carries the signature; without the right one nothing is read."""
    query = request.query_params
    given = (query.get("signature", ""), query.get("timestamp", ""), query.get("nonce", ""))
    try:
        check_signature(settings.wechat_token.get_secret_value(), *given)
    except InvalidSignatureException as error:
        raise Problem(403, "wrong-signature", "the signature is not WeChat's") from error


def _crypto(request: Request, settings: Settings) -> WeChatCrypto | None:
    """The cipher of an encrypted push. With a key set, a plain push is refused: somebody else's, or a wrong mode."""
    key = settings.wechat_aes_key.get_secret_value()
    encrypted = request.query_params.get("encrypt_type") == "aes"
    if encrypted != bool(key):
        detail = "encrypted mode needs CONSULT_WECHAT_AES_KEY, and only with it: choose the same mode on both sides"
        raise Problem(403, "wrong-mode", detail)
    return WeChatCrypto(settings.wechat_token.get_secret_value(), key, settings.wechat_app_id) if key else None


def _decrypted(crypto: WeChatCrypto, request: Request, body: bytes) -> bytes:
    query = request.query_params
    try:
        plain = crypto.decrypt_message(
            pushes.fields(body, SEALED),
            query.get("msg_signature", ""),
            query.get("timestamp", ""),
            query.get("nonce", ""),
        )
    except InvalidSignatureException as error:
        raise Problem(403, "wrong-signature", "msg_signature does not fit the encrypted message") from error
    except InvalidAppIdException as error:
        raise Problem(403, "wrong-app-id", "the encrypted message is for another account") from error
    except (ValueError, KeyError, IndexError) as error:
        raise Problem(400, "not-decryptable", "the message cannot be decrypted: check the EncodingAESKey") from error
    return str(plain).encode()


def _reply(given: Mapping[str, str], text: str) -> str:
    safe = text.replace("]]>", "]]＞")  # the library puts the text into CDATA as it is
    reply = TextReply(source=given["ToUserName"], target=given["FromUserName"], content=safe)
    return str(reply.render())
