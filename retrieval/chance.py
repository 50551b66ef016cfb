"""How near a library comes to questions about anything: only what is nearer is about its topics."""

from bifolio.retrieval.arrays import Floats
from bifolio.retrieval.models.embedder import Embedder
from bifolio.retrieval.store.searchable import Recallable
from bifolio.retrieval.words import is_chinese

# About as many things as possible, in the words that people use. A library may be about one of
# them: so the nearest is not counted.
_ABOUT_ANYTHING = (
    "How often should tomatoes be watered?",
    "Who won the chess championship?",
    "What is the capital of Mongolia?",
    "How do I sort a list in Python?",
    "Which chords go with a sad song?",
    "How far away is the nearest star?",
    "What are the symptoms of measles?",
    "When did the Roman empire fall?",
    "How is yoghurt made?",
    "What is the derivative of a sine?",
    "Which tyres are best on snow?",
    "How do I train a puppy?",
    "Can you explain black holes to a child?",
    "Why is the sky blue?",
    "How many players are in a cricket team?",
    "Which paint sticks to glass?",
    "What does a mortgage broker do?",
    "Where do swallows go in winter?",
    "How do I knit a scarf?",
    "What makes concrete crack?",
)
_ABOUT_ANYTHING_CHINESE = (
    "西红柿多久浇一次水？",
    "谁赢得了国际象棋冠军？",
    "蒙古国的首都是哪里？",
    "怎样用程序给列表排序？",
    "悲伤的歌曲用什么和弦？",
    "离我们最近的恒星有多远？",
    "麻疹有哪些症状？",
    "罗马帝国是什么时候灭亡的？",
    "酸奶是怎么做的？",
    "正弦函数的导数是什么？",
    "雪地上用哪种轮胎最好？",
    "怎样训练小狗？",
    "怎么给孩子解释黑洞？",
    "天空为什么是蓝色的？",
    "板球队有几名队员？",
    "哪种油漆能粘在玻璃上？",
    "贷款中介是做什么的？",
    "燕子冬天飞到哪里去？",
    "怎么织围巾？",
    "混凝土为什么会开裂？",
)
# By the fingerprint of the embedder, and the language.
_VECTORS: dict[tuple[str, bool], Floats] = {}


def by_chance(question: str, embedder: Embedder, store: Recallable) -> float:
    """Give the inner product that a question in this language reaches, whatever it is about.

    It depends on the model and on how much the library holds: with more to choose from something
    is nearer. So it is measured, with questions about twenty things.
    """
    best = [
        max((product for _, product in store.dense(vector, 1)), default=-1.0)
        for vector in _probes(embedder, chinese=is_chinese(question))
    ]
    return sorted(best)[-2]


def _probes(embedder: Embedder, *, chinese: bool) -> Floats:
    """Give the vectors of the twenty questions, which are the same for every library."""
    key = embedder.fingerprint, chinese
    if key not in _VECTORS:
        _VECTORS[key] = embedder.embed_queries(
            _ABOUT_ANYTHING_CHINESE if chinese else _ABOUT_ANYTHING
        )
    return _VECTORS[key]
