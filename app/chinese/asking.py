"""Messages about what is asked, what is cited and who asks in Chinese, by their codes."""

from collections.abc import Mapping

ASKING: Mapping[str, str] = {
    "different-models": "{one} 和 {other} 使用不同的模型（{its} 与 {others}），得分无法比较；"
    "请分别提问，或用 `bifolio rebuild` 重建其中一个",
    "no-libraries": "请指定要提问的资料库",
    "held-twice": "与另一个资料库中的文字相同",
    "document-newer": "资料库中已有它的新版本",
    "document-removed": "它已从资料库中移除",
    "document-stale": "它的文件已改变，且无法再读取：{reason}",
    "file-changed": "它的文件在读取之后已改变，请重新导入",
    "file-gone": "它的文件已无法读取（{why}）",
    "login-unavailable": "secrets.toml 中设置了登录（[auth]），但缺少所需的软件包：请运行 "
    "`pip install 'bifolio[login]'`，或去掉 [auth]",
    "empty-question": "问题是空的，请输入问题",
    "unknown-conversation": "这个对话已被删除，请开始新的对话",
    "needs-password": "其他机器可以访问 {address}：请设置 {password}，"
    "或把 {file} 设为存有密码的文件，或在 .streamlit/secrets.toml 中用 [auth] 设置登录，"
    "或不用 --address",
    "no-search": "没有检索",
    "not-searched": "问候或关于本程序的问题，没有检索",
    "incomplete": "回答不完整：{problem}",
}
