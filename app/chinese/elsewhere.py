"""Messages about libraries past one machine in Chinese, as in messages.py."""

ELSEWHERE = {
    "bad-documents": "{variable} 不是可用的数据库地址（{problem}），"
    "请写成 postgresql://USER@HOST/NAME，并运行 `pip install 'bifolio[milvus]'`",
    "bad-library-address": "{place} 不是资料库地址（{why}），"
    "请写成 milvus://HOST:19530/NAME 或 milvus+file:FOLDER",
    "bad-library-name": "资料库名只能由字母、数字和 _ 组成，最多 48 个",
    "cluster-gone": "Ray 集群已不在；已保存的内容不变，请重新启动它，再次运行即可继续",
    "collection-amiss": "Milvus 中缺少 {missing} 个文本块，多出 {spare} 个，"
    "`bifolio repair` 会重建其集合",
    "collection-missing": "Milvus 中没有这个资料库的集合，`bifolio repair` 会重建它",
    "conversations-unreachable": "对话无法保存到 {file}（{problem}），"
    "请检查文件夹是否还在，磁盘是否有空间",
    "documents-failed": "{database}：无法访问文档（{problem}），"
    "请启动数据库，或检查其地址和磁盘，然后继续",
    "empty-shelf": "请至少给出一个资料库及其名称",
    "library-mismatch-elsewhere": "{folder}：{difference}；"
    "请改回原来的模型，或把文档添加到另一个名称的资料库",
    "lite-not-opened": "无法打开 {address}（{problem}）；Milvus Lite 一次只能由一个进程使用，"
    "请结束另一个进程，或使用服务器",
    "milvus-failed": "{address}：Milvus 出错（{problem}）；没有丢失任何内容，"
    "请重新启动它，然后继续",
    "milvus-unreachable": "{address}：无法连接 Milvus（{problem}），请启动它或检查地址；"
    "如果它需要令牌，请设置 {variable}",
    "model-not-there": "集群上无法加载向量模型（{problem}），"
    "请在每台机器上安装同一版本的 bifolio 并放置模型文件夹",
    "needs-key": "{address} 可从其他机器访问：请设置 {key}，或让 {file} 指向保存密钥的文件，"
    "或不用 --address",
    "no-address": "无法监听 {host}:{port}（{problem}），请换一个 --port 或 --address",
    "no-cluster": "{address} 没有同一版本的 Ray 集群（{problem}）；"
    "请用 `ray start --head` 启动，或不用 --address 而只用本机",
    "no-folder-named": "没有写明文件夹",
    "no-host": "没有写明主机和端口",
    "no-milvus-client": "{address}：请先运行 `pip install '{extra}'`",
    "no-ray": "--engine ray：请先运行 `pip install 'bifolio[ray]'`",
    "no-scheme": "不以 milvus: 开头",
    "not-in-a-folder": "{address} 在 Milvus 上：重建、导出和导入只适用于文件夹中的资料库；"
    "请把文档添加到另一个资料库，数据库和 Milvus 请用它们自己的工具复制",
    "not-our-collection": "{address}：集合 {name} 不属于 Bifolio，请换一个名称",
    "not-our-tables": "{address}：其文档表已损坏或不是资料库，请换一个名称",
    "other-documents": "{address} 中的文本块所属的文档不在 {documents} 中；"
    "请用 {variable} 指定其位置，或换一个名称",
    "other-weights-there": "集群中有机器的向量模型权重或设置不同，"
    "请让所有机器使用同一版本的 bifolio 和同一模型",
    "process-elsewhere": "另一个进程（{host} 上的进程 {pid}，始于 {since}）",
    "token-in-address": "令牌应放在 {variable} 中",
    "two-libraries": "有两个资料库都叫 {name}，请分别命名：--library NAME={folder}",
    "unknown-library": "没有资料库 {name}，现有：{known}",
    "upload-amiss": "{path} 的内容与上传时不同，请重新上传",
    "which-library": "请说明是哪个资料库：{known}",
    "worker-died": "处理它的进程中止了 {count} 次，请检查各机器的内存，然后再次运行",
}
