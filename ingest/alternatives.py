"""What stands in a file in place of a picture, for those who cannot see it."""

import re

from bifolio.ingest.building import one_line

# Names of files and words that programs put there unasked: they say nothing of the picture.
_SAYS_NOTHING = re.compile(
    r"[\w .()~-]*\.(?:png|jpe?g|gif|svg|webp|bmp|tiff?|emf|wmf)"
    r"|(?:(?:an? )?(?:image|img|picture|photo|icon|logo|avatar|banner|graphic|spacer|placeholder"
    r"|untitled|thumbnail)|图片|圖片|图像|照片|图标|圖標|标志)[\s_-]*\d*",
    re.IGNORECASE,
)
_MADE_UNASKED = re.compile(r"\s*(?:Description automatically generated.*|已自动生成说明.*)$", re.S)


def picture(words: str) -> str:
    """Give the words for a picture, marked as such; empty if they say nothing of it."""
    said = one_line(_MADE_UNASKED.sub("", words))
    if len(said) < 2 or _SAYS_NOTHING.fullmatch(said):
        return ""
    return f"[Picture: {said}]"
