"""What the server says to its clients in Chinese, by code."""

from collections.abc import Mapping

SERVING: Mapping[str, str] = {
    "bad-field": "{name}：{why}；请改正后重试",
    "bad-name": "有文件没有名称，或名称超过 {most} 字节，请重新命名",
    "body-too-large": "请求大于 {most:g} MB，请分次发送",
    "body-too-slow": "{seconds:g} 秒内没有收到请求正文，请重新发送",
    "ending": "服务器正在停止，请稍后再问",
    "key-wanted": "此服务器需要密钥，请以 `Authorization: Bearer KEY` 发送",
    "malformed": "无法读取请求正文，请发送 UTF-8 的 JSON，或以 multipart/form-data 发送文件",
    "many-files": "一次发送的文件超过 {most} 个，请分几次发送",
    "model_not_found": "没有模型 {name}，现有：{known}",
    "no-file": "没有收到文件，请在字段 `files` 中发送",
    "no-json": "请求正文不是 JSON 对象，请发送 JSON，并注明 Content-Type: application/json",
    "no-model": "请指定模型：{known}",
    "no-route": "没有这个地址；/openapi.json 列出所有地址，对话请用 /v1/chat/completions",
    "no-such-page": "{name} 没有第 {page} 页的图片：只有 PDF 的每一页有图片",
    "no-user-question": "用户的最后一条消息没有文字，或超过 {most} 个字符，请提出问题",
    "not-a-text-part": "消息中有一部分是 {kind}，而向资料库只能用文字提问",
    "not-multipart": "请以 multipart/form-data 发送文件，字段为 `files`",
    "other-dimensions": "{name} 只给出 {dims} 维的向量，请去掉 `dimensions`",
    "read-only": "此服务器只读；要更改资料库，启动时请去掉 --read-only",
    "too-many-at-once": "已有 {count} 个请求在等待，请稍后再问",
    "too-many-files": "等待读取的文件已经太多，请稍后再发送",
    "too-many-tries": "错误的密钥太多，请在 {seconds:.0f} 秒后再试",
    "too-often": "每分钟的请求超过 {rate} 个，请在 {seconds:.0f} 秒后再问",
    "two-lengths": "请求正文有两个长度，请只发送 Content-Length 或 Transfer-Encoding",
    "unknown-job": "没有任务 {job}，或已不再保留；GET /libraries/{library}/jobs 列出所有任务",
    "wrong-host": "此服务器不叫 {host}，请在启动时用 --host 指定该名称",
    "wrong-key": "这不是服务器的密钥，请发送其 {name} 中的密钥",
    "wrong-method": "这个地址没有这种方法，请见 /openapi.json",
    "wrong-origin": "{origin} 的网页不能使用此服务器，请在启动时用 --origin 允许",
}
# What is wrong with a field, by the kind that pydantic gives it; its own facts are in braces.
FIELDS: Mapping[str, str] = {
    "bool_type": "应为 true 或 false",
    "dict_type": "应为对象",
    "field-ids": "请发送文本，不要发送词元编号（LangChain 的 OpenAIEmbeddings："
    "check_embedding_ctx_length=False）",
    "field-no-text": "请给出文字",
    "field-text-answer": "回答是带引用的文字，请去掉 response_format",
    "field-tool": "资料库不调用工具，请去掉 tool_choice，或设为 none",
    "field-unicode": "其中有不完整的字符，请发送完整的字符",
    "float_type": "应为数字",
    "greater_than_equal": "应不小于 {ge}",
    "int_parsing": "应为整数",
    "int_type": "应为整数",
    "less_than_equal": "应不大于 {le}",
    "list_type": "应为列表",
    "literal_error": "应为 {expected}",
    "missing": "缺少这个字段",
    "model_attributes_type": "应为对象",
    "string_too_long": "最多 {max_length} 个字符",
    "string_too_short": "至少 {min_length} 个字符",
    "string_type": "应为文字",
    "too_long": "最多 {max_length} 项",
    "too_short": "至少 {min_length} 项",
}
# In place of sentences that name the command line's options.
CLIENTS: Mapping[str, str] = {
    "ambiguous-name": "有 {count} 个文档叫 {path}，请给出其中一个的 id",
    "no-language-model": "服务器没有语言模型，请把 `mode` 设为 quotes 或 auto",
    "no-regular-expression": "{pattern} 不是正则表达式（{problem}），请改正，或去掉 `regex`",
    "slow-pattern": "{pattern} 用时超过 {seconds:g} 秒，已被中止，请写得简单些",
    "unknown-document": "没有文档 {path}；资料库的 /documents 列出所有文档",
}
