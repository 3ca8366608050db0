"""The keys that a demo makes for itself."""

from pathlib import Path

from cryptography.fernet import Fernet

from vtask.keys import FILE_NAME, KEYS, demo_keys


def test_keys_are_made_once(tmp_path: Path) -> None:
    first = demo_keys(tmp_path)

    assert demo_keys(tmp_path) == first
    assert set(first) == set(KEYS)


def test_no_two_demos_share_a_key(tmp_path: Path) -> None:
    one, other = demo_keys(tmp_path / "one"), demo_keys(tmp_path / "other")

    assert set(one.values()) & set(other.values()) == set()


def test_only_the_owner_reads_them(tmp_path: Path) -> None:
    demo_keys(tmp_path)

    assert (tmp_path / FILE_NAME).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]


def test_the_field_key_encrypts(tmp_path: Path) -> None:
    cipher = Fernet(demo_keys(tmp_path)["FIELD_KEYS"])

    assert cipher.decrypt(cipher.encrypt(b"text")) == b"text"
