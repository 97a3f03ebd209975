"""Text: letters of all alphabets, their case, composed and decomposed, blanks, length."""

# ruff: noqa: RUF001  The letters that are mistaken for others are what this is about.

from tests.integration.edges.shop import Shop

LONG = "Ö" * 10_000
TEXTS = {"LONG": LONG}
NAMES = {
    "jose": "José",
    "jose_capitals": "JOSÉ",
    "jose_decomposed": "Jose\u0301",
    "jose_plain": "Jose",
    "istanbul": "İstanbul",  # with the capital i that has a dot
    "istanbul_plain": "istanbul",
    "istanbul_capitals": "ISTANBUL",
    "istanbul_dotless": "ıstanbul",  # with the small i that has none
    "strasse": "Straße",
    "strasse_capital_eszett": "STRAẞE",
    "strasse_capitals": "STRASSE",
    "odos": "οδος",  # with the sigma that ends a word
    "odos_capitals": "ΟΔΟΣ",
    "odos_other_sigma": "οδοσ",
    "ivan": "Иван",
    "ivan_capitals": "ИВАН",
    "party": "Ana 🎉",
    "thumb": "👍🏽",
    "david": "דוד",
    "david_marked": "\u200fדוד",
    "fullwidth": "ＡＢＣ",
    "ligature": "ﬁn",
    "fin": "fin",
    "deseret": "𐐀",
    "ann": "Ann",
    "ann_blank": "Ann ",
    "blank_ann": " Ann",
    "ann_no_break": "Ann\u00a0",
    "ann_two_blanks": "Ann  Lee",
    "ann_one_blank": "Ann Lee",
    "blank": " ",
    "zero": "0",
    "long": LONG,
    "long_end": LONG + "z",
    "tab": "a\tb",
}


def fill(shop: Shop) -> None:
    for nickname, name in NAMES.items():
        person = shop.customer(nickname, last_name=name)
        shop.order(person, "10", coupon_code=name, state="complete", status="Komplett")
        shop.order(person, "10", coupon_code=name.upper(), state="complete")
    # An address of an account is known without regard to case and blanks around it.
    shop.customer("spelled", email="  SPELLED@Text.Example ")
    shop.customer("alike_1", first_name="ÉMILE", last_name="Émile")
    shop.customer("alike_2", first_name="E\u0301mile", last_name="Émile")
