import pytest

from core.links import BadLink, checked_link


@pytest.mark.parametrize(
    "link",
    [
        "https://example.com/a?b=c#d",
        "http://example.com:8080/",
        "https://例子.中国/商品",
        "https://[2001:db8::1]/",
    ],
)
def test_http_links_are_taken_as_they_are(link: str) -> None:
    assert checked_link(f"  {link} ") == link


@pytest.mark.parametrize(
    "text",
    [
        "",
        "example.com",
        "javascript:alert(1)",
        "data:text/html,hello",
        "ftp://example.com/",
        "//example.com/",
        "https://",
        "https:///path",
        "https://user:secret@example.com/",
        "https://user@example.com/",
        "https://exa mple.com/",
        "https://example.com/\nx",
        "https://example.com/<script>",
        'https://example.com/"onclick="',
        "https://example.com:port/",
        "https://[::1/",
        "https://example.com/\u202e",
        "https://example.com/" + "a" * 500,
    ],
)
def test_everything_else_is_refused(text: str) -> None:
    with pytest.raises(BadLink) as refusal:
        checked_link(text)
    assert str(refusal.value)
