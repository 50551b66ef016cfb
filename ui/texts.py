"""What the web chat says, in English and in Chinese."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bifolio import Message
from bifolio.ui.messages_zh import MESSAGES


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """The chat's own words in one language; names in braces are filled in by ``str.format``."""

    tagline: str
    language: str
    ask: str
    greeting: str
    greeting_detail: str
    empty: str
    empty_upload: str
    empty_command: str
    opening: str
    searching: str
    writing: str
    stopped: str
    unexpected: str
    page: str
    pages: str
    score: str
    section: str
    sources: str
    unsupported: str
    nearest: str
    how_found: str
    step: str
    chunks_out: str
    milliseconds: str
    threshold: str
    no_threshold: str
    no_reranker: str
    hits: str
    document: str
    vectors: str
    words: str
    reranked: str
    verdict: str
    kept: str
    dropped: str
    new_conversation: str
    upload: str
    upload_help: str
    adding: str
    added: str
    unchanged: str
    skipped: str
    warned: str
    documents: str
    one_page: str
    some_pages: str
    one_chunk: str
    some_chunks: str
    comma: str
    more: str
    answers: str
    by_model: str
    by_quotes: str
    models: str
    steps: Mapping[str, str] = field(default_factory=dict)
    messages: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)

    def say(self, told: Message) -> str:
        """Say a message in this language; one that has no translation is said in English."""
        facts = {
            name: self.say(fact) if isinstance(fact, Message) else fact
            for name, fact in told.facts.items()
        }
        return self.messages.get(told.code, told.english).format(**facts)


ENGLISH = Texts(
    tagline="Answers from your own documents, with their very words.",
    language="Language",
    ask="Ask about your documents",
    greeting="What would you like to know?",
    greeting_detail="Ask in English or Chinese. Every answer leads to the page and the very words "
    "it rests on; if your documents do not say, Bifolio says so.",
    empty="Your library is still empty",
    empty_upload="Upload PDF, office, web or text files in the sidebar on the left, or",
    empty_command="add a whole folder from a terminal:",
    opening="Opening the library …",
    searching="Searching your documents …",
    writing="Reading {count} passages …",
    stopped="This question was interrupted before it was answered.",
    unexpected="Something went wrong that should not; the details are in the server's log.",
    page="page {first}",
    pages="pages {first}-{last}",
    score="score {score:.2f}",
    section="in “{section}”",
    sources="Sources",
    unsupported="not supported by this passage",
    nearest="Nearest passage (it may not answer)",
    how_found="How this was found",
    step="Step",
    chunks_out="Out",
    milliseconds="ms",
    threshold="Threshold {threshold:g}: {source} (scores: {space}).",
    no_threshold="No threshold: {reranker} has none yet ({source}). The best {keep} are kept, "
    "whatever they score (scores: {space}).",
    no_reranker="No threshold without a reranker: the best {keep} are kept (scores: {space}).",
    hits="The best {shown} of {total} chunks",
    document="Document",
    vectors="Vectors",
    words="Words",
    reranked="Score",
    verdict="Decision",
    kept="kept",
    dropped="dropped",
    new_conversation="New conversation",
    upload="Add documents",
    upload_help="PDF, office and web files, mail, text and more; they stay on this computer.",
    adding="Adding {name}",
    added="added, {counts}",
    unchanged="already in the library",
    skipped="not added: {reason}",
    warned="pages {pages}: {reason}",
    documents="Documents ({count})",
    one_page="1 page",
    some_pages="{count} pages",
    one_chunk="1 chunk",
    some_chunks="{count} chunks",
    comma=", ",
    more="and {count} more",
    answers="Answers",
    by_model="written by {name}",
    by_quotes="word-for-word quotes (no language model is set)",
    models="Search models",
    reasons={
        "uncited": "no source is given for this sentence",
        "unlikely": "the cited passage does not seem to say this",
        "contradicted": "the cited passage says otherwise",
        "misquoted": "the words cited are in no document",
    },
)

CHINESE = Texts(
    tagline="只依据您自己的文档回答，并附原文。",
    language="语言",
    ask="就您的文档提问",
    greeting="您想知道什么？",
    greeting_detail="可以用中文或英文提问。每个回答都注明出处，可查到页码和原文；"
    "文档里没有的，会如实告诉您。",
    empty="资料库还是空的",
    empty_upload="请在左侧边栏上传 PDF、Office、网页或文本文件，或者",
    empty_command="在终端里添加整个文件夹：",
    opening="正在打开资料库……",
    searching="正在检索您的文档……",
    writing="正在阅读 {count} 个段落……",
    stopped="这个问题在得到回答之前被中断了。",
    unexpected="发生了意外的错误，详情见服务器日志。",
    page="第 {first} 页",
    pages="第 {first}-{last} 页",
    score="得分 {score:.2f}",
    section="见“{section}”",
    sources="出处",
    unsupported="该段落不支持此说法",
    nearest="最接近的段落（不一定是答案）",
    how_found="检索过程",
    step="步骤",
    chunks_out="结果数",
    milliseconds="毫秒",
    threshold="阈值 {threshold:g}：{source}（得分：{space}）。",
    no_threshold="没有阈值：{reranker} 尚无阈值（{source}）。不论得分高低，保留最好的 {keep} 个"
    "（得分：{space}）。",
    no_reranker="没有重排模型，也就没有阈值：保留最好的 {keep} 个（得分：{space}）。",
    hits="{total} 个文本块中最好的 {shown} 个",
    document="文档",
    vectors="向量",
    words="词语",
    reranked="得分",
    verdict="取舍",
    kept="采用",
    dropped="舍弃",
    new_conversation="新对话",
    upload="添加文档",
    upload_help="PDF、Word、幻灯片、表格、网页、邮件、文本等文件；文件只保存在这台电脑上。",
    adding="正在添加 {name}",
    added="已添加，{counts}",
    unchanged="资料库中已有",
    skipped="未添加：{reason}",
    warned="第 {pages} 页：{reason}",
    documents="文档（{count}）",
    one_page="1 页",
    some_pages="{count} 页",
    one_chunk="1 个文本块",
    some_chunks="{count} 个文本块",
    comma="，",
    more="还有 {count} 个",
    answers="回答方式",
    by_model="由 {name} 撰写",
    by_quotes="逐字引用原文（未设置语言模型）",
    models="检索模型",
    reasons={
        "uncited": "这句话没有注明出处",
        "unlikely": "所引段落似乎没有这样说",
        "contradicted": "所引段落的说法与此不同",
        "misquoted": "所引文字不在任何文档中",
    },
    steps={
        "embed": "向量化",
        "recall": "召回",
        "rerank": "重排",
        "context": "上下文",
        "answer": "回答",
    },
    messages=MESSAGES,
)

LANGUAGES: Mapping[str, Texts] = {"English": ENGLISH, "中文": CHINESE}


def preferred(locale: str | None) -> str:
    """Name the language for a browser's locale, such as "zh-CN"."""
    return "中文" if (locale or "").lower().startswith("zh") else "English"
