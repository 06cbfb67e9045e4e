import pytest

from chainsight.addresses import parse_address, show_hex
from chainsight.errors import BadAddress


def test_an_address_survives_the_way_in_and_out():
    text = "0x" + "aB" * 20
    assert show_hex(parse_address(f" {text} ")) == text.lower()


@pytest.mark.parametrize(
    "text", ["", "0x", "0x" + "a" * 39, "0x" + "g" * 40, "a" * 41, "0x" + "a" * 40 + "\n0x", "vitalik.eth"]
)
def test_anything_else_is_refused_with_the_text_shown(text):
    with pytest.raises(BadAddress, match="is not an address"):
        parse_address(text)


def test_a_hostile_text_is_not_repeated_at_length():
    with pytest.raises(BadAddress) as refused:
        parse_address("x" * 100_000)
    assert len(str(refused.value)) < 200
