"""``consult wechat``: the official account."""

from __future__ import annotations

import typer

from api.app import Container
from api.channels.calls import PlatformError
from api.channels.wechat import WeChat
from api.channels.wechat.inbound import account_menu
from api.commands.common import fail, out, with_container

wechat = typer.Typer(no_args_is_help=True, help="The WeChat official account.")


@wechat.callback()
def group() -> None:
    """Keep ``wechat menu`` two words while it is the only command of its group."""


@wechat.command("menu")
def menu() -> None:
    """Give the official account its menu: what to ask about, the language, a human."""

    async def work(container: Container) -> None:
        channel = container.channels.get(WeChat)
        if channel is None:
            raise fail("the WeChat channel is not set up: set CONSULT_WECHAT_APP_ID, _SECRET and _TOKEN")
        try:
            await channel.client.set_menu(account_menu())
        except PlatformError as error:
            raise fail(f"WeChat refused the menu: {error}") from error
        finally:
            await channel.client.close()

    with_container(work)
    out.print("the official account has its menu")
