"""Messages about models at servers and about ONNX files in Chinese, by their codes."""

from collections.abc import Mapping

SERVED: Mapping[str, str] = {
    "given-score": "{reranker} 的服务器给出的得分，0 到 1",
    "server-of-a-folder": "{file} 指定了服务器 {address}（{name}），而您自己的设置中没有它；"
    "资料库文件夹不能单独决定文字和密钥发往何处：如果确实要用，请设置 {variable}={address}，"
    "否则请从该文件中删除",
    "model-of-a-folder": "{file} 指定了模型 {model}（{name}），而您自己的设置中没有它；"
    "资料库文件夹不能单独让本机加载文件或下载模型：如果确实要用，请设置 {variable}={model}，"
    "否则请从该文件中删除",
    "no-origin": "{address} 不是类似 https://example.org 的地址",
    "served-bad-address": "{address} 不是服务器地址，请给出如 https://example.org/v1 的地址",
    "served-bad-key": "无法使用这个密钥：其中有密钥不会有的字符，请检查 {variable}",
    "served-bad-option": "无法理解 #{name}={value}：dims、tokens、batch、seconds 应为数字，"
    "scores 应为 sigmoid 或 logits",
    "served-broken": "中断了连接，请查看服务器日志",
    "served-busy": "正忙，或账户已达到限额（{said}），请稍后再试",
    "served-certificate": "出示的证书不受信任，请检查地址或 SSL_CERT_FILE",
    "served-count": "{count} 段文本得到 {given} 个结果",
    "served-credentials": "地址 {address} 带有用户名或密码，请去掉，"
    "并用 BIFOLIO_EMBEDDER_KEY 或 BIFOLIO_RERANKER_KEY 给出密钥",
    "served-elsewhere": "要转到 {place}，未经许可不会把文档和密钥发往那里，请自行给出正确的地址",
    "served-embeds-nothing": "{kind} 类服务器不提供向量，请在 {kinds} 中选择",
    "served-empty": "内容为空",
    "served-endless": "的回复没完没了，请检查服务器种类和地址",
    "served-failed": "出错（HTTP {status}：{said}），请查看服务器日志",
    "served-index": "序号 {index} 不属于任何文本",
    "served-index-twice": "序号 {index} 出现了两次",
    "served-key-refused": "拒绝了密钥，请检查 {variable}",
    "served-key-wanted": "需要密钥，请设置 {variable}",
    "served-no-json": "的回复不是 JSON（{begins!r}），请检查地址",
    "served-no-list": "其中没有列表 {name}",
    "served-no-model": "无法理解 {name}，请写成 KIND:MODEL@URL，如 {example}",
    "served-no-score": "其中有一个得分不是数字",
    "served-no-vector": "其中有一个向量不是一行数字",
    "served-no-vectors": "其中没有 {count} 个向量的列表",
    "served-not-found": "不知道这个模型，或没有这个接口（{said}），"
    "请检查模型名，以及地址是否缺少 /v1 之类的结尾",
    "served-not-reached": "无法连接，请检查地址，并确认服务器正在运行",
    "served-not-understood": "的回复无法理解：{what}；请检查服务器种类和地址",
    "served-other-dims": "给出了 {given} 维的向量，而不是 {dims} 维："
    "那里换了模型，或者它不按 #dims= 给出；"
    "请换回原来的模型，或用 `bifolio rebuild` 重建资料库",
    "served-other-scores": "给出的得分 {score:g} 不在 0 到 1 之间；"
    "如果它给出的是 logit，请在名称后加 #scores=logits",
    "served-proxy": "无法通过环境中的代理（HTTPS_PROXY）连接，请检查代理",
    "served-refused": "拒绝了请求：{said}",
    "served-reports": "报告错误：{said}",
    "served-reranks-nothing": "{kind} 类服务器不提供重排，请在 {kinds} 中选择",
    "served-too-much": "不接受这么长的请求或文本（{said}），请用 #batch= 或 #tokens= 减少",
    "served-too-slow": "在 {seconds:g} 秒内没有答复，请检查服务器，或用 #seconds= 给它更多时间",
    "served-trouble": "{address} 上的模型 {model} {why}",
    "served-unencrypted": "发往 {address} 的文档和密钥不会加密，请给出 https 地址，"
    "或本机地址（127.0.0.1），可用隧道相连",
    "served-uneven": "其中的向量长短不一",
    "served-unknown-kind": "{said} 不是已知的服务器种类，请在 {kinds} 中选择，如 {example}",
    "served-unusable": "无法访问（{problem}），请检查地址和代理",
    "youdao-busy": "访问过于频繁（错误 {code}），请稍后再试",
    "youdao-error": "报告错误 {code} {said}，含义见其文档",
    "youdao-key": "需要应用 ID 和密钥，请把 {variable} 设为 ID:SECRET",
    "youdao-refused": "拒绝了密钥或签名（错误 {code}），请检查 {variable} 和本机时钟",
    "youdao-spent": "说账户已欠费（错误 {code}）",
}

ONNX: Mapping[str, str] = {
    "onnx-inputs": "{file} 需要 {names}，Bifolio 不提供，请选用该模型的另一个文件",
    "onnx-missing": "没有 {file}；{remedy}",
    "onnx-no-embedder": "{file} 不是向量模型：它给出 {shapes}，请另选，或用在别处",
    "onnx-no-openvino": "{file} 由 OpenVINO 运行，而它没有安装；"
    "请改用 torch 能运行的 model.safetensors",
    "onnx-no-reranker": "{file} 不是重排模型：它给出 {shapes}，而不是每对一个得分，请另选",
    "onnx-no-width": "{file} 没有说明向量的长度，请把模型的 config.json 放到旁边",
    "onnx-not-run": "OpenVINO 无法运行 {file}（{problem}），请改用该模型的其他文件，"
    "如 model.safetensors 或 model.onnx",
    "onnx-outside": "{file} 把权重放在自己的文件夹之外（{place}），不予读取",
    "onnx-several": "{folder} 中有多个 ONNX 文件（{names}），请给出其中一个的路径",
    "other-width": "{model} 的文件来自不同的模型：config.json 说是 {told} 维，权重给出 {given} 维，"
    "请重新复制",
}
