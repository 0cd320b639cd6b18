"""What the conditions of an object mean, in a sentence each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from k8stui.core.lang import Text
from k8stui.core.objects import JsonObject, dicts
from k8stui.session.describe.model import (
    Phrase,
    Piece,
    Section,
    Tone,
    Writer,
    moment,
    number,
    phrase,
    quiet,
    string,
    strong,
)

_TITLE = Text("Conditions", "状態（conditions）")
_SINCE = Text("since {time}", "{time}から")
_HEARD = Text("heard {time}", "報告 {time}")
_STALE = Text(
    "It speaks of generation {seen} of the object, which is at {now}.",
    "オブジェクトの世代{now}ではなく、世代{seen}についての状態です。",
)

Meaning = tuple[Text, Text]
"""The sentences for True and for False."""


def _means(yes: tuple[str, str], no: tuple[str, str]) -> Meaning:
    return Text(*yes), Text(*no)


_POD = {
    "PodScheduled": _means(
        ("A node has been found for it.", "動かすノードが決まっています。"),
        ("No node has been found that can take it.", "動かせるノードがまだ見つかっていません。"),
    ),
    "PodReadyToStartContainers": _means(
        ("Its sandbox stands and has a network.", "サンドボックスとネットワークが用意されています。"),
        ("Its sandbox or network is not there.", "サンドボックスまたはネットワークがありません。"),
    ),
    "Initialized": _means(
        ("Every init container has finished.", "すべてのinitコンテナが完了しています。"),
        ("Its init containers have not finished.", "initコンテナがまだ完了していません。"),
    ),
    "ContainersReady": _means(
        ("Every container is ready.", "すべてのコンテナの準備ができています。"),
        ("At least one container is not ready.", "準備のできていないコンテナがあります。"),
    ),
    "Ready": _means(
        ("Services may send it requests.", "Serviceからのリクエストを受けられます。"),
        ("Services send it no requests.", "Serviceからのリクエストは届きません。"),
    ),
    "DisruptionTarget": _means(
        ("It is about to be ended by a disruption.", "まもなく中断により終了します。"),
        ("No disruption is about to end it.", "中断による終了の予定はありません。"),
    ),
    "PodResizePending": _means(
        ("A change of its resources cannot be made yet.", "リソースの変更がまだ実施できません。"),
        ("No change of its resources is waiting.", "待っているリソースの変更はありません。"),
    ),
    "PodResizeInProgress": _means(
        ("Its resources are being changed.", "リソースを変更しています。"),
        ("Its resources are not being changed.", "リソースの変更は行われていません。"),
    ),
}
_NODE = {
    "Ready": _means(
        ("Its kubelet is well and takes Pods.", "kubeletは正常で、Podを受け入れられます。"),
        ("Its kubelet says that it cannot run Pods.", "kubeletがPodを動かせないと報告しています。"),
    ),
    "MemoryPressure": _means(
        ("Memory runs short: Pods may be evicted.", "メモリーが不足し、Podが退避させられることがあります。"),
        ("There is enough memory.", "メモリーは足りています。"),
    ),
    "DiskPressure": _means(
        (
            "Disk space runs short: Pods may be evicted.",
            "ディスクが不足し、Podが退避させられることがあります。",
        ),
        ("There is enough disk space.", "ディスクは足りています。"),
    ),
    "PIDPressure": _means(
        ("Process numbers run short.", "プロセスIDが不足しています。"),
        ("There are enough process numbers.", "プロセスIDは足りています。"),
    ),
    "NetworkUnavailable": _means(
        ("Its network is not set up.", "ネットワークが設定されていません。"),
        ("Its network is set up.", "ネットワークは設定されています。"),
    ),
}
_DEPLOYMENT = {
    "Available": _means(
        ("Enough Pods are available.", "必要な数のPodが利用できます。"),
        ("Fewer Pods are available than it needs.", "利用できるPodが足りません。"),
    ),
    "Progressing": _means(
        ("The rollout moves on, or has finished.", "ロールアウトは進行中か、完了しています。"),
        ("The rollout makes no progress.", "ロールアウトが進んでいません。"),
    ),
}
_REPLICAS = {
    "ReplicaFailure": _means(
        ("Pods could not be created or deleted.", "Podの作成または削除に失敗しています。"),
        ("Creating and deleting Pods works.", "Podの作成と削除に問題はありません。"),
    ),
}
_JOB = {
    "Complete": _means(
        ("It has done its work.", "処理は完了しました。"),
        ("It has not done its work yet.", "処理はまだ完了していません。"),
    ),
    "SuccessCriteriaMet": _means(
        ("What counts as its success has been reached.", "成功とみなす条件を満たしました。"),
        ("What counts as its success has not been reached.", "成功とみなす条件をまだ満たしていません。"),
    ),
    "Failed": _means(
        ("It has given up.", "失敗として終了しました。"),
        ("It has not given up.", "失敗していません。"),
    ),
    "FailureTarget": _means(
        ("It will count as failed once its Pods have ended.", "Podがすべて終わると失敗になります。"),
        ("Nothing makes it fail.", "失敗の見込みはありません。"),
    ),
    "Suspended": _means(
        ("It starts no Pods until it is resumed.", "再開されるまでPodを起動しません。"),
        ("It is not suspended.", "一時停止していません。"),
    ),
}
_HPA = {
    "AbleToScale": _means(
        ("It can read and change the number of replicas.", "レプリカ数を読み取り、変更できます。"),
        ("It cannot change the number of replicas now.", "今はレプリカ数を変更できません。"),
    ),
    "ScalingActive": _means(
        ("It has metrics and decides by them.", "メトリクスを取得し、それに基づいて判断しています。"),
        ("It does not scale: metrics are missing, or the target is at 0.",
         "スケールしません。メトリクスがないか、対象が0レプリカです。"),
    ),
    "ScalingLimited": _means(
        ("The number wanted lies beyond its minimum or maximum.", "望ましい数が最小・最大の範囲の外です。"),
        ("The number wanted lies within its bounds.", "望ましい数は範囲の中です。"),
    ),
}  # fmt: skip
_PVC = {
    "Resizing": _means(
        ("The volume is being enlarged.", "ボリュームを拡張しています。"),
        ("The volume is not being enlarged.", "ボリュームの拡張は行われていません。"),
    ),
    "FileSystemResizePending": _means(
        (
            "The file system grows when a Pod mounts it next.",
            "次にPodがマウントするとファイルシステムが拡張されます。",
        ),
        ("The file system need not grow.", "ファイルシステムの拡張待ちはありません。"),
    ),
}
_NAMESPACE = {
    "NamespaceDeletionDiscoveryFailure": _means(
        (
            "Deletion waits: not every kind could be found out.",
            "種類の一覧を取得できず、削除が止まっています。",
        ),
        ("Every kind was found out.", "すべての種類を調べられました。"),
    ),
    "NamespaceDeletionGroupVersionParsingFailure": _means(
        ("Deletion waits: an API's name could not be read.", "APIの名前を解釈できず、削除が止まっています。"),
        ("Every API's name was read.", "APIの名前はすべて解釈できました。"),
    ),
    "NamespaceDeletionContentFailure": _means(
        (
            "Deletion waits: some objects could not be deleted.",
            "削除できないオブジェクトがあり、止まっています。",
        ),
        ("Everything in it could be deleted.", "中のオブジェクトはすべて削除できました。"),
    ),
    "NamespaceContentRemaining": _means(
        ("Objects are still in it.", "オブジェクトがまだ残っています。"),
        ("Nothing is left in it.", "残っているオブジェクトはありません。"),
    ),
    "NamespaceFinalizersRemaining": _means(
        ("Objects in it wait for their finalizers.", "finalizerを待っているオブジェクトがあります。"),
        ("No object waits for a finalizer.", "finalizerを待つオブジェクトはありません。"),
    ),
}
_CRD = {
    "Established": _means(
        ("The server serves the kind.", "APIサーバーがこの種類を提供しています。"),
        ("The server does not serve the kind yet.", "APIサーバーはまだこの種類を提供していません。"),
    ),
    "NamesAccepted": _means(
        ("Its names are free and its own.", "名前は重複せず、受け入れられています。"),
        ("Its names clash with those of another kind.", "名前がほかの種類と衝突しています。"),
    ),
    "NonStructuralSchema": _means(
        (
            "Its schema breaks the rules, so fields are not pruned.",
            "スキーマが規則に反し、フィールドが整理されません。",
        ),
        ("Its schema keeps the rules.", "スキーマは規則に沿っています。"),
    ),
    "KubernetesAPIApprovalPolicyConformant": _means(
        ("It may use a group of Kubernetes' own.", "Kubernetesのグループ名の使用が認められています。"),
        (
            "It uses a group of Kubernetes' own without approval.",
            "Kubernetesのグループ名を承認なしで使っています。",
        ),
    ),
    "Terminating": _means(
        ("It goes, and its objects with it.", "オブジェクトとともに削除中です。"),
        ("It is not being deleted.", "削除中ではありません。"),
    ),
}
_PDB = {
    "DisruptionAllowed": _means(
        ("A Pod may be evicted now.", "今、Podを退避させられます。"),
        ("No Pod may be evicted now.", "今はPodを退避させられません。"),
    ),
}
_CSR = {
    "Approved": _means(
        ("Somebody has approved the request.", "要求は承認されました。"),
        ("Nobody has approved the request.", "要求は承認されていません。"),
    ),
    "Denied": _means(
        ("Somebody has denied the request.", "要求は拒否されました。"),
        ("Nobody has denied the request.", "要求は拒否されていません。"),
    ),
    "Failed": _means(
        ("The signer could not issue the certificate.", "署名者が証明書を発行できませんでした。"),
        ("The signer reports no failure.", "署名者から失敗の報告はありません。"),
    ),
}
_FLOW_SCHEMA = {
    "Dangling": _means(
        ("Its priority level does not exist.", "参照するPriorityLevelConfigurationがありません。"),
        ("Its priority level exists.", "参照するPriorityLevelConfigurationがあります。"),
    ),
}
_ANY = {
    "Ready": _means(
        ("It is ready.", "準備ができています。"),
        ("It is not ready.", "準備ができていません。"),
    ),
    "Available": _means(
        ("It is available.", "利用できます。"),
        ("It is not available.", "利用できません。"),
    ),
    "Accepted": _means(
        ("A controller has taken it on.", "コントローラーに受け入れられています。"),
        ("No controller has taken it on.", "コントローラーに受け入れられていません。"),
    ),
    "Succeeded": _means(
        ("It has succeeded.", "成功しました。"),
        ("It has not succeeded.", "成功していません。"),
    ),
    "Programmed": _means(
        ("It has been put into effect.", "設定が反映されています。"),
        ("It is not in effect yet.", "設定はまだ反映されていません。"),
    ),
    "ResolvedRefs": _means(
        ("Everything that it names was found.", "参照先はすべて見つかりました。"),
        (
            "Something that it names was not found or is not allowed.",
            "見つからないか許可されない参照先があります。",
        ),
    ),
    "Issuing": _means(
        ("A certificate is being issued.", "証明書を発行しています。"),
        ("No certificate is being issued.", "証明書の発行は行われていません。"),
    ),
    "Degraded": _means(
        ("Something in it is not as it should be.", "一部に問題があります。"),
        ("Nothing in it is amiss.", "問題はありません。"),
    ),
    "Stalled": _means(
        ("Its controller makes no progress.", "コントローラーの処理が停滞しています。"),
        ("Its controller is not stuck.", "コントローラーの処理は停滞していません。"),
    ),
    "Reconciling": _means(
        ("A controller is working on it.", "コントローラーが処理しています。"),
        ("No controller is working on it.", "コントローラーの処理は終わっています。"),
    ),
}
_UNKNOWN = Text("Whoever reports this has not been heard of.", "報告元から連絡がなく、わかりません。")
_KINDS: Mapping[str, Mapping[str, Meaning]] = MappingProxyType(
    {
        "Pod": _POD,
        "Node": _NODE,
        "Deployment": _DEPLOYMENT | _REPLICAS,
        "ReplicaSet": _REPLICAS,
        "ReplicationController": _REPLICAS,
        "Job": _JOB,
        "HorizontalPodAutoscaler": _HPA,
        "PersistentVolumeClaim": _PVC,
        "Namespace": _NAMESPACE,
        "CustomResourceDefinition": _CRD,
        "PodDisruptionBudget": _PDB,
        "CertificateSigningRequest": _CSR,
        "FlowSchema": _FLOW_SCHEMA,
    }
)
_GOOD_WHEN_FALSE = frozenset(
    {
        "MemoryPressure", "DiskPressure", "PIDPressure", "NetworkUnavailable", "ReplicaFailure", "Failed",
        "FailureTarget", "DisruptionTarget", "NonStructuralSchema", "Terminating", "Degraded", "Stalled",
        "Denied", "Dangling", *_NAMESPACE,
    }
)  # fmt: skip
_NEITHER = frozenset(
    {"Suspended", "Resizing", "FileSystemResizePending", "Issuing", "Reconciling", "PodResizePending",
     "PodResizeInProgress", "PodReadyToStartContainers", "ScalingLimited"}
)  # fmt: skip


def meaning(kind: str, condition: JsonObject) -> Text | None:
    """The sentence for a condition of a kind; None when its type is not known."""
    name, status = string(condition, "type"), condition.get("status")
    found = _sentences(kind, name)
    if found is None:
        return None
    if status == "True":
        return found[0]
    return found[1] if status == "False" else _UNKNOWN


def _sentences(kind: str, name: str) -> Meaning | None:
    return _KINDS.get(kind, {}).get(name) or _ANY.get(name)


def mark(kind: str, condition: JsonObject) -> Piece:
    """Whether it is well that the condition stands as it does, where that is known of its type."""
    name, status = string(condition, "type"), condition.get("status")
    if status not in ("True", "False"):
        return Piece(Text.same("? "), Tone.WARN)
    # What is reported of a node besides Ready is trouble: its pressures, a problem detector's findings.
    trouble = name in _GOOD_WHEN_FALSE or (kind == "Node" and name != "Ready")
    known = trouble or _sentences(kind, name) is not None
    if not known or name in _NEITHER or condition.get("reason") == "PodCompleted":
        return Piece(Text.same("· "), Tone.QUIET)
    if (status == "False") == trouble:
        return Piece(Text.same("● "), Tone.GOOD)
    return Piece(Text.same("! "), Tone.WARN)


def conditions(obj: JsonObject, now: float) -> Iterator[Section]:
    """The object's conditions, each with what it means and what the server says of it."""
    writer = Writer()
    kind = string(obj, "kind")
    for condition in writer.some([one for one in dicts(obj, "status", "conditions") if one.get("type")]):
        writer.say(*_head(kind, condition, now))
        inner = writer.deeper()
        means = meaning(kind, condition)
        if means is not None:
            inner.say(means)
        if condition.get("message"):
            inner.say(quiet(condition["message"]))
        seen, at = number(condition, "observedGeneration"), number(obj, "metadata", "generation")
        if 0 < seen < at:
            inner.say(Piece(_STALE.format(seen=seen, now=at), Tone.WARN))
    yield from writer.section(_TITLE)


def _head(kind: str, condition: JsonObject, now: float) -> Iterator[Phrase | Piece]:
    yield mark(kind, condition)
    yield strong(condition.get("type"))
    yield phrase(" ", condition.get("status"))
    if condition.get("reason"):
        yield phrase("  ", condition["reason"])
    since = moment(condition.get("lastTransitionTime"), now)
    if since is not None:
        yield phrase("  ", quiet(_SINCE.format(time=since)))
    heard = moment(condition.get("lastHeartbeatTime"), now)
    if heard is not None:
        yield phrase("  ", quiet(_HEARD.format(time=heard)))
