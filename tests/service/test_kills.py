"""A server that is killed and started again, again and again, while people answer: every answer is there, each once."""

import json

from tests.service.visitor import Visitor

NAMES = ("ann", "bob")


def events_of(folder):
    files = sorted(folder.glob("spam.alw/events/*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text().splitlines()]


def say_all(visitor, waiting):
    """Say what waits, and return the ids that are acknowledged before the connection is gone."""
    for event_id, item in waiting.items():
        # As a page does when no acknowledgement came in time.
        for _ in range(2):
            visitor.say({"kind": "answer", "event_id": event_id, "item": item, "value": 0, "round": 0})


def test_no_answer_is_lost_or_doubled_when_the_server_is_killed_again_and_again(tmp_path, killable):
    waiting = {name: {} for name in NAMES}
    given, links = {}, None
    numbers = iter(range(300))
    for _ in range(3):
        server = killable(tmp_path)
        # The same links, at the same port.
        assert links in (None, server.links)
        links = server.links
        visitors = {name: Visitor(links[name]).open() for name in NAMES}
        for name, visitor in visitors.items():
            fresh = {f"{name} {item}": item for item in (next(numbers) for _ in range(15))}
            given |= {event_id: (item, name) for event_id, item in fresh.items()}
            waiting[name] |= fresh
            say_all(visitor, waiting[name])
            # One is told of all that it said, and of the other the last words are on their way when the server dies.
            if name == "ann":
                visitor.hear_until(lambda seen=visitor: len(acknowledged(seen)) == len(waiting["ann"]))
        server.kill()
        for name, visitor in visitors.items():
            visitor.hear_all()
            waiting[name] = {key: item for key, item in waiting[name].items() if key not in acknowledged(visitor)}
            visitor.close()
        assert not waiting["ann"]
    server = killable(tmp_path)
    visitor = Visitor(links["bob"]).open()
    say_all(visitor, waiting["bob"])
    visitor.hear_until(lambda: acknowledged(visitor) >= waiting["bob"].keys())
    visitor.close()
    server.kill()
    written = [event for event in events_of(tmp_path) if event["kind"] == "labeled"]
    assert {event["id"]: (event["item"], event["annotator"]) for event in written} == given
    assert len(written) == len(given)


def acknowledged(visitor):
    return {said["event_id"] for said, _ in visitor.heard if said["kind"] == "ack"}
