"""Going from view to view: tree, prompts, history, lists, mouse."""

from __future__ import annotations

from pathlib import Path

from k8stui.settings import Settings
from tests.driver import explorer, tail_of
from tests.ui.fakes import SHOP_PODS, fake_session, shop


async def test_a_number_follows_a_link_of_the_note(tmp_path: Path) -> None:
    session, _ = fake_session(shop())
    async with explorer(session, tmp_path) as it:
        await it.until_rows(*SHOP_PODS)
        await it.until(lambda: "1 Node node-1" in it.note, "links")
        await it.press("1")
        await it.until(lambda: it.kind == "Node" and it.row == "node-1", "came to the node")
        await it.press("left_square_bracket")
        await it.until_rows(*SHOP_PODS)


async def test_every_category_and_kind_can_be_walked_through(tmp_path: Path) -> None:
    session, _ = fake_session(shop())
    async with explorer(session, tmp_path, size=(160, 90)) as it:
        await it.until_rows(*SHOP_PODS)
        await it.focus_on("tree")
        tree = it.app.explorer.tree_pane
        await it.press("g")
        for _ in range(300):
            node = tree.node
            assert node is not None
            if node.children and node.id not in tree.expanded:
                await it.press("l")
            await it.until(lambda: bool(it.app.explorer.note.lines), "a note")
            at = tree.lines[-1].node.id
            if node.id == at:
                break
            await it.press("down")
        walked = {line.node.id for line in tree.lines}
        assert {
            "workloads/cronjobs",
            "service/services/None-Selector",
            "metadata/poddisruptionbudgets",
        } <= walked
        assert {"cluster/networkpolicies", "config-storage/secrets"} <= walked


async def test_enter_in_the_tree_opens_a_form_of_service(tmp_path: Path) -> None:
    session, _ = fake_session(shop())
    async with explorer(session, tmp_path) as it:
        await it.until_rows(*SHOP_PODS)
        await it.open("svc")
        await it.until_rows("api", "db", "web")
        await it.focus_on("tree")
        await it.press("l", "l", "down", "down")
        await it.until(lambda: "NodePort" in it.note, "explained the form")
        await it.press("enter")
        await it.until_rows("web")
        assert it.focus == "table"
        await it.until_seen("1 Service")


async def test_forms_are_counted_when_they_are_seen(tmp_path: Path) -> None:
    session, _ = fake_session(shop())
    async with explorer(session, tmp_path) as it:
        await it.until_rows(*SHOP_PODS)
        await it.open("svc")
        await it.focus_on("tree")
        await it.press("l")
        await it.until(lambda: tail_of(it.tree, "Headless (None)") == "1", "form counts")


async def test_the_command_prompt_goes_anywhere(tmp_path: Path) -> None:
    client = shop()
    session, _ = fake_session(client)
    async with explorer(session, tmp_path) as it:
        await it.until_rows(*SHOP_PODS)
        await it.go("po kube-system")
        await it.until_rows("dns-1")
        await it.until_seen("ns kube-system", "$ kubectl get pods -n kube-system")
        await it.go("po -A /dns")
        await it.until_rows("dns-1")
        await it.until_seen("all namespaces", "1 of 5 Pods", "/dns")
        await it.go("ns shop")
        await it.until(lambda: "ns shop" in it.header, "the scope")


async def test_an_unknown_kind_is_answered_with_near_names(tmp_path: Path) -> None:
    session, _ = fake_session(shop())
    async with explorer(session, tmp_path) as it:
        await it.until_rows(*SHOP_PODS)
        await it.go("podz")
        await it.until(lambda: 'no kind called "podz"' in it.foot and "pods" in it.foot, "the answer")
        assert it.kind == "Pod"


async def test_completion_is_offered_and_taken(tmp_path: Path) -> None:
    session, _ = fake_session(shop())
    async with explorer(session, tmp_path) as it:
        await it.until_rows(*SHOP_PODS)
        await it.ask("colon")
        await it.write("dep")
        await it.until(lambda: "deployments" in it.lines[-1], "a candidate")
        await it.press("tab", "enter")
        await it.until(lambda: it.kind == "Deployment", "went there")
        await it.ask("colon")
        await it.write("se")
        await it.until(lambda: "secrets" in it.lines[-1] and "services" in it.lines[-1], "candidates")
        first = it.lines[-1].split()
        await it.press("down")
        await it.until(lambda: it.lines[-1].split() != first, "the next candidate")
        await it.press("escape")
        await it.until(lambda: it.focus == "table", "back at the rows")
        assert it.kind == "Deployment"


async def test_a_filter_is_live_kept_and_cleared(tmp_path: Path) -> None:
    session, _ = fake_session(shop())
    async with explorer(session, tmp_path) as it:
        await it.until_rows(*SHOP_PODS)
        await it.ask("slash")
        await it.write("api")
        await it.until_rows("api-1", "api-2")
        await it.press("enter")
        await it.until(lambda: it.focus == "table", "back at the rows")
        await it.until_seen("2 of 4 Pods", "/api")
        await it.press("escape")
        await it.until_rows(*SHOP_PODS)
        await it.filter("!api")
        await it.until_rows("batch-1", "cart-0")
        await it.ask("slash")
        await it.press("escape")
        await it.until_rows(*SHOP_PODS)


async def test_a_filter_that_finds_nothing_says_what_it_hides(tmp_path: Path) -> None:
    session, _ = fake_session(shop())
    async with explorer(session, tmp_path) as it:
        await it.until_rows(*SHOP_PODS)
        await it.filter("zzz")
        await it.until_seen('Nothing here contains "zzz"', "hides 4 rows", "Esc clears")
        await it.press("escape")
        await it.until_rows(*SHOP_PODS)


