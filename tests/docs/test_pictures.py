"""Every page that people open has a picture in docs/pictures.md, and every picture is of such a page."""

from pathlib import Path

from dialer.settings import Settings
from dialer.web.access.route_needs import guarded_routes
from dialer.web.app import create_app
from tests.browser.pictures import DOCS, FOLDER, PICTURES, page_of_pictures
from tests.browser.seeded import Seeded

#: what pages answer to a GET that is no page of its own, or one that a made-up morning does not have
NO_PICTURE = {
    "/agents/-/events": "a stream",
    "/agents/{agent}/panel": "a part of the floor: the picture floor-panel",
    "/agents/{agent}/card": "a part of the agent's page",
    "/agents/{agent}/phone": "for the phone in the agent's page",
    "/agents/{agent}/events": "a stream",
    "/agents/{agent}/day": "a part of the agent's page",
    "/agents/{agent}/booking": "opened from a talk: the picture agent-books",
    "/agents/{agent}/calls/{call}/reason.wav": "a recording",
    "/campaigns/new/count": "for the script of a new campaign",
    "/campaigns/new/preview": "for the script of a new campaign",
    "/dashboard/events": "a stream",
    "/live/events": "a stream",
    "/log-in": "shown where log-in is on",
    "/log-in/provider": "leads to the provider",
    "/log-in/provider/answer": "leads back from it",
    "/invitation/{secret}": "once, for a new user",
    "/account": "one's own, where log-in is on",
    "/users": "where log-in is on",
    "/imports/{file}": "of a file that was handed in",
    "/reports/{name}.{kind}": "a file",
    "/recordings/{call}.wav": "a recording",
    "/audit.{kind_of_file}": "a file",
}


def test_every_page_has_a_picture(tmp_path: Path) -> None:
    seeded = Seeded(tmp_path / "winback.db", people=5)
    routes = [
        route
        for route in guarded_routes(create_app(seeded.database, Settings(), seeded.clock).routes)
        if "GET" in route.methods and route.key.startswith("pages.") and not route.address.endswith(".csv")
    ]
    seeded.database.close()
    addresses = {route.address for route in routes}

    assert set() == set(NO_PICTURE) - addresses
    without = {
        route.address
        for route in routes
        if route.address not in NO_PICTURE
        and not any(route.pattern.fullmatch(picture.path) for picture in PICTURES)
    }
    assert set() == without


def test_the_page_of_pictures_is_current_and_has_all_of_them() -> None:
    taken = {path.stem for path in (DOCS / FOLDER).iterdir()}

    assert {picture.name for picture in PICTURES} == taken
    assert page_of_pictures() == (DOCS / "pictures.md").read_text(encoding="utf-8")
