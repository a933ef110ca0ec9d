"""Every row of the table, from outside."""

from client import answer, service


def test_at_first_there_are_no_notes(service):
    assert service.ask("GET", "/notes") == answer(200, [])


def test_a_new_note_is_answered_with_201_and_its_id(service):
    assert service.ask("POST", "/notes", {"text": "buy milk"}) == answer(201, {"id": 1, "text": "buy milk"})


def test_a_new_note_says_where_it_is(service):
    created = service.ask("POST", "/notes", {"text": "buy milk"})
    assert created.status == 201
    assert created.headers["Location"] == "/notes/1"


def test_a_note_can_be_read_again(service):
    service.ask("POST", "/notes", {"text": "buy milk"})
    assert service.ask("GET", "/notes/1") == answer(200, {"id": 1, "text": "buy milk"})


def test_all_notes_are_listed_the_oldest_first(service):
    service.ask("POST", "/notes", {"text": "first"})
    service.ask("POST", "/notes", {"text": "second"})
    assert service.ask("GET", "/notes") == answer(200, [{"id": 1, "text": "first"}, {"id": 2, "text": "second"}])


def test_a_note_can_be_changed(service):
    service.ask("POST", "/notes", {"text": "buy milk"})
    assert service.ask("PUT", "/notes/1", {"text": "buy oats"}) == answer(200, {"id": 1, "text": "buy oats"})
    assert service.ask("GET", "/notes/1") == answer(200, {"id": 1, "text": "buy oats"})


def test_a_deleted_note_is_gone(service):
    service.ask("POST", "/notes", {"text": "buy milk"})
    assert service.ask("DELETE", "/notes/1") == answer(204, None)
    assert service.ask("GET", "/notes/1").status == 404


def test_a_note_that_does_not_exist_is_404_with_an_error(service):
    missing = service.ask("GET", "/notes/7")
    assert missing.status == 404
    assert isinstance(missing.error, str)


def test_a_body_that_is_no_JSON_is_400(service):
    assert service.ask("POST", "/notes", raw=b"milk!").status == 400
    assert service.ask("GET", "/notes") == answer(200, [])


def test_bodies_are_announced_as_JSON(service):
    assert service.ask("GET", "/notes").headers["Content-Type"] == "application/json"
