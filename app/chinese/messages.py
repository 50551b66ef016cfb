"""Messages of every floor in Chinese, by their codes; facts stand in braces as in the English."""

from collections.abc import Mapping

from bifolio.chinese.asking import ASKING
from bifolio.chinese.elsewhere import ELSEWHERE
from bifolio.chinese.reading import KINDS, READING
from bifolio.chinese.served import ONNX, SERVED
from bifolio.chinese.serving import SERVING

_SEARCHING = {
    "asked": "由用户指定",
    "author": "模型作者公布的数值",
    "bad-legs": "检索途径 {legs} 无效，请在 {known} 中选一个或两个",
    "bad-number": "{name} 的值 {value} 无效，应为 {least} 到 {most} 之间的整数",
    "bad-score": "{name} 的值 {value} 不是得分，应在 0 到 1 之间",
    "below-threshold": "低于阈值 {threshold:g}",
    "beyond-keep": "不在最好的 {keep} 个之内",
    "calibrated": "{day} 用 {questions} 个问题校准",
    "calibration-outdated": "{own}；{calibrated} 的 {threshold:g} 属于 {reranker} 的另一状态，"
    "请重新运行 `bifolio calibrate`",
    "context": "{found} 个段落中的 {passages} 个（其中 {grown} 个在所属章节内扩展）、"
    "{past} 轮对话中的 {turns} 轮，共 {tokens} 个词元（上限 {budget}）",
    "context-cut": "语言模型只读到 {found} 个段落中的 {passages} 个，最好的一个还被截短："
    "{budget} 个词元容不下更多；请调高上下文词元数，或换用上下文更长的模型",
    "context-short": "语言模型只读到 {found} 个段落中的 {passages} 个：{budget} 个词元容不下更多；"
    "请调高上下文词元数，或换用上下文更长的模型",
    "estimated": "{day} 根据文档估计",
    "fitted": "根据已知答案的问题确定",
    "fused-ranks": "融合后的倒数排名",
    "kept": "第 {rank} 名",
    "kept-by-code": "第 {rank} 名，因为含有所问的编号或表格行",
    "missing-codes": "任何段落中都没有 {codes}",
    "no-language-model": "没有设置语言模型，请把 BIFOLIO_LLM 设为模型名",
    "no-reranker": "没有重排模型，也就没有阈值",
    "none-published": "尚未公布；取 0.5（logit 为 0 处）只是猜测",
    "not-sure": "最好的段落得分为 {score:.2f}；达到 {sure:g} 才把引文当作答案",
    "from-below": "没有段落达到阈值；本回答依据最接近的段落，每句话都经过核对",
    "quotes-instead": "{problem}；以下改为引用原文",
    "recalled": "向量 {dense} 个，词语 {words} 个（词语权重 {weight:.2g}）",
    "rule": "阈值 {threshold:g}（{source}）：保留达到阈值的最好的 {keep} 个",
    "rule-by-rank": "没有重排模型，也就没有阈值：按排名保留最好的 {keep} 个",
    "rule-without-threshold": "{reranker} 尚无阈值（{source}）：不论得分高低，保留最好的 {keep} 个",
    "sigmoid": "{reranker} 的 logit 经 sigmoid，0 到 1",
    "sigmoid-leaning": "{reranker} 的 logit 加上向量与词语的证据，经 sigmoid，0 到 1",
    "undecided": "尚未取舍",
}

