"""Every setting of the gateway, in one place: environment variables with the prefix ``CONSULT_``.

``consult settings`` prints them with their current values and what they mean.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

MIN_SECRET = 32
ROOT = Path(__file__).resolve().parent.parent


class Messenger(BaseModel):
    """A messenger that calls the webhook channel: its secret, its adapter's address, and its platform's window."""

    model_config = ConfigDict(extra="forbid")

    secret: SecretStr = Field(min_length=MIN_SECRET)
    url: str = Field(pattern=r"^https?://[^/]+")
    hours: int = Field(24 * 365, ge=1, description="for how long after a visitor's deed may be written to them")
    messages: int = Field(1000, ge=1, description="how often, in that time")


class Settings(BaseSettings):
    """Settings of one gateway process; a wrong value is refused at start with the variable's name."""

    model_config = SettingsConfigDict(env_prefix="CONSULT_", extra="ignore")

    mode: Literal["development", "production"] = Field(
        "development", description="development makes demonstration seats; production refuses to"
    )
    host: str = Field("127.0.0.1", description="address the gateway listens on")
    port: int = Field(8000, ge=1, le=65535, description="port the gateway listens on")
    engine_url: str = Field("http://127.0.0.1:5005", description="where the Rasa engine answers")
    engine_timeout: float = Field(3.0, gt=0, description="seconds the engine may take for one message")
    reply_wait: float = Field(8.0, gt=0, description="seconds a POSTed message waits for the bot")
    actions_token: SecretStr = Field(
        SecretStr(""), description="secret of the action webhook; empty closes the webhook"
    )
    database_url: str = Field(
        "", description="SQLAlchemy address; empty means SQLite in the var folder (postgresql+asyncpg://…)"
    )
    redis_url: str = Field("", description="Redis for the bus between gateways; empty means in this process")
    encoder: str = Field(
        "", description="sentence-transformers path or model name for search; empty means data/encoder"
    )
    data_dir: Path = Field(ROOT / "data", description="content: entries, texts, routing rules, places, encoder")
    var_dir: Path = Field(ROOT / "var", description="what the service writes: database, index cache")
    web_dir: Path = Field(ROOT / "api" / "web" / "dist", description="the built web pages")
    public_url: str = Field(
        "",
        pattern=r"^(https?://[^/\s]+)?/?$",
        description="the site's address as visitors see it, for links that leave it; empty means as it was asked for",
    )
    allowed_origins: list[str] = Field(
        default_factory=list,
        description='sites that may embed the widget, as JSON: ["https://www.example.gov.cn"]; own origin always may',
    )
    rate_limits: Literal["on", "off"] = Field("on", description="off for measurements only")
    limit_conversations: str = Field("30/minute", description="new conversations per address")
    limit_messages: str = Field("40/minute", description="messages per conversation")
    limit_requests: str = Field("600/minute", description="requests per address")
    limit_logins: str = Field("5/minute", description="tries to log in per user name and address")
    trusted_proxies: list[str] = Field(
        default_factory=list, description="addresses whose X-Forwarded-For is believed, as JSON"
    )
    owner: str = Field("12367", pattern=r"^[\w.-]{1,40}$", description="this organisation, as entries name owners")
    partners: dict[str, SecretStr] = Field(
        default_factory=dict,
        description='secrets shared with partners, as JSON: {"12345": "…"}; each at least 32 characters',
    )
    partner_urls: dict[str, str] = Field(
        default_factory=dict,
        description='where partners take orders and events, as JSON: {"12345": "https://…"}',
    )
    limit_partners: str = Field("1200/minute", description="signed calls per address")
    network_places: Path | None = Field(
        None, description="an ip2region xdb file: the place of a visitor's network address is then proposed"
    )
    gone_seconds: int = Field(90, ge=30, description="a seat whose console has not called for so long is not there")
    silent_minutes: int = Field(
        5, ge=1, description="a claimed chat whose visitor waits so long for a word returns to the queue"
    )
    sweep_seconds: float = Field(10.0, gt=0, description="how often deadlines and silent chats are looked for")
    limit_lookups: str = Field("10/minute", description="look-ups of a left message per address, and per number")
    contact_key: SecretStr = Field(
        SecretStr(""),
        description="Fernet key for the ways to reach a visitor; empty: made once and kept in the var folder",
    )
    session_minutes: int = Field(30, ge=1, le=720, description="a seat's session ends after this idle time")
    wechat_app_id: str = Field("", description="app id of the WeChat official account; empty closes that channel")
    wechat_secret: SecretStr = Field(SecretStr(""), description="app secret of the official account")
    wechat_token: SecretStr = Field(SecretStr(""), description="token that WeChat signs its calls with")
    wechat_aes_key: SecretStr = Field(
        SecretStr(""),
        description="EncodingAESKey (43 characters) of encrypted mode; empty: plain mode",
    )
    wechat_url: str = Field("https://api.weixin.qq.com", description="where WeChat's own calls are")
    wecom_corp_id: str = Field("", description="corp id of 微信客服 (WeCom); empty closes that channel")
    wecom_secret: SecretStr = Field(SecretStr(""), description="secret of the 微信客服 application")
    wecom_token: SecretStr = Field(SecretStr(""), description="token that WeCom signs its calls with")
    wecom_aes_key: SecretStr = Field(SecretStr(""), description="EncodingAESKey (43 characters) of its callback")
    wecom_url: str = Field("https://qyapi.weixin.qq.com", description="where WeCom's own calls are")
    messengers: dict[Annotated[str, Field(pattern=r"^[\w.-]{1,40}$")], Messenger] = Field(
        default_factory=dict,
        description="other messengers, by the signed webhook (api/channels/README.md), as JSON: "
        '{"line": {"secret": "…", "url": "https://…", "hours": 24, "messages": 5}}',
    )
    now: datetime | None = Field(None, description="fixes the clock (tests and rehearsals), ISO 8601 with zone")

    @field_validator("partners")
    @classmethod
    def _long_secrets(cls, partners: dict[str, SecretStr]) -> dict[str, SecretStr]:
        for name, secret in partners.items():
            if len(secret.get_secret_value()) < MIN_SECRET:
                raise ValueError(f"the secret of {name} needs at least {MIN_SECRET} characters")
        return partners

    @property
    def database(self) -> str:
        """The database address in use."""
        return self.database_url or f"sqlite+aiosqlite:///{self.var_dir / 'consult.sqlite3'}"

    @property
    def encoder_name(self) -> str:
        """Path or name of the search encoder in use."""
        return self.encoder or str(self.data_dir / "encoder")


@lru_cache
def get_settings() -> Settings:
    """The process's settings, read once."""
    return Settings()
