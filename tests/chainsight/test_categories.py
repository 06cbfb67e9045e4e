"""The taxonomy and the rules that map the words of label sources to it."""

from __future__ import annotations

import pytest

from chainsight.categories import (
    CATEGORIES,
    category,
    is_illicit,
    is_service,
    map_category,
    recognise,
    severity,
    source_confidence,
)
from chainsight.errors import UnknownName


@pytest.mark.parametrize(
    ("source_category", "label", "expected"),
    [
        ("phish-hack", "Fake_Phishing4939", "phishing"),
        ("phishing:phish-hack:contract", "", "phishing"),
        ("etherscan-heist-list", "Upbit Hacker", "hack"),
        ("service_hack", "", "hack"),
        ("malicious_contract_creator", "", "hack"),
        ("ofac-sanctions-lists", "Tornado.Cash: Router", "sanctioned"),
        ("user:sanction", "", "sanctioned"),
        ("mixing_service", "", "mixer"),
        ("", "Tornado.Cash: 10 ETH", "mixer"),
        ("black_list", "USDT_blacklisted", "blacklisted"),
        ("market", "Hydra", "darknet"),
        ("marketplace", "", "other"),
        ("defi_dex", "", "dex"),
        ("defi_lending", "", "defi"),
        ("binance", "Binance 14", "exchange"),
        ("organization:extremism", "", "terrorism"),
        ("service:pyramid_scheme", "", "ponzi"),
        ("bridged-token", "", "token_contract"),
        ("fraud-proof", "", "other"),
        ("hot_wallet", "northgate", "hot_wallet"),
        ("  Exchange ", "", "exchange"),
        ("charity", "Save the whales", "other"),
        ("abuse:sextortion", "", "extortion"),
        ("child_sexual_abuse", "", "child_abuse"),
        ("money_laundering", "", "laundering"),
        ("service", "HaoBTC.com", "service"),
        ("service", "Tornado.Cash: Router", "mixer"),
        ("user", "Listed by OFAC", "sanctioned"),
        ("service:market", "", "darknet"),
        ("", "", "other"),
    ],
)
def test_words_of_sources_become_our_categories(source_category: str, label: str, expected: str) -> None:
    assert map_category(source_category, label) == expected


def test_what_is_graver_is_more_severe_and_nothing_is_both_illicit_and_a_service() -> None:
    illicit = [entry for entry in CATEGORIES.values() if entry.is_illicit]
    assert min(entry.severity for entry in illicit) >= 0.7
    assert not any(entry.is_service for entry in illicit)
    assert severity("sanctioned") == 1.0
    assert severity("licit") == severity("other") == severity("exchange") == 0.0


def test_licit_is_its_own_word_and_not_the_absence_of_a_label() -> None:
    assert not is_illicit("licit")
    assert not is_service("licit")
    assert is_illicit("phishing")
    assert is_service("exchange")
    assert map_category("licit", "licit") == "licit"


def test_a_word_that_is_known_to_say_nothing_is_not_an_unknown_word() -> None:
    assert recognise("user", "somebody") == ("other", True)
    assert recognise("", "somebody") == ("other", True)
    assert recognise("zorblax", "somebody") == ("other", False)
    assert recognise("zorblax", "Fake_Phishing7") == ("phishing", False)


def test_an_unknown_category_is_refused_with_the_near_ones() -> None:
    with pytest.raises(UnknownName, match="phishing"):
        category("phising")


def test_official_lists_are_believed_more_than_reports() -> None:
    assert source_confidence("ofac-0xB10C") == 1.0
    assert source_confidence("ofac-0xB10C") > source_confidence("forta") > source_confidence("somebody")
