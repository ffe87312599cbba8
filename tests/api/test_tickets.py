"""From "a human, please" to a resolved ticket, over real HTTP and WebSockets."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

from websockets.sync.client import connect

from tests.api.conftest import PASSWORD
from tests.api.test_conversations import frames, problem, stream
from tests.processes import SeatClient, Visitor


def queued(url: str, **new: object) -> tuple[Visitor, dict[str, object]]:
    """A visitor with a ticket at Shenzhen's exit-entry administration."""
    visitor = Visitor(url, region="440300", **new)
    reply = visitor.post("handoff", {"business": "documents"}).json()["replies"][0]
    assert reply["kind"] == "handoff" and reply["ticket"], reply
    return visitor, reply["ticket"]


def test_what_is_missing_is_asked_and_then_the_ticket_opens(visitor: Visitor, url: str) -> None:
    asked = visitor.say("转人工")["replies"][0]
    assert asked["kind"] == "handoff" and asked["ticket"] is None
    business = next(c for c in asked["choices"] if "documents" in c["payload"])
    place = visitor.say(business["payload"])["replies"][0]
    assert place["kind"] == "handoff" and place["ticket"] is None and "城市" in place["text"]
    unknown = place["choices"][-1]
    done = visitor.say(unknown["payload"])
    assert done["owner"] == "queue" and done["replies"][0]["ticket"]["queue"] == "service_centre:masc"


def test_a_named_place_decides_the_queue_and_the_visitor_sees_it(url: str) -> None:
    visitor, ticket = queued(url)
    assert ticket["queue"] == "exit_entry:psb-440300"
    text = visitor.read()["messages"][-1]["text"]
    assert "深圳市公安局出入境管理部门" in text and str(ticket["number"]) in text
    queue = visitor.read()["queue"]
    assert queue["number"] == ticket["number"] and queue["position"] == ticket["position"]


def test_an_unstaffed_unit_offers_the_service_centre(url: str) -> None:
    visitor = Visitor(url, region="650100")
    reply = visitor.post("handoff", {"business": "documents"}).json()["replies"][0]
    move = next(choice for choice in reply["choices"] if "masc" in choice["payload"])
    moved = visitor.say(move["payload"])["replies"][0]
    assert moved["ticket"]["queue"] == "service_centre:masc"
    assert moved["ticket"]["number"] == reply["ticket"]["number"]


def test_the_whole_life_of_a_ticket(url: str, seat: SeatClient) -> None:
    visitor, ticket = queued(url)
    visitor.say("我的情况比较复杂")
    mine = seat.http.get(f"/v1/tickets/{ticket['id']}").json()
    assert mine["status"] == "waiting" and mine["reason"] and mine["rule"] == "documents"
    assert mine["routing"]["region"] == "440300" and mine["place"]["code"] == "440300"
    assert [m["text"] for m in mine["messages"]][-2] == "我的情况比较复杂"

    with stream(visitor, after=0) as live:
        frames(live, "state")
        claimed = seat.act(str(ticket["id"]), "claim")
        assert claimed.status_code == 200 and claimed.json()["status"] == "active"
        joined = frames(live, "message")[-1]["message"]
        assert joined["sender"] == "system" and "工号s1" in joined["text"]  # type: ignore[index]
        state = frames(live, "state")[-1]
        assert state["owner"] == "seat" and state["seat"]["name"] == "工号s1"  # type: ignore[index]
        said = seat.act(str(ticket["id"]), "messages", {"text": "您好，请讲", "client_id": "1"})
        assert said.status_code == 201
        assert frames(live, "message")[-1]["message"] == said.json()
        assert seat.act(str(ticket["id"]), "typing", {"on": True}).status_code == 204
        assert frames(live, "typing")[-1] == {"type": "typing", "sender": "seat", "on": True}

    again = seat.act(str(ticket["id"]), "messages", {"text": "您好，请讲", "client_id": "1"})
    assert again.json() == said.json()
    exchange = visitor.say("我想问护照的事")
    assert (exchange["owner"], exchange["replies"]) == ("seat", [])

    done = seat.act(str(ticket["id"]), "resolve", {"category": "documents", "note": "已答复"})
    assert done.json()["status"] == "resolved" and done.json()["note"] == "已答复"
    assert [line["what"] for line in done.json()["history"]] == [
        "accepted",
        "dispatched",
        "claimed",
        "answered",
        "resolved",
    ]
    history = visitor.read()
    assert history["owner"] == "bot" and history["seat"] is None
    assert visitor.say("护照多少钱")["replies"], "the bot is there again"
    problem(seat.act(str(ticket["id"]), "messages", {"text": "还有"}), 409)


