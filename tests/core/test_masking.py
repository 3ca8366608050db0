import pytest

from core.masking import mask_account, mask_email, mask_name, mask_phone


@pytest.mark.parametrize(
    ("mask", "clear", "shown"),
    [
        (mask_name, "王小明", "王***"),
        (mask_name, "Ann", "A***"),
        (mask_name, "", ""),
        (mask_phone, "13812345678", "138***78"),
        (mask_phone, "12345", "***"),
        (mask_phone, "", ""),
        (mask_email, "someone@example.com", "s***@example.com"),
        (mask_email, "nonsense", "n***"),
        (mask_email, "", ""),
        (mask_account, "someone@example.com", "s***@example.com"),
        (mask_account, "13812345678", "138***78"),
    ],
)
def test_lists_show_enough_to_recognise_and_too_little_to_use(
    mask: object, clear: str, shown: str
) -> None:
    assert callable(mask)
    assert mask(clear) == shown
