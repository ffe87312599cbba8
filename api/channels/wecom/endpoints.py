"""The address that WeCom calls when there is something to pull."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse
from wechatpy.enterprise.crypto import WeChatCrypto
from wechatpy.enterprise.exceptions import InvalidCorpIdException
from wechatpy.exceptions import InvalidSignatureException

from api.channels import pushes
from api.channels.wecom import WeCom
from api.dependencies import get_container
from api.problems import Problem

router = APIRouter(prefix="/v1/channels/wecom", tags=["channels"])
SEALED = frozenset({"Encrypt"})
PUSH = frozenset({"MsgType", "Event"})


@router.get("")
async def verify(request: Request) -> PlainTextResponse:
    """Prove to WeCom that this address is ours: the decrypted echo."""
    return PlainTextResponse(_opened(request, request.query_params.get("echostr", "")))


@router.post("")
async def push(request: Request) -> PlainTextResponse:
    """Something happened in an account of 微信客服: it is pulled after this call is answered."""
    _crypto(request)
    sealed = pushes.fields(await pushes.body(request), SEALED)
    given = pushes.fields(_opened(request, sealed["Encrypt"]).encode(), PUSH)
    wecom = get_container(request).channels.get(WeCom)
    if given["Event"] == "kf_msg_or_event" and wecom is not None and given.get("OpenKfId"):
        wecom.inbound.called(given["OpenKfId"], given.get("Token", ""))
    return PlainTextResponse("success")


def _crypto(request: Request) -> WeChatCrypto:
    settings = get_container(request).settings
    if not settings.wecom_corp_id:
        raise Problem(404, "channel-closed", "the WeCom channel is not set up: set CONSULT_WECOM_CORP_ID")
    token, key = settings.wecom_token.get_secret_value(), settings.wecom_aes_key.get_secret_value()
    return WeChatCrypto(token, key, settings.wecom_corp_id)


def _opened(request: Request, sealed: str) -> str:
    """The content of an encrypted text, when signature and company are right."""
    query = request.query_params
    given = (query.get("msg_signature", ""), query.get("timestamp", ""), query.get("nonce", ""), sealed)
    try:
        return str(_crypto(request).check_signature(*given))
    except InvalidSignatureException as error:
        raise Problem(403, "wrong-signature", "the signature is not WeCom's") from error
    except InvalidCorpIdException as error:
        raise Problem(403, "wrong-corp-id", "the message is for another company") from error
    except (ValueError, KeyError, IndexError) as error:
        raise Problem(400, "not-decryptable", "the message cannot be decrypted: check the EncodingAESKey") from error