_LIBRARY = {
    "ambiguous-name": "{folder} 中有 {count} 个名为 {path} 的文档，请给出完整路径",
    "bad-setting": "{where}：{value} 不是 {name} 可取的值（{problem}）",
    "bad-settings-file": "设置文件 {file} 无法读取（{problem}），请改正或删除它",
    "being-changed": "{path} 正在被修改，请重新添加",
    "choose-among": "请在 {choices} 中选择",
    "damaged-pages": "这些页已损坏，请打开文件并重新保存",
    "database-failed": "{database}：{problem}；请检查磁盘和权限，或另选 --library",
    "ingest-again": "请把文件放回原处，或重新添加",
    "known-process": "另一个进程（进程号 {pid}，始于 {since}）",
    "library-damaged": "{database} 已损坏（{problem}），请把文档添加到新的 --library",
    "library-busy": "{folder}：{holder}正在写入这个资料库，请等它结束",
    "library-mismatch": "{folder}：{difference}；"
    "请改回原来的模型，或用 `bifolio rebuild` 以现在的模型重建",
    "library-outdated": "{folder}：{difference}；请用 `bifolio rebuild` 更新它",
    "library-read-only": "您对 {folder} 只有读取权限：可以检索，但不能添加或移除文档；"
    "请修改权限，或另选 --library",
    "lock-failed": "{folder}：{problem}；请检查权限和磁盘",
    "no-folder": "{folder}：{problem}；请另选 --library",
    "no-original": "{problem}；{remedy}",
    "no-library": "{folder} 中没有资料库，请用 `ingest PATH` 建立",
    "not-a-library": "{database} 已损坏或不是资料库（{problem}），请把文档添加到新的资料库",
    "not-a-regular-file": "不是普通文件",
    "older-schema": "{folder}：由较早的版本建立（格式 {schema}，本版本使用 {own}），"
    "请把其中的文档添加到新的 --library",
    "original-changed": "{path} 在读取之后已被修改",
    "original-unreadable": "{path} 已无法读取（{why}）",
    "other-embedder": "建立时用的向量模型是 {embedder}（{dims} 维），"
    "现在要用的是 {wanted}（{wanted_dims} 维）",
    "other-schema": "{folder}：由另一版本建立（格式 {schema}，本版本使用 {own}），请更新 bifolio",
    "other-splitter": "由另一版本建立（切分方式 {splitter}，本版本是 {own}）",
    "other-weights": "建立时所用向量模型 {embedder} 的权重或设置与现在不同",
    "pages-without-text": "这些页没有文字；如果是扫描件，"
    "可用 `pip install 'bifolio[ocr]'` 安装识别功能",
    "same-content": "内容与已保留的 {path} 相同，请移除其中一个",
    "same-name": "资料库中另有一个名为 {name} 的文档，两个都保留；如果这是新版本，请移除旧的",
    "some-process": "另一个进程",
    "still-answers": "{reason}；仍用 {day} 读取的内容作答",
    "this-program": "本程序的另一个会话（始于 {since}）",
    "too-few": "最少为 {least}",
    "unknown-document": "{folder} 中没有文档 {path}，可用 `bifolio list` 查看路径",
    "unknown-names": "其中的名称只能是 {names}",
    "upload-again": "请重新上传",
    "upload-not-stored": "{path} 没有保存成功（{folder}：{problem}），请检查磁盘和权限",
}

