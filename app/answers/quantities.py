"""Numbers and their units in English and Chinese text, as values that can be compared."""

import re
from dataclasses import dataclass, replace

_UNITS_OF_TEN = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
)
_TENS_OF = "twenty thirty forty fifty sixty seventy eighty ninety"
_NTH = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth "
    "fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
)
_WORDS = {word: value for value, word in enumerate(_UNITS_OF_TEN.split())}
_WORDS |= {word: 10 * value for value, word in enumerate(_TENS_OF.split(), 2)}
ORDINALS = {word: value for value, word in enumerate(_NTH.split(), 1)} | {"thirtieth": 30}
_SCALES = {"hundred": 100, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
_SHORT_SCALES = {"k": 1e3, "m": 1e6, "mn": 1e6, "bn": 1e9, "万": 1e4, "百万": 1e6, "千万": 1e7}
_SHORT_SCALES |= {"亿": 1e8, "千": 1e3, "百": 100.0, "萬": 1e4, "億": 1e8}
SINGLE = {"dozen": 12.0, "half": 0.5, "半": 0.5, "both": 2.0, "twice": 2.0, "once": 1.0}
_DIGITS = {digit: value for value, digit in enumerate("〇一二三四五六七八九")}
_DIGITS |= {"零": 0, "两": 2, "兩": 2, "壹": 1, "贰": 2, "叁": 3, "肆": 4, "伍": 5}
_TENS = {"十": 10, "百": 100, "千": 1000}
_NUMERALS = "〇零一二两兩三四五六七八九"
_CHINESE = f"{_NUMERALS}十百千万亿"

# unit -> (what it measures, factor)
_UNITS: dict[str, tuple[str, float]] = {}
for _measure, _factor, _names in (
    ("mass", 1e-3, "mg milligram milligrams 毫克"),
    ("mass", 1.0, "g gram grams gramme grammes 克"),
    ("mass", 1e3, "kg kilo kilos kilogram kilograms kilogramme kilogrammes 公斤 千克"),
    ("mass", 500.0, "斤"),
    ("mass", 1e6, "t tonne tonnes ton tons 吨 公吨"),
    ("length", 1e-3, "mm millimetre millimetres millimeter millimeters 毫米"),
    ("length", 1e-2, "cm centimetre centimetres centimeter centimeters 厘米 公分"),
    ("length", 1.0, "m metre metres meter meters 米 公尺"),
    ("length", 1e3, "km kilometre kilometres kilometer kilometers 公里 千米"),
    ("length", 1852.0, "nm nmi 海里"),
    ("length", 1609.344, "mile miles 英里"),
    ("length", 0.3048, "ft foot feet 英尺"),
    ("area", 1.0, "m2 sqm 平方米 平米"),
    ("area", 1e4, "ha hectare hectares 公顷"),
    ("area", 1e6, "km2 平方公里 平方千米"),
    ("volume", 1.0, "l litre litres liter liters 升"),
    ("volume", 1e-3, "ml millilitre millilitres milliliter milliliters 毫升"),
    ("volume", 1e3, "m3 立方米"),
    ("time", 1.0, "s sec secs second seconds 秒 秒钟"),
    ("time", 60.0, "min mins minute minutes 分钟"),
    ("time", 3600.0, "h hr hrs hour hours 小时 钟头 个小时"),
    ("time", 86400.0, "day days 天 日 工作日 个工作日"),
    ("time", 604800.0, "week weeks 周 星期 个星期 礼拜"),
    ("month", 1.0, "month months 个月"),
    ("month", 12.0, "year years 年 岁 周岁"),
    ("fold", 1.0, "倍"),
    ("percent", 1.0, "% percent ％"),
    ("percent", 0.1, "‰"),
    ("temperature", 1.0, "°c ℃ celsius 摄氏度"),
    ("temperature f", 1.0, "°f ℉ fahrenheit 华氏度"),
    ("power", 1.0, "w watt watts 瓦"),
    ("power", 1e3, "kw kilowatt kilowatts 千瓦"),
    ("power", 1e6, "mw megawatt megawatts 兆瓦"),
    ("energy", 1.0, "kwh 千瓦时 度电"),
    ("voltage", 1.0, "v volt volts 伏 伏特"),
    ("current", 1.0, "a amp amps ampere amperes 安 安培"),
    ("frequency", 1.0, "hz hertz 赫兹"),
    ("frequency", 1e6, "mhz 兆赫"),
    ("speed", 1.0, "kn knot knots 节"),
    ("data", 1.0, "kb 千字节"),
    ("data", 1e3, "mb 兆字节"),
    ("data", 1e6, "gb"),
    ("data", 1e9, "tb"),
    ("pressure", 1.0, "bar bars 巴"),
    ("cent", 1.0, "cent cents ¢ 美分 欧分"),
    ("euro", 1.0, "€ eur euro euros 欧元"),
    ("dollar", 1.0, "$ usd dollar dollars 美元 美金"),
    ("pound", 1.0, "£ gbp 英镑"),
    ("yuan", 1.0, "¥ ￥ cny rmb yuan renminbi 元 人民币 块 块钱"),
    ("yuan", 1.0, "圆 元人民币"),
    ("crown", 1.0, "crown crowns krona kronor kroner 克朗"),
    ("yen", 1.0, "yen jpy 日元 日圆"),
    ("franc", 1.0, "chf franc francs 法郎"),
):
    _UNITS |= dict.fromkeys(_names.split(), (_measure, _factor))
_SHARES = frozenset({"", "fold", "percent"})
_OF_CENTS = ("euro", "dollar")
# "Celsius" begins with a capital and is no name; "HR" may be one.
# Of these all units are known.
TIME = frozenset({"time", "month"})
UNIT_NAMES = frozenset(name for name in _UNITS if len(name) > 3)
MEASURES = frozenset(measure for measure, _ in _UNITS.values())
_LONG_UNITS = "|".join(re.escape(name) for name in sorted(_UNITS, key=len, reverse=True))
_UNIT = re.compile(
    rf"[\s-]?(?:(?:working|business|calendar|consecutive)\s)?"
    r"(?:(?P<latin>(?:per ?cent|nautical miles?|degrees? (?:celsius|fahrenheit)|[a-z]+[23]?)"
    r"(?![a-z0-9]))"
    rf"|(?P<sign>{_LONG_UNITS}))",
    re.ASCII | re.IGNORECASE,
)
_ALIASES = {f"degree{s} {name}": name for s in ("", "s") for name in ("celsius", "fahrenheit")}
_ALIASES |= {"percent": "%", "per cent": "%", "nautical mile": "nm", "nautical miles": "nm"}
_SIGN_BEFORE = re.compile(r"(?:[€$£¥￥]|\b(?:EUR|USD|GBP|CNY|RMB))\s?\Z")
_CONTINENTAL = re.compile(r"\d{1,3}(?:\.\d{3})+,\d+")
# £125m is money; 125 m is a length.
_MONEY_BEFORE = re.compile(r"[€$£¥￥]\s?\Z")
# "Three times as many", "twice the price", and not "three times a week".
_TIMES = re.compile(
    r"(?:(?<=twice)|(?<=half)(?=\s+as\b)|\s+times)(?=\s+(?:as|the|its|their|his|her|that|those|what"
    r"|more|higher|larger|longer|bigger|faster|heavier)\b)",
    re.IGNORECASE,
)
_HALF_AN = re.compile(r"\s+an?(?=\s)", re.IGNORECASE)
_MILLIONS = re.compile(r"m(?![a-z])", re.ASCII | re.IGNORECASE)
_PERCENT_BEFORE = re.compile(r"(百|千)分之\Z")
# A third is 33 %.
_PERCENT_POINTS = 0.5

_CARDINAL = "|".join(sorted(_WORDS, key=len, reverse=True))
_WORD = "|".join(sorted({*_WORDS, *ORDINALS}, key=len, reverse=True))
_SCALE = "|".join(_SCALES)
_SPAN = "minute|hour|day|week|month|year|kilometre|kilometer|mile|metre|meter"
_PART = "quarter|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth"
_NUMBER = re.compile(
    rf"""
    \b(?P<share>a|an|{_WORD}|\d)[\s-](?P<part>(?:{_PART})(?=\s+of\b)|(?:{_PART})s(?![\s-]+to\b))\b
    |(?![百千]分之)(?P<whole>[{_CHINESE}]+|\d+)分之(?P<over>[{_NUMERALS}]?[十百][{_NUMERALS}]?|[{_NUMERALS}]|\d+)
    |\b(?P<few>{_WORD}|\d+)\s+out\s+of\s+(?P<many>{_WORD}|\d+)\b
    |\b(?P<wholes>an?|{_WORD}|\d+)(?:\s(?P<span>(?:{_SPAN})s?))?\sand\sa\shalf\b
    |(?P<zh_wholes>[{_NUMERALS}十]+|\d+)(?:(?P<zh_span>年|天|周|小时|公里)半|个半(?P<zh_after>月|小时|星期))
    |\b(?P<dozens>{_WORD}|\d+)[\s-]dozen\b
    |(?P<digits>(?<![A-Za-z0-9])(?<!\d[.,])(?:\d{{1,3}}(?:\.\d{{3}})+,\d+|\d{{1,3}}(?:[,\u2009\u00a0\u202f']\d{{3}})+(?:\.\d+)?|\d+(?:[.,]\d+)?))
      (?:\s?(?P<scale>(?:{_SCALE})\b|百万|千万|[万亿千百萬億]|(?:k|mn|bn)(?![a-z])))?
      (?P<ordinal>st|nd|rd|th)?(?![\d])
    |\b(?P<words>(?:(?:a|{_CARDINAL}|{_SCALE})(?:[\s-]+(?:and[\s-]+)?(?={_WORD}|{_SCALE}))?)*(?:{_WORD}|{_SCALE}))s?\b
    |(?<![几数上好])(?<!每(?=一))(?!零[下上])(?P<chinese>(?=[十{_NUMERALS}])[{_CHINESE}]+(?:点[〇零一二三四五六七八九]+)?)
    |\b(?P<single>dozen|half|both|twice|once)\b|(?P<half>半)
    """,
    re.ASCII | re.IGNORECASE | re.VERBOSE,
)
_RANGE = re.compile(r"\s?(?:[-–—~～至到]|to|and|bis)\s?[-−–]?\Z")
_THE = re.compile(r"\b(?:the|this|that|another|each|every|which)\s+(?:[a-z]+\s+)?\Z", re.IGNORECASE)
_LONGEST_NAME = 30
_NO_NOUN = re.compile(
    r"\W*\Z|[.,;:!?)]|\s+(?:is|are|was|were|has|had|can|may|must|will|in|on|at|of|that|which|and|or)\b",
    re.IGNORECASE,
)
# Of temperatures alone: elsewhere "-5 %" is also "fell by 5 %", and a dash may be a bullet.
_BELOW_ZERO = re.compile(
    r"(?:(?<![^\s(（\u4e00-\u9fff])[-−–]|\b(?:minus|negative)\s|零下|负)\s?\Z", re.IGNORECASE
)
_LONGEST_SIGN = 11


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number that stands at ``text[start:end]``, unit included.

    ``measure`` is what its unit measures, empty where there is none that we know; ``base`` is the
    value in the smallest common unit. ``written`` tells digits from words.
    """

    value: float
    measure: str
    base: float
    start: int
    end: int
    digits: bool

    def says(self, other: "Quantity") -> bool:
        """Tell whether both are the same quantity, in whatever units; a half is 50 %."""
        if "percent" in (self.measure, other.measure) and {self.measure, other.measure} <= _SHARES:
            one, two = (
                each.base if each.measure == "percent" else 100 * each.base
                for each in (self, other)
            )
            return abs(one - two) <= _PERCENT_POINTS
        if "cent" in (self.measure, other.measure) and self.measure != other.measure:
            small, large = (self, other) if self.measure == "cent" else (other, self)
            return large.measure in _OF_CENTS and _close(small.base, 100 * large.base)
        return self.measure == other.measure and _close(self.base, other.base)

    def equals(self, other: "Quantity") -> bool:
        """Tell whether both are the same number, whatever it counts."""
        return _close(self.value, other.value)


def quantities(text: str) -> list[Quantity]:
    """Find the numbers of a text, whose characters are of the usual width."""
    found: list[Quantity] = []
    for number in _NUMBER.finditer(text):
        value = _value(number)
        if value is None or _stands_for(number):
            continue
        measure, factor, end = _unit(text, number)
        value = _signed(value, measure, text[: number.start()])
        quantity = Quantity(
            value, measure, value * factor, number.start(), end, number["digits"] is not None
        )
        between = text[found[-1].end : number.start()] if found else ""
        if found and measure and not found[-1].measure and _RANGE.fullmatch(between):
            first = found.pop()
            value = _signed(first.value, measure, text[: first.start])
            found.append(replace(first, value=value, measure=measure, base=value * factor))
        found.append(quantity)
    return found


def _stands_for(number: re.Match[str]) -> bool:
    """Tell whether it is no number but stands for a thing: "the small one"."""
    if number[0].lower() not in ("one", "ones"):
        return False
    start, end = number.span()
    before = number.string[max(0, start - _LONGEST_NAME) : start]
    return bool(_THE.search(before) and _NO_NOUN.match(number.string, end))


def _signed(value: float, measure: str, before: str) -> float:
    """Give the value of a temperature with the sign that stands before it."""
    below = measure.startswith("temperature") and _BELOW_ZERO.search(before[-_LONGEST_SIGN:])
    return -value if below else value


def _close(one: float, other: float) -> bool:
    return abs(one - other) <= 1e-6 * max(1.0, abs(one), abs(other))


def _value(number: re.Match[str]) -> float | None:
    if wholes := number["wholes"] or number["zh_wholes"]:
        return _plain(wholes) + 0.5
    if number["share"] or number["over"] or number["dozens"] or number["many"]:
        return _composed(number)
    if digits := number["digits"]:
        if _CONTINENTAL.fullmatch(digits):
            digits = digits.replace(".", "").replace(",", ".")
        plain = re.sub(r"[,\u2009\u00a0\u202f'](?=\d{3}(?!\d))", "", digits).replace(",", ".")
        scale = (number["scale"] or "").lower()
        if _MONEY_BEFORE.search(number.string[: number.start()]) and _MILLIONS.match(
            number.string, number.end()
        ):
            scale = "m"
        return float(plain) * float(_SCALES.get(scale) or _SHORT_SCALES.get(scale, 1.0))
    if words := number["words"]:
        # "hundreds of people" is no number.
        if words.lower() in _SCALES and number[0].lower().endswith("s"):
            return None
        return _english(words.lower())
    if chinese := number["chinese"]:
        return _chinese(chinese)
    return SINGLE[(number["single"] or number["half"]).lower()]


def _composed(number: re.Match[str]) -> float | None:
    """Give the value of "two thirds", 三分之二 and "three dozen"."""
    if dozens := number["dozens"]:
        return 12 * _plain(dozens)
    if number["over"] or number["many"]:
        over = _plain(number["over"] or number["few"])
        whole = _plain(number["whole"] or number["many"])
        return over / whole if whole else None
    part = number["part"].lower().removesuffix("s")
    return _plain(number["share"]) / (4 if part == "quarter" else ORDINALS[part])


def _plain(numeral: str) -> float:
    if numeral.isdigit() and numeral.isascii():
        return float(numeral)
    if numeral.isascii():
        return 1.0 if numeral.lower() in ("a", "an") else _english(numeral.lower()) or 0.0
    return _chinese(numeral) or 0.0


def _english(words: str) -> float | None:
    total = current = 0.0
    for word in re.split(r"[\s-]+", words):
        if word in ("and", "a"):
            continue
        if word in _SCALES:
            if word == "hundred":
                current = (current or 1) * 100
            else:
                total, current = total + (current or 1) * _SCALES[word], 0.0
        else:
            current += _WORDS.get(word) or ORDINALS.get(word, 0)
    return total + current


def _chinese(numeral: str) -> float | None:
    whole, _, decimals = numeral.partition("点")
    if not any(sign in whole for sign in "十百千万亿"):
        value = float("".join(str(_DIGITS[sign]) for sign in whole))
    else:
        value = _chinese_whole(whole)
    return value + sum(_DIGITS[sign] * 0.1**place for place, sign in enumerate(decimals, 1))


def _chinese_whole(whole: str) -> float:
    total = section = digit = 0.0
    for sign in whole:
        if sign in _DIGITS:
            digit = _DIGITS[sign]
        elif sign in _TENS:
            # 十五 is fifteen, without a digit before.
            section, digit = section + (digit or 1) * _TENS[sign], 0.0
        else:
            total = (total + section + digit or 1) * (1e4 if sign == "万" else 1e8)
            section = digit = 0.0
    return total + section + digit


def _unit(text: str, number: re.Match[str]) -> tuple[str, float, int]:
    """Give what is measured, the factor to its smallest unit, and where the unit ends."""
    end = number.end()
    if span := number["span"] or number["zh_span"] or number["zh_after"]:
        return *_UNITS[{"月": "个月"}.get(span, span.lower())], end
    before = text[max(0, number.start() - 5) : number.start()]
    if part := _PERCENT_BEFORE.search(before):
        return "percent", 1.0 if part[1] == "百" else 0.1, end
    money = _MONEY_BEFORE.search(before)
    if times := _TIMES.match(text, end):
        return "fold", 1.0, times.end()
    if number["single"] == "half" and (article := _HALF_AN.match(text, end)):
        end = article.end()
    found = _UNIT.match(text, end)
    if found:
        written = found["latin"] or found["sign"]
        name = _ALIASES.get(written.lower(), written.lower())
        # "120 a year" are no amperes, and £125m are no metres.
        if name in _UNITS and written not in ("a", "v", "w") and not (money and name == "m"):
            return *_UNITS[name], found.end()
    if sign := _SIGN_BEFORE.search(before):
        return *_UNITS[sign[0].strip().lower()], end
    return "", 1.0, end