def test_of_two_seats_one_wins_and_the_other_is_told(url: str) -> None:
    _, ticket = queued(url)
    seats = [SeatClient(url, name, PASSWORD) for name in ("s3", "s4")]
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda seat: seat.act(str(ticket["id"]), "claim"), seats))
    assert sorted(result.status_code for result in results) == [200, 409]
    loser = next(result for result in results if result.status_code == 409)
    assert "工号s" in problem(loser, 409)


def test_a_seat_serves_no_more_than_its_capacity(url: str) -> None:
    seat = SeatClient(url, "s2", PASSWORD)
    held = len(seat.tickets(status="active", mine=True))
    tickets = [str(queued(url)[1]["id"]) for _ in range(seat.seat["capacity"] - held + 1)]
    results = [seat.act(ticket, "claim") for ticket in tickets]
    assert [result.status_code for result in results] == [200] * (len(tickets) - 1) + [409]
    for ticket in tickets[:-1]:
        assert seat.act(ticket, "resolve").status_code == 200
    assert seat.act(tickets[-1], "claim").status_code == 200


def test_what_is_said_after_the_case_is_not_part_of_it(url: str, seat: SeatClient) -> None:
    visitor, ticket = queued(url)
    seat.act(str(ticket["id"]), "claim")
    seat.act(str(ticket["id"]), "resolve")
    visitor.say("这句话与工单无关")
    texts = [m["text"] for m in seat.http.get(f"/v1/tickets/{ticket['id']}").json()["messages"]]
    assert "这句话与工单无关" not in texts


def test_the_line_moves_up(url: str, seat: SeatClient) -> None:
    _, first = queued(url)
    second, _ = queued(url)
    before = second.read()["queue"]["position"]
    seat.act(str(first["id"]), "claim")
    assert second.read()["queue"]["position"] == before - 1


def test_a_seat_sees_its_own_units_tickets_only(url: str) -> None:
    _, ticket = queued(url)
    stranger = SeatClient(url, "centre", PASSWORD)
    assert ticket["id"] not in {one["id"] for one in stranger.tickets()}
    problem(stranger.http.get(f"/v1/tickets/{ticket['id']}"), 404)
    problem(stranger.act(str(ticket["id"]), "claim"), 404)


def test_staff_calls_need_a_session(url: str, seat: SeatClient) -> None:
    _, ticket = queued(url)
    for method, path in (
        ("GET", "/v1/tickets"),
        ("GET", f"/v1/tickets/{ticket['id']}"),
        ("POST", f"/v1/tickets/{ticket['id']}/claim"),
        ("POST", f"/v1/tickets/{ticket['id']}/messages"),
        ("POST", f"/v1/tickets/{ticket['id']}/resolve"),
        ("POST", f"/v1/tickets/{ticket['id']}/typing"),
        ("GET", "/v1/seats/me"),
        ("PATCH", "/v1/seats/me"),
        ("POST", "/v1/seats/logout"),
    ):
        problem(Visitor(url).http.request(method, path, json={}), 401)
    ended = SeatClient(url, "s2", PASSWORD)
    ended.http.post("/v1/seats/logout")
    problem(ended.http.get("/v1/seats/me"), 401)
    wrong = seat.http.post("/v1/seats/login", json={"username": "s1", "password": "wrong"})
    assert problem(wrong, 401) == problem(
        seat.http.post("/v1/seats/login", json={"username": "nobody", "password": "wrong"}), 401
    )


def test_the_seats_stream_shows_new_tickets_and_what_visitors_say(url: str, seat: SeatClient) -> None:
    address = url.replace("http", "ws")
    with connect(f"{address}/v1/seats/stream", proxy=None) as live:
        live.send(json.dumps({"type": "auth", "token": seat.token}))
        frames(live, "ready")
        visitor, ticket = queued(url)
        assert frames(live, "ticket")[-1]["ticket"]["id"] == ticket["id"]  # type: ignore[index]
        visitor.say("在吗")
        frame = frames(live, "message")[-1]
        assert frame["ticket_id"] == ticket["id"] and frame["message"]["text"] == "在吗"  # type: ignore[index]


def test_crime_and_distress_reach_the_service_centre_without_questions(visitor: Visitor) -> None:
    exchange = visitor.say("我要举报有人组织偷渡")
    reply = exchange["replies"][0]
    assert exchange["owner"] == "queue" and reply["ticket"]["queue"] == "service_centre:masc"
    assert "110" in reply["text"]