_WHOLE_LIBRARY = {
    "archive-exists": "{file} 已经存在，请换一个名称",
    "archive-failed": "{folder}：{problem}；请检查磁盘，或换一个位置",
    "archive-of-other-models": "{file} 建立时用的向量模型是 {made}（切分方式 {splitter}），"
    "现在要用的是 {wanted}（切分方式 {ours}），或者权重不同；请用 --models 选择原来的模型，"
    "要换模型再用 `bifolio rebuild`",
    "changing": "读取时它正在被修改，请在没有人写入时再添加",
    "chunks-missing": "{path} 的 {wanted} 个文本块只有 {found} 个",
    "database-damaged": "数据库已损坏（{found}），请把文档添加到新的 --library",
    "folder-in-use": "{folder} 不是空文件夹，请另选 --library，或用 --replace 替换那里的资料库",
    "index-amiss": "索引文件缺失、损坏或比数据库旧",
    "conversations-damaged": "{file} 已损坏（{problem}），移走后会新建一个",
    "newer-conversations": "{file} 由更新的版本建立，请升级 bifolio",
    "no-picture": "没有第 {page} 页的图像",
    "page-not-drawn": "无法绘制第 {page} 页：{problem}",
    "slow-picture": "绘制第 {page} 页超过 {seconds:.0f} 秒，已停止",
    "bad-glob": "{pattern} 不是文件的匹配式（{problem}），请按 .gitignore 的写法",
    "left-out-now": "现在被排除、但资料库仍保留的有 {count} 个，可用 `bifolio remove` 移除",
    "no-score": "没有得分",
    "bad-address": "{address} 不是服务器地址，请填类似 http://127.0.0.1:11434/v1 的地址",
    "empty-password-file": "{name}：{file} 是空的，请把密码或密钥写进去",
    "no-password-file": "{name}：无法读取 {file}（{problem}），请换一个文件",
    "between-seconds": "应大于 0，至多 {most}",
    "between-scores": "应为 0 到 1 之间的数",
    "unexpected": "发生了意外的错误，详情见服务器日志",
    "bad-pattern": "请给出 1 到 {most} 个字符的搜索内容",
    "no-regular-expression": "{pattern} 不是正则表达式（{problem}），去掉 --regex 可按原文查找",
    "slow-pattern": "{pattern} 超过 {seconds:g} 秒，在 {path} 处停止；"
    "请改得简单些，或用 --seconds 放宽",
    "folder-emptied": "已知的 {count} 个文件在这里一个也找不到了，是不是磁盘没有连接？"
    "已知的内容会留在资料库里，除非删除该文件夹本身，或使用 `bifolio remove`",
    "local-cut": "语言模型 {model} 写到了回答长度的上限",
    "local-empty": "语言模型 {model} 没有写出任何内容，请重试",
    "local-not-installed": "{model} 是本机的文件："
    "`pip install 'bifolio[llm]'` 可不用服务器运行语言模型",
    "local-too-long": "{model} 一次最多读 {window} 个词元，而这些段落有 {length} 个",
    "local-unusable": "语言模型 {model} 无法使用（{why}），"
    "请给出 Llama 或 Qwen 的 GGUF 文件或 OpenVINO 文件夹",
    "no-archive": "{file} 不是 `bifolio export` 写出的资料库（{why}），请重新导出",
    "place-unwritable": "{folder} 无法写入（{problem}），请换一个位置",
    "row-without-document": "{table} 的第 {row} 行不属于任何文档，请把文档添加到新的 --library",
    "text-damaged": "{path} 的文字与保存时不同",
    "text-missing": "{path} 的文字缺了一部分",
    "vectors-damaged": "{path} 有 {count} 个向量与保存时不同",
    "words-amiss": "{missing} 个文本块的词语没有索引，另有 {spare} 个多余",
}

