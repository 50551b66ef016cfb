"""Names that a claim brings along: one that stands nowhere in the passage is not from there."""

import re

from bifolio.answers.quantities import UNIT_NAMES
from bifolio.answers.wording import CALENDAR
from bifolio.retrieval import language

# A capital within a sentence; at its beginning only a name of two words is known for one.
_NAME = re.compile(
    r"(?:(?<=[a-z0-9,;:)'] )|(?<=(?:Mr|Ms|Dr)\. )|(?<=Mrs\. ))(?P<inner>[A-Z][A-Za-z]+)"
    r"|(?:\A|(?<=[.!?] ))(?P<first>[A-Z][a-z]+) (?=[A-Z][a-z])"
    r"|(?<=[\u4e00-\u9fff])(?P<latin>[A-Z][A-Za-z]{2,})"
    r"|(?<=[A-Z][a-z] )(?P<next>[A-Z][a-z]+)|(?<=[a-z] )(?:[A-Z][a-z]+ )(?P<last>[A-Z][a-z]+)"
)
# Countries, large cities, and parties of a contract beyond the usual two.
_KNOWN_CHINESE = (
    "中国 美国 英国 法国 德国 俄罗斯 日本 韩国 朝鲜 印度 意大利 西班牙 葡萄牙 "
    "荷兰 比利时 瑞士 瑞典 挪威 丹麦 芬兰 波兰 奥地利 希腊 土耳其 埃及 巴西 "
    "墨西哥 加拿大 澳大利亚 新西兰 新加坡 泰国 越南 马来西亚 印度尼西亚 菲律宾 "
    "伊朗 伊拉克 以色列 沙特 南非 北京 上海 天津 重庆 广州 深圳 杭州 南京 武汉 "
    "成都 西安 苏州 香港 澳门 台湾 台北 浙江 江苏 广东 福建 山东 山西 河南 "
    "河北 湖南 湖北 四川 云南 贵州 陕西 辽宁 吉林 黑龙江 安徽 江西 海南 甘肃 "
    "青海 青岛 大连 厦门 宁波 无锡 长沙 郑州 济南 沈阳 哈尔滨 合肥 福州 昆明 南昌 "
    "石家庄 太原 兰州 贵阳 珠海 东莞 佛山 温州 洛阳 巴黎 伦敦 纽约 东京 柏林 首尔 悉尼 "
    "丙方 丁方 丙公司 丁公司"
)
# What a sentence may begin with in front of a name, and is none.
_OPENERS_WORDS = (
    "a aboard about above according across after against all along also although among an and "
    "another are around as at because before behind below beside besides between beyond both "
    "but by can concerning considering currently despite did do does during each either every "
    "except finally first following for from generally given has have her his how however if "
    "in including inside is its last later like many may most must my near neither never next "
    "no nor normally not now of off often on once only onto or other our out outside over "
    "past per regarding second should since so some sometimes such than that the their then "
    "these third this those though through throughout thus till to today toward towards under "
    "unless unlike until up upon usually via was were what when whenever where whereas "
    "wherever whether which while who why will with within without yes your"
)
_OPENERS = frozenset(_OPENERS_WORDS.split())
_PLACES = re.compile("|".join(_KNOWN_CHINESE.split()))
_HONORIFIC = frozenset(["mr", "mrs", "ms", "dr", "prof", "sir", "the", "i", "ok"])
# Names of peoples whose country begins otherwise.
_PEOPLES = {"french": "france", "dutch": "netherlands", "british": "uk", "english": "england"}
_PEOPLES |= {"swiss": "switzerland", "irish": "ireland", "welsh": "wales", "greek": "greece"}
_PEOPLES |= {"danish": "denmark", "spanish": "spain", "polish": "poland", "turkish": "turkey"}
_PEOPLES |= {"american": "united states", "scottish": "scotland", "finnish": "finland"}
_BEGIN = 4
# A Chinese name in front of what only somebody does: a surname with which few words begin, and one
# character or two.
_PERSON = re.compile(
    r"(?:\A|[，,。；;、由与和])(?P<name>[王李张刘陈杨赵黄吴徐孙胡朱郭罗宋郑谢韩唐冯董萧曹袁邓傅沈彭吕苏卢蒋蔡贾丁魏薛"
    r"阎潘杜戴汪姜范姚谭廖邹熊陆郝崔邱秦邵孟龚][\u4e00-\u9fff]{1,2}?)(?=(?:于|在)[\d一二两]|(?:自|从)\d"
    r"|接替|出任|担任|就任|辞去|加入|创[立办建]|签[署订]|主持|当选|毕业|负责|[说称]|表示|认为|提出)"
)


def strange_name(claim: str, known: str) -> str:
    """Give the first name of a claim that what is known has not; empty where there is none.

    Names are compared within a language only.
    """
    if language(claim) != language(known):
        return ""
    plain = known.casefold()
    heard = set(re.findall(r"[^\W\d_]+", plain))
    for found in _NAME.finditer(claim):
        name = next(one for one in found.groups() if one)
        if found["first"] and name.casefold() in _OPENERS:
            continue
        if not _is_known(name, plain, heard, known):
            return name
    for place in _PLACES.finditer(claim):
        if place[0] not in known:
            return place[0]
    # Only beside other people: what looks like a name may be none.
    people = {one["name"] for one in _PERSON.finditer(known)} if _PERSON.search(claim) else set()
    mine = [one["name"] for one in _PERSON.finditer(claim) if people and one["name"] not in known]
    return next(iter(mine), "")


def _is_known(name: str, plain: str, heard: set[str], known: str) -> bool:
    word = name.casefold()
    if {word, word.removesuffix("s")} & (CALENDAR | UNIT_NAMES | _HONORIFIC) or word in plain:
        return True
    begins = word[:_BEGIN]
    if any(one.startswith(begins) for one in heard):
        return True
    other = _PEOPLES.get(word) or next((a for a, b in _PEOPLES.items() if b == word), "")
    if other and other in plain:
        return True
    # An abbreviation is known by its initials.
    initials = "".join(re.findall(r"\b([A-Z])", known))
    return name.isupper() and (name in initials or len(name) == 1)
