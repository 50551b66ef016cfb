"""Words that exclude each other, in English and Chinese, found as signs of a kind and a side.

"Rose" and 上涨 are one sign, "fell" is its other side; so are before and after, all and some, must
and may. Two texts about one thing that have other sides of a kind do not say the same.
"""

import re
from dataclasses import dataclass
from functools import cache, lru_cache

_HAN = r"[\u4e00-\u9fff]"
_COUNT = r"(?:three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|sixty)\b"
# kind -> side -> English, Chinese.
_WORDS: dict[str, dict[str, tuple[str, str]]] = {
    "change": {
        "+": (
            r"(?:more|higher) than (?:a year|the (?:year|month|quarter)) (?:before|earlier)"
            r"|increas(?:es?|ed|ing)|rises?|rose|risen|rising|gr[eo]w(?:s|n|ing)?|climb(?:s|ed)?"
            r"|(?:goes|went|go|going|gone) up|raised?|improved?|expand(?:s|ed)?",
            r"(?<=比[上前去][年月])[多高增]|(?<=比[上前]一[年月])[多高增]|增加|上升|上涨|提高|增长|升高|增多|增大|扩大|回升|上调",
        ),
        "-": (
            r"(?:less|fewer|lower) than (?:a year|the (?:year|month|quarter)) (?:before|earlier)"
            r"|decreas(?:es?|ed|ing)|declin(?:es?|ed|ing)|falls?|fell|fallen|falling|drop(?:s|ped)?"
            r"|(?:goes|went|go|going|gone) down|reduc(?:es?|ed|ing)|shr[ia]nks?"
            r"|lowered|worsen(?:s|ed)?",
            r"(?<=比[上前去][年月])[少低减]|(?<=比[上前]一[年月])[少低减]|减少|下降|下跌|降低|下滑|减小|缩小|回落|削减|下调",
        ),
    },
    "order": {
        "+": (r"before|prior to|ahead of", rf"之前|以前|(?<={_HAN})前(?![后往来提])"),
        "-": (r"after|following|once", rf"之后|以后|(?<={_HAN})后(?![续悔])"),
    },
    "amount": {
        "+": (
            r"(?:more|longer|higher|greater|larger|older|later|better|heavier) than"
            rf"|over(?= \d| {_COUNT}| \w+ (?:days|hours|months|years))|above"
            r"|exceed(?:s|ing|ed)?|at least"
            r"|(?:no|not) (?:less|fewer|earlier|lower|smaller|shorter) than"
            r"|or more|more(?= \w+ than)|minimum",
            r"以上|超过|多于|高于|大于|至少|最少|不[得能可]?(?:少|低|小|早)于|(?<=比\w\w)多|(?<=比\w\w\w)多",
        ),
        "-": (
            r"(?:less|fewer|shorter|lower|smaller|younger|earlier|worse|lighter) than"
            rf"|under(?= \d| the age| {_COUNT})|below"
            r"|at most|up to|(?:no|not) (?:more|longer|later|higher|larger|greater) than"
            r"|(?:(?:\w+ )?not|\w+n't|cannot) (?:be )?exceed(?:ed|ing)?"
            r"|or (?:less|fewer)|(?:less|fewer)(?= \w+ than)|maximum",
            r"以下|不到|少于|低于|小于|至多|最多|不[得能可]?超过|不[得能可]?(?:多|高|大|晚)于|以内|(?<=比\w\w)少|(?<=比\w\w\w)少",
        ),
    },
    "end": {
        "+": (
            r"begin(?:s|ning)?|began|begun|start(?:s|ed|ing)?|commenc(?:es?|ed|ing)",
            r"开始|生效|起算|开工",
        ),
        "-": (
            r"ends?|ended|ending|finish(?:es|ed)?|expir(?:es?|ed|y)|terminat(?:es?|ed)",
            r"结束|终止|截止|到期|失效|完工",
        ),
    },
    "open": {
        "+": (r"open(?:s|ed|ing)?", r"开放|(?<![停不])营业|开[门馆]"),
        "-": (r"clos(?:es?|ed|ing)|shuts?", r"关闭|[关闭休]馆|关门|停业|停开|[停不]止?营业|打烊"),
    },
    "side": {"+": (r"left(?= |$)", r"左"), "-": (r"right(?=[ -](?:side|hand)|$)", r"右")},
    "east": {"+": (r"east(?:ern)?", r"东[侧边面部]"), "-": (r"west(?:ern)?", r"西[侧边面部]")},
    "north": {"+": (r"north(?:ern)?", r"北[侧边面部]"), "-": (r"south(?:ern)?", r"南[侧边面部]")},
    "top": {
        "+": (r"upper|upstairs", r"楼上|上方|上层|顶部"),
        "-": (r"bottom|lower(?! than)|downstairs", r"楼下|下方|下层|底部"),
    },
    "inside": {
        "+": (r"inside|indoors?|internal", r"室内|内部"),
        "-": (r"outside|outdoors?|external", r"室外|外部"),
    },
    "extreme": {
        "+": (r"highest|largest|longest|best|biggest|fastest", r"最[高大长好快]"),
        "-": (r"lowest|smallest|shortest|worst|slowest", r"最[低小短差慢]"),
    },
    "age": {"+": (r"oldest", r"最[老旧古]"), "-": (r"youngest|newest", r"最[新年]")},
    "rate": {
        "+": (
            r"often|frequent(?:ly)?|usual(?:ly)?|(?<!un)common(?:ly)?",
            r"经常|频繁|(?<!不)常见|往往|不(?:算|太)?(?:少见|罕见)",
        ),
        "-": (r"rarely|seldom|infrequent(?:ly)?|uncommon|rare", r"很少|极少|罕见|少见|不常见|难得"),
    },
    "chance": {
        "+": (
            r"(?:possible|likely|probable)|possibly|probably",
            r"(?<!不)(?<!不太)可能(?!性)|(?:并非|不是|并不是)不可能",
        ),
        "-": (r"impossible|unlikely|improbable", r"不(?:太)?可能"),
    },
    "always": {
        "+": (r"always", r"总是|始终|一直"),
        "~": (r"sometimes|occasionally", r"有时|偶尔"),
        "-": (r"never", r"从不|从未|从来不|从来没有"),
    },
    "trade": {
        "+": (r"buys?|bought|purchas(?:es?|ed)", r"购买|买入|收购"),
        "-": (r"sells?|sold", r"出售|卖出|销售"),
    },
    "import": {"+": (r"imports?|imported", r"进口"), "-": (r"exports?|exported", r"出口")},
    "travel": {
        "+": (r"arriv(?:es?|ed|als?)", r"到达|抵达"),
        "-": (r"depart(?:s|ed|ures?)?", r"出发|离开"),
    },
    "choice": {
        "+": (r"mandatory|compulsory|obligatory", r"必修|必填|强制"),
        "-": (r"optional|voluntary", r"选修|选填|自愿"),
    },
    "part": {
        "+": (r"in full|fully|entirely", r"全额"),
        "-": (r"in part|partly|partially", r"部分(?=报销|支付|退还|退款)"),
    },
    "duration": {
        "+": (r"permanent(?:ly)?", r"永久|长期"),
        "-": (r"temporar(?:y|ily)", r"临时|暂时|短期"),
    },
    "with": {
        "+": (r"including|includes?|included", r"(?<!不)(?:包括|包含|含有)"),
        "-": (r"excluding|excludes?|excluded", r"不包括|不包含|不含"),
    },
    "heat": {
        "+": (r"hot|heated", r"热(?=[水饮食])|高温"),
        "-": (r"cold|chilled", r"冷(?=[水饮])|低温"),
    },
    "full": {
        "+": (r"full", r"已?满(?![足意一二三四五六七八九十\d])"),
        "-": (r"empty|emptied", r"已?空(?![调气间白中运军])"),
    },
    "soft": {
        "+": (r"soft", r"[较偏]软|软(?=[水质])|质软"),
        "-": (r"hard(?! (?:dis[ck]|drive|cop))", r"[较偏]硬|硬(?=[水质])|质硬"),
    },
    "wet": {"+": (r"wet|damp|moist", r"潮湿|湿润"), "-": (r"dry", r"干燥")},
    "sex": {
        "+": (r"men|males?", r"男(?=[性生子士女])"),
        "-": (r"women|females?", r"女(?=[性生子士])"),
    },
    "test": {"+": (r"positive", r"阳性|正面"), "-": (r"negative", r"阴性|负面")},
    "gain": {"+": (r"profits?", r"盈利|利润"), "-": (r"loss(?:es)?", r"亏损")},
    "home": {"+": (r"domestic", r"国内"), "-": (r"foreign|abroad|overseas", r"国外|海外|境外")},
    "hand": {
        "+": (r"manual(?:ly)?|by hand", r"手动|人工(?=操作|控制)"),
        "-": (r"automatic(?:ally)?", r"自动"),
    },
    "public": {"+": (r"public", r"公立|公办"), "-": (r"private", r"私立|民办")},
    "sooner": {"+": (r"sooner", r"提前|提早"), "-": (r"delayed|postponed", r"推迟|延后|推后")},
    "accept": {
        "+": (r"accept(?:s|ed)?|approved?", r"接受|批准"),
        "-": (r"reject(?:s|ed)?|refus(?:es?|ed)", r"拒绝|驳回|否决"),
    },
    "win": {"+": (r"won|wins", r"获胜|战胜|赢"), "-": (r"lost|loses", r"落败|失利|输给")},
    "own": {
        "+": (r"washed|paid|known|used|married|authori[sz]ed", ""),
        "-": (r"unwashed|unpaid|unknown|unused|unmarried|unauthori[sz]ed", ""),
    },
    "form": {
        "+": (r"in writing|written", r"书面"),
        "-": (r"oral(?:ly)?|verbal(?:ly)?", r"口头"),
    },
    "often": {
        "hour": (r"hourly|(?:every|an|per|each) hour", r"每小时"),
        "day": (r"daily|(?:every|a|per|each) day", r"每[天日]"),
        "week": (r"weekly|(?:every|a|per|each) week", r"每(?:周|星期)(?![一二三四五六日天])"),
        "fortnight": (
            r"fortnightly|bi-?weekly|every (?:two|2|other|second) weeks?",
            r"每[两2]周|每隔一[周个]|双周",
        ),
        "month": (r"monthly|(?:every|a|per|each) month", r"每个?月"),
        "quarter": (r"quarterly|(?:every|a|per|each) quarter", r"每季"),
        "year": (r"yearly|annual(?:ly)?|(?:every|a|per|each) year", r"每年"),
    },
    "charge": {
        "+": (
            r"free of charge|for free|at no (?:\w+ )?(?:cost|charge)|without charge",
            r"免费|无偿|不(?:另|再)?收费",
        ),
        "-": (r"for a fee|(?:is|are) charged", r"(?<![不免])收费|付费|自费|有偿"),
    },
    "season": {
        "spring": (r"in (?:(?:early|late|the) )*spring", r"春[季天]"),
        "summer": (r"in (?:(?:early|late|the) )*summer", r"夏[季天]"),
        "autumn": (r"in (?:(?:early|late|the) )*(?:autumn|fall)", r"秋[季天]"),
        "winter": (r"in (?:(?:early|late|the) )*winter", r"冬[季天]"),
    },
    "share": {
        "all": (r"all|every(?:one|body)?|each|entire", r"全部|所有|全体|一切|每[个名位]"),
        "some": (r"some|several|a few", r"部分(?!报销|支付|退)|一些|有些|若干"),
        "most": (r"(?<!the )(?<!at )most|majority", r"大多数|多数|大部分"),
        "none": (r"nobody|no one|none of", r"没有人|无人(?!机)|没有(?:任何)?一[个名位件种]|无一"),
        "few": (r"(?<!a )few|minority", r"少数|少部分"),
    },
    "duty": {
        "free": (
            r"needs? not|needn't|(?:do|does|did)(?:n't| not) (?:need|have) to"
            r"|not (?:required|obliged) to|no need to",
            r"[无毋]须|无需|不必(?!须)|不用|不需要",
        ),
        "not": (
            r"(?:must|shall|should|may) not|cannot|can not|(?:can|must|should)n't"
            r"|not (?:allowed|permitted)|forbidden|prohibited|banned",
            r"不得(?!不)|禁止|严禁|[切请]勿|不予|不准|不许|不可以?|不能(?!够?再)|不应当?|不允许",
        ),
        "must": (
            r"must|ha(?:s|ve|d) to|(?:required|obliged) to|needs? to|shall|should",
            r"必须|应当|务必|(?<![必无毋])须(?!知)|(?<![适相反对供响必])应(?![用对急当])|(?<!不)需要",
        ),
        "may": (
            r"may|can|(?:allowed|permitted|entitled) to|permitted|allowed",
            r"可以|有权|(?<!不)允许|(?<![许不认])可(?![能靠以])",
        ),
    },
}
# Of a kind with more than two sides, those that can hold together.
_AGREE = {
    frozenset({"some", "most"}), frozenset({"some", "few"}), frozenset({"may", "free"}),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sign:
    """A word of a kind, that stands at ``text[start:end]``."""

    kind: str
    side: str
    start: int
    end: int

    def excludes(self, other: "Sign") -> bool:
        """Tell whether both are of one kind and cannot hold together."""
        apart = self.kind == other.kind and self.side != other.side
        return apart and frozenset({self.side, other.side}) not in _AGREE


@cache
def _pattern() -> tuple[re.Pattern[str], dict[str, tuple[str, str]]]:
    """Give all words as one pattern, longer alternatives of a kind before shorter ones."""
    names: dict[str, tuple[str, str]] = {}
    parts: list[str] = []
    for kind, sides in _WORDS.items():
        for side, (english, chinese) in sides.items():
            name = f"s{len(names)}"
            names[name] = (kind, side)
            either = rf"\b(?:{english})\b" + (f"|{chinese}" if chinese else "")
            parts.append(f"(?P<{name}>{either})")
    # "Not more than" begins before the "more than" in it, and 不得 before 得.
    return re.compile("|".join(parts), re.IGNORECASE), names


@lru_cache(maxsize=512)
def signs(text: str) -> tuple[Sign, ...]:
    """Find the signs of a text, in text order."""
    pattern, names = _pattern()
    return tuple(
        Sign(*names[str(found.lastgroup)], *found.span()) for found in pattern.finditer(text)
    )


def without_signs(text: str) -> str:
    """Blank the signs of a text; every other place stays what it was."""
    for sign in signs(text):
        text = text[: sign.start] + " " * (sign.end - sign.start) + text[sign.end :]
    return text
