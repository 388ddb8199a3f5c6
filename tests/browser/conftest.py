"""A real browser, headless, that may talk to nobody; skipped without Debian's chromium and chromium-driver."""

import json
import shutil
from collections.abc import Iterator

import pytest

selenium = pytest.importorskip("selenium", reason="browser tests need selenium (pip install -e '.[dev]')")
from selenium.webdriver import Chrome  # noqa: E402
from selenium.webdriver.chrome.options import Options  # noqa: E402
from selenium.webdriver.chrome.service import Service  # noqa: E402

BROWSER, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
QUIET = ("--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--disable-quic", "--disable-dev-shm-usage")  # fmt: skip


class Eyes:
    """The browser and what it said."""

    def __init__(self, driver: Chrome) -> None:
        self.driver = driver

    def open(self, address: str, width: int = 1280, dark: bool = False) -> None:
        """Open an address in a window of that width, having read every part of the page once."""
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
        light = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": light})
        for said in ("browser", "performance"):
            self.driver.get_log(said)  # what other pages said
        self.driver.get(address)
        self.scroll()

    def scroll(self) -> None:
        """Down the whole page and up again: charts are drawn when they come near."""
        self.driver.execute_async_script("""
            const done = arguments[0]; let at = 0;
            (function next() {
              scrollTo(0, at); at += 500;
              if (at < document.documentElement.scrollHeight + 500) setTimeout(next, 15);
              else { scrollTo(0, 0); setTimeout(done, 60); }
            })();""")

    def js(self, source: str, *given: object) -> object:
        """What a script of the test answers."""
        return self.driver.execute_script(source, *given)

    def complaints(self) -> list[str]:
        """Everything in the console that is not mere talk."""
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] != "INFO"]

    def asked(self) -> list[str]:
        """Every address that was asked for since the last look."""
        told = (json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance"))
        return [e["params"]["request"]["url"] for e in told if e["method"] == "Network.requestWillBeSent"]


@pytest.fixture(scope="session")
def driver() -> Iterator[Chrome]:
    if not BROWSER or not DRIVER:
        pytest.skip("no chromium and chromedriver on this machine: what a browser would show is not tested")
    options = Options()
    options.binary_location = BROWSER
    for flag in QUIET:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    made = Chrome(options=options, service=Service(DRIVER))
    made.set_script_timeout(30)
    yield made
    made.quit()


@pytest.fixture
def eyes(driver: Chrome) -> Eyes:
    return Eyes(driver)