async def test_a_label_selector_asks_the_server_anew(tmp_path: Path) -> None:
    client = shop()
    session, _ = fake_session(client)
    async with explorer(session, tmp_path) as it:
        await it.until_rows(*SHOP_PODS)
        await it.filter("-l app=api")
        await it.until(lambda: client.asked[-1][2] == "app=api", "asked for labels")
        await it.until_seen("-l app=api")
        await it.press("escape")
        await it.until(lambda: client.asked[-1][2] == "", "asked without")


async def test_history_goes_back_and_forth_with_the_cursor(tmp_path: Path) -> None:
    session, _ = fake_session(shop())
    async with explorer(session, tmp_path) as it:
        await it.until_rows(*SHOP_PODS)
        await it.press("down", "down")
        await it.open("deploy")
        await it.until_rows("api")
        await it.press("escape")
        await it.until(lambda: it.kind == "Pod" and it.row == "batch-1", "back at the row")
        await it.press("right_square_bracket")
        await it.until(lambda: it.kind == "Deployment", "forward")
        await it.press("minus")
        await it.until(lambda: it.kind == "Pod", "the last view")
        await it.press("q")
        await it.until(lambda: it.kind == "Deployment", "q goes back")


async def test_escape_never_quits(tmp_path: Path) -> None:
    session, _ = fake_session(shop())
    async with explorer(session, tmp_path) as it:
        await it.until_rows(*SHOP_PODS)
        await it.press(*["escape"] * 6)
        assert it.app.is_running
        assert it.kind == "Pod"


async def test_zero_shows_every_namespace(tmp_path: Path) -> None:
    session, _ = fake_session(shop())
    async with explorer(session, tmp_path) as it:
        await it.until_rows(*SHOP_PODS)
        await it.press("0")
        await it.until_rows(*SHOP_PODS, "dns-1")
        await it.until_seen("all namespaces", "NAMESPACE", "kubectl get pods -A")


async def test_namespaces_are_chosen_from_a_list(tmp_path: Path) -> None:
    session, _ = fake_session(shop())
    async with explorer(session, tmp_path) as it:
        await it.until_rows(*SHOP_PODS)
        await it.press("ctrl+n")
        await it.until_seen("all namespaces", "kube-system")
        await it.choose("kube")
        await it.until_rows("dns-1")
        await it.press("ctrl+n")
        await it.until_seen("type to narrow down")
        await it.press("down", "space", "up", "space", "enter")
        await it.until_rows(*SHOP_PODS, "dns-1")
        await it.until_seen("2 namespaces")


async def test_a_namespace_is_drilled_into(tmp_path: Path) -> None:
    session, _ = fake_session(shop())
    async with explorer(session, tmp_path) as it:
        await it.until_rows(*SHOP_PODS)
        await it.open("ns")
        await it.until_rows("default", "kube-system", "shop")
        await it.press("down", "enter")
        await it.until_rows("dns-1")
        assert it.kind == "Pod"


async def test_sorting_by_key_and_by_list(tmp_path: Path) -> None:
    session, _ = fake_session(shop())
    async with explorer(session, tmp_path) as it:
        await it.until_rows(*SHOP_PODS)
        await it.press("N", "N")
        await it.until(lambda: it.rows == sorted(SHOP_PODS, reverse=True), "reversed")
        await it.press("o")
        await it.choose("status")
        await it.until(lambda: it.rows[0] == "batch-1", "by status")


async def test_wide_columns_come_and_go(tmp_path: Path) -> None:
    session, _ = fake_session(shop())
    async with explorer(session, tmp_path) as it:
        await it.until_rows(*SHOP_PODS)
        assert "10.0.0.1" not in it.text
        await it.press("ctrl+w")
        await it.until_seen("10.0.0.1")


async def test_the_palette_finds_kinds_and_actions(tmp_path: Path) -> None:
    session, _ = fake_session(shop())
    async with explorer(session, tmp_path) as it:
        await it.until_rows(*SHOP_PODS)
        await it.press("ctrl+p")
        await it.until_seen("go to")
        await it.write("statefulset")
        await it.until_seen("StatefulSet (statefulsets.apps)")
        await it.press("enter")
        await it.until(lambda: it.kind == "StatefulSet", "went there")


async def test_keys_are_moved_by_settings(tmp_path: Path) -> None:
    settings = Settings(keys={"language": ("f9",), "filter": ("ctrl+s",), "table.down": ("x",)}, motion=False)
    session, _ = fake_session(shop(), settings=settings)
    async with explorer(session, tmp_path) as it:
        await it.until_rows(*SHOP_PODS)
        await it.press("x")
        assert it.row == "api-2"
        await it.ask("ctrl+s")
        await it.write("cart")
        await it.until_rows("cart-0")
        await it.press("enter", "f9")
        await it.until_seen("絞り込み")
        assert "^S" in it.foot


async def test_everything_works_by_mouse(tmp_path: Path) -> None:
    session, _ = fake_session(shop())
    async with explorer(session, tmp_path) as it:
        await it.until_rows(*SHOP_PODS)
        await it.click_word("batch-1")
        await it.until(lambda: it.row == "batch-1", "the row")
        await it.click_word("Deployment")
        await it.until(lambda: it.kind == "Deployment", "the kind")
        await it.click_word("Service APIs")
        await it.until_seen("▾ Service APIs")
        await it.click_word("ns shop")
        await it.until_seen("type to narrow down")
        await it.press("escape")
        await it.until_gone("type to narrow down")
        await it.click_word("keys")
        await it.until_seen("Go somewhere")
