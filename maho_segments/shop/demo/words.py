"""Names, places and products of the demo shop; all of them invented or in nobody's possession."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from maho_segments.shop.demo.encoding import Integers, Texts, words


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.replace("_", " ") for name in text.split())


WOMEN: Final = _names(
    "Anna Emma Mia Hannah Lena Laura Julia Sophie Marie Clara Ida Greta Frieda Jana Nina Olivia Ava "
    "Charlotte Amelia Harper Evelyn Abigail Grace Chloe Zoe Ruby Isla Aroha Maia Anahera Björk Renée Zoë"
)
MEN: Final = _names(
    "Paul Ben Lukas Jonas Felix Max Tim Jan Jürgen Günther Karl Emil Anton Oskar Moritz Liam Noah Oliver "
    "James William Lucas Henry Theodore Jack Leo Owen Wiremu Tane Nikau Rawiri André Søren Łukasz"
)
SURNAMES: Final = _names(
    "Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Koch Bauer Richter Klein "
    "Wolf Schröder Neumann Braun Zimmermann Krüger Smith Johnson Williams Brown Jones Garcia Miller Davis "
    "Martinez Lopez Wilson Anderson Thomas Taylor Moore Jackson Martin Lee Thompson White O'Brien O'Neill "
    "McDonald Clark Ngata Parata Walker Wright Scott Green Baker Hill Campbell Mitchell Roberts Carter "
    "Phillips Evans Nguyen D'Angelo Østergård Nowak"
)
DOMAINS: Final = _names("mail.example post.example inbox.example example.com example.org example.net")
STREETS: Final = _names(
    "Hauptstraße Lindenweg Gartenstraße Bahnhofstraße Schulweg Bergstraße Rosenweg Kirchgasse Birkenallee "
    "Oak_Street Maple_Avenue Main_Street Park_Road Lake_Drive Cedar_Lane River_Road Hill_Street "
    "Queen_Street Ponsonby_Road Harbour_View"
)
COMPANIES: Final = (
    "Nordlicht GmbH",
    "Kontor & Sohn OHG",
    "Hafenwerk AG",
    'Café "Zur Post"',
    "Blue Ridge Supplies, Inc.",
    "Harbor Trading LLC",
    "Maple Works",
    "Kauri Traders Ltd",
    "Southern Cross Goods",
)


@dataclass(frozen=True)
class City:
    """A city, with the postcodes that the shop's customers there have."""

    name: str
    country: str
    region_id: int
    region: str
    postcodes: tuple[str, str, str]


# By website: where its customers live.
CITIES: Final = (
    (
        City("Berlin", "DE", 1, "Berlin", ("10115", "10437", "12047")),
        City("Hamburg", "DE", 2, "Hamburg", ("20095", "22765", "22303")),
        City("München", "DE", 3, "Bayern", ("80331", "80799", "81541")),
        City("Köln", "DE", 4, "Nordrhein-Westfalen", ("50667", "50823", "51063")),
        City("Leipzig", "DE", 5, "Sachsen", ("04103", "04229", "04315")),
        City("Wien", "AT", 0, "Wien", ("1010", "1070", "1160")),
        City("Zürich", "CH", 0, "Zürich", ("8001", "8004", "8049")),
        City("Paris", "FR", 0, "", ("75003", "75011", "75018")),
    ),
    (
        City("New York", "US", 11, "New York", ("10001", "10027", "11201")),
        City("Boston", "US", 12, "Massachusetts", ("02108", "02116", "02139")),
        City("Chicago", "US", 13, "Illinois", ("60601", "60614", "60647")),
        City("Austin", "US", 14, "Texas", ("73301", "78701", "78745")),
        City("Seattle", "US", 15, "Washington", ("98101", "98103", "98118")),
        City("Toronto", "CA", 16, "Ontario", ("M4B 1B3", "M5V 2T6", "M6J 1X5")),
    ),
    (
        City("Auckland", "NZ", 0, "", ("1010", "1021", "0620")),
        City("Wellington", "NZ", 0, "", ("6011", "6021", "6012")),
        City("Christchurch", "NZ", 0, "", ("8011", "8014", "8024")),
        City("Sydney", "AU", 21, "New South Wales", ("2000", "2010", "2042")),
    ),
)

_ASCII: Final = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "é": "e", "ë": "e", "ø": "o", "Ø": "O", "å": "a", "ł": "l"}
    | {"Ł": "L", "'": ""}
)


def mail_name(name: str) -> str:
    """A name as it stands in an e-mail address."""
    return name.translate(_ASCII)


FIRST_NAMES: Final[Texts] = words(WOMEN + MEN)
LAST_NAMES: Final[Texts] = words(SURNAMES)
# In lower case, and as some people type them.
FIRST_MAIL_NAMES: Final[Texts] = words(mail_name(name).lower() for name in WOMEN + MEN)
LAST_MAIL_NAMES: Final[Texts] = words(mail_name(name).lower() for name in SURNAMES)
FIRST_MAIL_NAMES_TYPED: Final[Texts] = words(mail_name(name) for name in WOMEN + MEN)
LAST_MAIL_NAMES_TYPED: Final[Texts] = words(mail_name(name).upper() for name in SURNAMES)
MAIL_DOMAINS: Final[Texts] = words(DOMAINS)
STREET_NAMES: Final[Texts] = words(STREETS)
COMPANY_NAMES: Final[Texts] = words(COMPANIES)

_ALL_CITIES: Final = [city for cities in CITIES for city in cities]
CITY_NAMES: Final[Texts] = words(city.name for city in _ALL_CITIES)
CITY_COUNTRIES: Final[Texts] = words(city.country for city in _ALL_CITIES)
CITY_REGIONS: Final[Texts] = words(city.region for city in _ALL_CITIES)
CITY_REGION_IDS: Final[Integers] = np.array([city.region_id for city in _ALL_CITIES], dtype=np.int64)
POSTCODES: Final[Texts] = words(code for city in _ALL_CITIES for code in city.postcodes)
FIRST_CITY: Final[Integers] = np.cumsum([0, *(len(cities) for cities in CITIES[:-1])], dtype=np.int64)
CITY_COUNT: Final[Integers] = np.array([len(cities) for cities in CITIES], dtype=np.int64)
REGIONS: Final = [city for city in _ALL_CITIES if city.region_id]
