"""Chinese for what the program tells: format strings by the code of the message."""

from collections.abc import Mapping

MESSAGES: Mapping[str, str] = {
    "asked": "由用户指定",
    "author": "模型作者公布的数值",
    "bad-number": "{name} 的值 {value} 无效，应为 {least} 到 {most} 之间的整数",
    "bad-score": "{name} 的值 {value} 不是得分，应在 0 到 1 之间",
    "below-threshold": "低于阈值 {threshold:g}",
    "beyond-keep": "不在最好的 {keep} 个之内",
    "calibrated": "{day} 用 {questions} 个问题校准",
    "calibration-outdated": "{own}；{calibrated} 的 {threshold:g} 属于 {reranker} 的另一状态，"
    "请重新运行 `bifolio calibrate`",
    "context": "{found} 个段落中的 {passages} 个、{past} 轮对话中的 {turns} 轮，"
    "共 {tokens} 个词元（上限 {budget}）",
    "empty-question": "问题是空的，请输入问题",
    "estimated": "{day} 根据文档估计",
    "fitted": "根据已知答案的问题确定",
    "fused-ranks": "融合后的倒数排名",
    "incomplete": "回答不完整：{problem}",
    "kept": "第 {rank} 名",
    "no-language-model": "没有设置语言模型，请把 BIFOLIO_LLM 设为模型名",
    "no-reranker": "没有重排模型，也就没有阈值",
    "missing-codes": "任何段落中都没有 {codes}",
    "none-published": "尚未公布；取 0.5（logit 为 0 处）只是猜测",
    "quotes-instead": "{problem}；以下改为引用原文",
    "recalled": "向量 {dense} 个，词语 {words} 个（词语权重 {weight:.2g}）",
    "sigmoid": "{reranker} 的 logit 经 sigmoid，0 到 1",
    "sigmoid-leaning": "{reranker} 的 logit 加上向量与词语的证据，经 sigmoid，0 到 1",
    "unexpected": "发生了意外的错误，详情见服务器日志",
    "unknown-conversation": "这个对话已被删除，请开始新的对话",
    "undecided": "尚未取舍",
    "unreadable-document": "{path}：{reason}",
}
