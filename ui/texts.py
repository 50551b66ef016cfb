"""What the web chat says, in English and in Chinese."""

from collections.abc import Mapping

from bifolio.ui.chinese import CHINESE
from bifolio.ui.english import ENGLISH
from bifolio.ui.wording import Texts

__all__ = ["CHINESE", "ENGLISH", "LANGUAGES", "Texts", "preferred"]

LANGUAGES: Mapping[str, Texts] = {"English": ENGLISH, "中文": CHINESE}


def preferred(locale: str | None) -> str:
    """Name the language for a browser's locale, such as "zh-CN"."""
    return "中文" if (locale or "").lower().startswith("zh") else "English"
