import pytest

from browser import Browser, BrowserMissing
from page import Page


@pytest.fixture(scope="session")
def browser():
    try:
        browser = Browser()
    except BrowserMissing as missing:
        pytest.skip(str(missing))
    yield browser
    browser.close()


@pytest.fixture
def page(browser, target):
    browser.complaints.clear()
    return Page(browser, target)