_MODELS = {
    "api-only": "它只能通过网络接口使用，那样会把所有文档发送出去；"
    "确有此意时请写 openai:text-embedding-ada-002",
    "copy-again": "请重新复制模型文件",
    "decoder": "解码模型",
    "disk-nearly-full": "{files} 个文件约需 {needed:.0f} MB，而 {folder} 所在的磁盘只剩"
    " {free:.0f} MB；请腾出空间、少添加一些文件，或另选 --library",
    "embedder": "向量模型",
    "embedder-is-reranker": "{folder} 不是向量模型而是重排模型，请用 --reranker 指定",
    "fetch-again": "请删除 {folder}，再次运行即可重新下载",
    "folder-not-empty": "{folder} 不是空文件夹，请换一个新文件夹",
    "folder-not-written": "{folder} 无法写入（{problem}），请换一个文件夹",
    "foreign-code": "{folder} 需要运行它自带的程序代码（trust_remote_code），Bifolio 从不运行；"
    "请换一个模型，例如 --models starter",
    "gated-model": "{model} 需要授权：请在 {hub}/{model} 接受条款并设置有效的 HF_TOKEN，"
    "或给出存有模型文件的文件夹（例如从 ModelScope 下载），或使用 --models bge-zh",
    "git-lfs-pointer": "{file} 只是指向 git 大文件存储的指针，请在其文件夹中运行 `git lfs pull`",
    "hub-cache-read-only": "{model} 无法写入 {cache}，请把 HF_HOME 设为您自己的文件夹",
    "hub-disk-full": "{cache} 所在磁盘放不下 {model}，请腾出空间或设置 HF_HOME",
    "hub-failed": "无法从 {hub} 下载 {model}（{problem}）；请检查网络，"
    "或给出存有模型文件的文件夹，或使用 --models starter",
    "hub-offline": "{cache} 中没有 {model}，而 HF_HUB_OFFLINE 禁止下载；请取消该设置，"
    "或给出存有模型文件的文件夹",
    "large-decoder": "它是 70 亿参数的解码模型，其池化方式和括号标记都与众不同",
    "mixed-models": "{folder} 的 config.json 与权重属于不同的模型；{remedy}",
    "model-file-damaged": "{file} 已损坏；{remedy}",
    "model-file-missing": "缺少 {file}；{remedy}",
    "model-file-unreadable": "{file} 无法读取（{problem}）；{remedy}",
    "model-refused": "不运行 {model}：{reason}；可用 `bifolio models` 查看能运行的模型",
    "modules-damaged": "{file} 或其中所列的文件不符合 sentence-transformers 的格式"
    "（{kind}：{problem}）；{remedy}",
    "newer-weights": "{file} 的格式是 {form}，本版本读取 {own}，请更新 bifolio",
    "no-dense-layer": "{file} 中没有全连接层；{remedy}",
    "no-licence": "它没有许可证和模型说明，还需要运行其仓库中的代码",
    "no-model-folder": "没有模型文件夹 {folder}，请检查名称",
    "no-pooling": "没有任何地方说明向量模型 {model} 的池化方式，请按其模型说明给出 --pooling cls"
    " 或 --pooling mean（或设置 BIFOLIO_POOLING）",
    "no-tokenizer": "{folder} 没有可用的分词器（{problem}），请重新获取 tokenizer.json",
    "no-weights": "{folder} 中没有权重（{first} 或 {second}）；{remedy}",
    "no-weights-on-hub": "{model} 没有 Bifolio 能读取的权重（{kinds}），请换一个模型",
    "no-width": "{file} 没有写明 hidden_size，请给出文本模型的文件夹",
    "not-a-model-folder": "{folder} 中没有 config.json，请给出 Hugging Face 格式的模型文件夹",
    "not-a-reranker": "{folder} 不是重排模型：它对每一对给出 {count} 个数而不是一个，请换一个模型",
    "not-for-transformers": "{model} 没有 config.json，请选择 transformers 的模型",
    "not-loaded": "{folder} 无法加载：{problem}；{remedy}，或换一个模型",
    "not-on-hub": "模型站点上找不到 {model}，请检查名称，或设置 HF_TOKEN",
    "own-code": "它需要运行其仓库中的代码（trust_remote_code），Bifolio 从不运行",
    "pickle-with-code": "{file} 是 pickle 文件，除权重外还有别的内容，可能会运行代码，"
    "因此不予加载；请改用含 model.safetensors 的版本",
    "reranker": "重排模型",
    "scale-missing": "{file} 已损坏：{name} 没有合适的缩放系数；{remedy}",
    "too-few-tokens": "{folder} 一次只能读 {count} 个词元，请换一个向量模型",
    "model-folder-gone": "没有模型文件夹 {folder}，请把它放回原处，或改用其他模型",
    "unknown-activation": "{folder} 的激活函数是 {activation}，Bifolio 不支持，请换一个向量模型",
    "unknown-embedder": "没有名为 {name} 的向量模型；请给出文件夹、模型站点上的名称（owner/name），"
    "或 `bifolio models` 列出的名称，例如 bge-m3",
    "unknown-model": "没有名为 {name} 的模型或模型组合，可用 `bifolio models` 查看已知的",
    "unknown-pair": "没有名为 {name} 的模型组合，请从 {names} 中选择",
    "unknown-part": "{folder} 含有 {part} 部分，Bifolio 不支持，请换一个向量模型",
    "unknown-pooling": "向量模型 {model} 的池化方式是 {mode}，Bifolio 只支持 {first} 和 {second}，"
    "请换一个模型",
    "unknown-reranker": "没有名为 {name} 的重排模型；请给出文件夹、模型站点上的名称（owner/name），"
    "或 {names} 之一",
    "weights-damaged": "{file} 已损坏（{problem}）；{remedy}",
    "weights-incomplete": "{count} 个权重文件中缺少 {file}；{remedy}",
    "weights-missing": "{folder} 不是{kind}：其中没有 {name} 的权重，请换一个模型",
}

