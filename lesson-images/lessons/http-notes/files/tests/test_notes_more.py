"""The corners of the same table."""

from client import answer, service


def test_texts_of_any_script_come_back_unharmed(service):
    text = "naïve – 牛乳を買う – купить молоко – 🥛"
    assert service.ask("POST", "/notes", {"text": text}) == answer(201, {"id": 1, "text": text})
    assert service.ask("GET", "/notes/1") == answer(200, {"id": 1, "text": text})


def test_an_id_is_not_used_again_after_its_note_was_deleted(service):
    for text in ("one", "two"):
        service.ask("POST", "/notes", {"text": text})
    service.ask("DELETE", "/notes/2")
    assert service.ask("POST", "/notes", {"text": "three"}) == answer(201, {"id": 3, "text": "three"})
    assert service.ask("GET", "/notes") == answer(200, [{"id": 1, "text": "one"}, {"id": 3, "text": "three"}])


def test_bodies_without_a_proper_text_are_400(service):
    for value in [[], "milk", 5, {}, {"text": 5}, {"text": ""}, {"text": None}]:
        assert (value, service.ask("POST", "/notes", value).status) == (value, 400)
    assert service.ask("GET", "/notes") == answer(200, [])


def test_an_empty_body_is_400(service):
    assert service.ask("POST", "/notes", raw=b"").status == 400


def test_a_broken_change_changes_nothing(service):
    service.ask("POST", "/notes", {"text": "buy milk"})
    refused = service.ask("PUT", "/notes/1", {"text": ""})
    assert refused.status == 400
    assert isinstance(refused.error, str)
    assert service.ask("GET", "/notes/1") == answer(200, {"id": 1, "text": "buy milk"})


def test_a_missing_note_is_404_for_every_method(service):
    assert service.ask("GET", "/notes/1").status == 404
    assert service.ask("PUT", "/notes/1", {"text": "x"}).status == 404
    assert service.ask("DELETE", "/notes/1").status == 404


def test_paths_that_almost_fit_are_404(service):
    service.ask("POST", "/notes", {"text": "buy milk"})
    for path in ["/", "/note", "/notes/", "/notes/one", "/notes/1/text", "/notes/-1", "/my/notes/1"]:
        assert (path, service.ask("GET", path).status) == (path, 404)


def test_deleting_twice_is_404_the_second_time(service):
    service.ask("POST", "/notes", {"text": "buy milk"})
    service.ask("DELETE", "/notes/1")
    assert service.ask("DELETE", "/notes/1").status == 404


def test_one_connection_carries_many_requests(service):
    service.ask("GET", "/notes")
    opened = service.connection.sock
    service.ask("POST", "/notes", {"text": "buy milk"})
    service.ask("GET", "/nowhere")
    assert service.connection.sock is opened
