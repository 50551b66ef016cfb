"""Letters that Word takes from fonts of signs: a degree is no letter of the text around it."""

# Of the font Symbol: Greek, by the Latin letters of the same places, and signs.
_GREEK = dict(
    zip(
        b"ABCDEFGHIJKLMNOPQRSTUWXYZabcdefghijklmnopqrstuvwxyz",
        "ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥΩΞΨΖαβχδεφγηιϕκλμνοπθρστυϖωξψζ",
        strict=True,
    )
)
_SIGNS = dict(
    zip(
        bytes.fromhex("a2a3a5abacaeb0b1b2b3b4b6b7b8b9babbbcc7c8ced2d3d4d5d6d7dee5f2"),
        "′≤∞↔←→°±″≥×∂•÷≠≡≈…∩∪∈®©™∏√·⇒∑∫",
        strict=True,
    )
)
_SYMBOL = _GREEK | _SIGNS
_WINGDINGS = dict(
    zip(bytes.fromhex("286c6e6f71a1a7a8d8e0e8fbfcfdfe"), "☎●■□❑○▪☐➢→➔✗✓☒☑", strict=True)
)


def symbol(font: str, code: str) -> str:
    """Give the sign that a font shows at a place, ``code`` in hexadecimal; empty if not known."""
    try:
        place = int(code, 16)
    except ValueError:
        return ""
    # Fonts of signs stand in the private area.
    if not 0xF000 <= place <= 0xF0FF and place > 0xFF:
        return chr(place) if place < 0xD800 or 0xE000 <= place < 0x110000 else ""
    signs = _WINGDINGS if font.startswith("Wingdings") else _SYMBOL
    return signs.get(place & 0xFF, chr(place & 0xFF) if 0x20 < place & 0xFF < 0x7F else "")