_LANGUAGE_MODEL = {
    "broken-reply": "发来的回复已损坏，请检查服务器",
    "connection-broken": "断开了连接，详情见服务器日志",
    "context-exceeded": "一次读不了这么多，请减少上下文词元数：{said}",
    "declined": "拒绝回答：{said}",
    "default-server": "默认服务器",
    "empty-reply": "的回复是空的，请再问一次，或换一个模型",
    "endless-event": "发来的事件没有结尾，请检查服务器",
    "error-not-said": "没有说明是什么错误",
    "key-refused": "不接受密钥，请检查 OPENAI_API_KEY",
    "model-empty-reply": "语言模型的回复是空的，请再问一次，或换一个模型",
    "model-not-served": "不认识模型 {model}，或没有这个地址，请检查 BIFOLIO_LLM 和 OPENAI_BASE_URL",
    "model-asked-tool": "语言模型没有回答，而是要求调用工具，请换一个模型",
    "model-only-thought": "语言模型只有思考，没有写出回答；请再问一次，或关闭它的思考",
    "model-trouble": "语言模型（{address}）{why}",
    "no-answer": "没有及时回答，请再试一次，或检查服务器",
    "no-answer-in": "没有及时回答（{seconds:g} 秒），请再试一次，或检查服务器",
    "no-key": "无法使用，请设置 OPENAI_API_KEY，本地服务器则设置 OPENAI_BASE_URL",
    "no-reply": "没有回复就断开了连接，详情见服务器日志",
    "no-room": "还没写出第一个字就达到了回复的长度上限，请放宽上限",
    "no-http": "没有给出能读懂的回复，请检查 OPENAI_BASE_URL 和服务器日志",
    "not-reached": "无法连接，请检查 OPENAI_BASE_URL，并确认服务器正在运行",
    "other-interface": "使用的不是 chat completions 接口，请检查 OPENAI_BASE_URL",
    "only-thought": "只有思考，没有写出回答；请再问一次，或关闭它的思考",
    "reply-broken-off": "的回复中途断了，请再试一次",
    "reply-cut": "达到了回复的长度上限",
    "reply-failed": "因出错而停止，详情见服务器日志",
    "reply-not-ended": "没有说完就断开了连接",
    "reply-stopped": "说到一半就停下了（{finish}）；请再问一次",
    "reply-silent": "在回复中途没有了声息",
    "reply-stalled": "{seconds:g} 秒没有声息",
    "reply-too-long": "写了超过 {most} 个字符",
    "reply-withheld": "的回复被它的内容过滤拦下了",
    "request-refused": "拒绝了请求（HTTP {status}）：{said}",
    "request-too-long": "因请求太长而拒绝，请减少上下文词元数",
    "sent-on": "把请求转到了 {there}，请把 OPENAI_BASE_URL 设为真正的地址",
    "sent-other": "发来的不是回复，请检查 OPENAI_BASE_URL",
    "sent-page": "发来的是网页，请检查 OPENAI_BASE_URL",
    "server-busy": "正忙，或账户已达限额，请稍后再试",
    "server-busy-for": "{why}（对方要求等 {seconds:.0f} 秒）",
    "server-error": "报告错误：{said}",
    "server-failed": "出错（HTTP {status}），详情见服务器日志",
    "server-unusable": "无法使用（{problem}），请检查 OPENAI_BASE_URL 和密钥",
    "tool-asked": "没有回答，而是要求调用工具，请换一个模型",
}

_SYSTEM = {
    "system-denied": "没有权限",
    "system-disk-full": "磁盘已满",
    "system-exists": "文件已存在",
    "system-failure": "读写出错",
    "system-forbidden": "不允许这样操作",
    "system-is-folder": "这是文件夹",
    "system-links": "符号链接层数太多",
    "system-long-name": "文件名太长",
    "system-missing": "没有这个文件或文件夹",
    "system-no-folder": "不是文件夹",
    "system-open-files": "打开的文件太多",
    "system-quota": "超出磁盘配额",
    "system-read-only": "文件系统只读",
    "system-too-large": "文件太大",
}

MESSAGES: Mapping[str, str] = {
    **_SEARCHING,
    **ASKING,
    **_LIBRARY,
    **_WHOLE_LIBRARY,
    **ELSEWHERE,
    **_MODELS,
    **SERVED,
    **ONNX,
    **SERVING,
    **_LANGUAGE_MODEL,
    **READING,
    **KINDS,
    **_SYSTEM,
}
