"""The range of the shop, in both languages, and how it gets into the database."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from .models import Category, Product


@dataclass(frozen=True, kw_only=True)
class Piece:
    """One product. `en` and `de` are name, text, facts and the description of its picture."""

    slug: str
    category: str
    sku: str
    price: str
    en: tuple[str, str, str, str]
    de: tuple[str, str, str, str]
    is_featured: bool = False


CATEGORIES = {
    "cups": (
        ("Cups", "Thrown thin at the lip and heavy at the foot."),
        ("Becher", "Dünn an der Lippe, schwer am Fuß."),
    ),
    "bowls": (
        ("Bowls & plates", "For breakfast, for company, for the middle of the table."),
        ("Schalen & Teller", "Fürs Frühstück, für Gäste, für die Tischmitte."),
    ),
    "vases": (
        ("Vases", "One stem is enough."),
        ("Vasen", "Ein Zweig genügt."),
    ),
    "coffee-tea": (
        ("Coffee & tea", "What goes into the cups, and what it is made with."),
        ("Kaffee & Tee", "Was in die Becher kommt, und womit man es macht."),
    ),
}

# What clay, glaze, fire and hands take of the price; coffee and tea are bought in.
COST_SHARES = {
    "cups": Decimal("0.36"),
    "bowls": Decimal("0.38"),
    "vases": Decimal("0.40"),
    "coffee-tea": Decimal("0.58"),
}

PIECES = (
    Piece(
        slug="tide-mug", category="cups", sku="KT-101", price="26.00", is_featured=True,
        en=(
            "Tide mug",
            "Our everyday mug, dipped in cobalt down to the tide line. Below it the stoneware is left bare, "
            "so the hand finds a dry place to hold.",
            "350 ml · 9 cm high · dishwasher-safe",
            "A cobalt blue mug with a bare clay foot",
        ),
        de=(
            "Becher Tide",
            "Unser Becher für jeden Tag, bis zur Flutlinie in Kobalt getaucht. Darunter bleibt das Steinzeug roh, "
            "damit die Hand trockenen Halt findet.",
            "350 ml · 9 cm hoch · spülmaschinenfest",
            "Ein kobaltblauer Becher mit rohem Tonfuß",
        ),
    ),
    Piece(
        slug="moon-cup", category="cups", sku="KT-102", price="22.00", is_featured=True,
        en=(
            "Moon cup",
            "A round cup without a handle, made to be held with both hands. Celadon outside, warm white within.",
            "280 ml · 8 cm high · dishwasher-safe",
            "A round celadon green cup without a handle",
        ),
        de=(
            "Mondbecher",
            "Ein runder Becher ohne Henkel, gemacht für beide Hände. Außen Seladon, innen warmes Weiß.",
            "280 ml · 8 cm hoch · spülmaschinenfest",
            "Ein runder, seladongrüner Becher ohne Henkel",
        ),
    ),
    Piece(
        slug="espresso-pair", category="cups", sku="KT-103", price="34.00",
        en=(
            "Espresso pair",
            "Two small cups, one ochre, one salt. They never match exactly: each is dipped by hand.",
            "2 × 90 ml · 6 cm high · dishwasher-safe",
            "Two small espresso cups, one ochre yellow and one white",
        ),
        de=(
            "Espresso-Paar",
            "Zwei kleine Becher, einer Ocker, einer Salz. Ganz gleich sind sie nie: Jeder wird von Hand getaucht.",
            "2 × 90 ml · 6 cm hoch · spülmaschinenfest",
            "Zwei kleine Espressobecher, einer ockergelb und einer weiß",
        ),
    ),
    Piece(
        slug="harbour-cup", category="cups", sku="KT-104", price="32.00",
        en=(
            "Harbour cup and saucer",
            "A wide cup for milky coffee on long mornings, with a saucer that takes two biscuits.",
            "300 ml · with saucer · dishwasher-safe",
            "A wide rust red cup on its saucer",
        ),
        de=(
            "Hafentasse mit Unterteller",
            "Eine weite Tasse für Milchkaffee an langen Vormittagen, mit einem Unterteller für zwei Kekse.",
            "300 ml · mit Unterteller · spülmaschinenfest",
            "Eine weite, rostrote Tasse auf ihrem Unterteller",
        ),
    ),
    Piece(
        slug="morning-bowl", category="bowls", sku="KT-201", price="28.00", is_featured=True,
        en=(
            "Morning bowl",
            "Deep enough for porridge, wide enough for fruit. The seafoam glaze pools where the wall turns.",
            "600 ml · 17 cm wide · dishwasher-safe",
            "A deep bowl, seafoam green above a white foot",
        ),
        de=(
            "Morgenschale",
            "Tief genug für Porridge, weit genug für Obst. Die Glasur sammelt sich, wo die Wand sich wendet.",
            "600 ml · 17 cm weit · spülmaschinenfest",
            "Eine tiefe Schale, meeresgrün über weißem Fuß",
        ),
    ),
    Piece(
        slug="ripple-plate", category="bowls", sku="KT-202", price="36.00",
        en=(
            "Ripple plate",
            "The rings are drawn with one finger while the wheel turns: seven breaths, from the middle out.",
            "26 cm wide · stacks · dishwasher-safe",
            "A cobalt blue plate with rings like ripples",
        ),
        de=(
            "Wellenteller",
            "Die Ringe zieht ein Finger, während die Scheibe läuft: sieben Atemzüge, von der Mitte nach außen.",
            "26 cm weit · stapelbar · spülmaschinenfest",
            "Ein kobaltblauer Teller mit Ringen wie Wellen",
        ),
    ),
    Piece(
        slug="low-tide-bowl", category="bowls", sku="KT-203", price="64.00",
        en=(
            "Low-tide serving bowl",
            "Shallow and broad, for salads, for apricots, for keys if it must be.",
            "34 cm wide · 7 cm high · dishwasher-safe",
            "A wide plum red bowl with three apricots",
        ),
        de=(
            "Ebbe, die Servierschale",
            "Flach und breit, für Salat, für Aprikosen und notfalls für Schlüssel.",
            "34 cm weit · 7 cm hoch · spülmaschinenfest",
            "Eine weite, pflaumenrote Schale mit drei Aprikosen",
        ),
    ),
    Piece(
        slug="pebble-dishes", category="bowls", sku="KT-204", price="38.00",
        en=(
            "Pebble dishes",
            "Four small dishes in four glazes, for salt, olives, rings and whatever the pockets bring home.",
            "Set of 4 · 10 cm wide · stacks",
            "A stack of four small dishes in different colours",
        ),
        de=(
            "Kieselschälchen",
            "Vier kleine Schälchen in vier Glasuren, für Salz, Oliven, Ringe und was die Taschen heimbringen.",
            "4 Stück · 10 cm weit · stapelbar",
            "Ein Stapel aus vier Schälchen in verschiedenen Farben",
        ),
    ),
    Piece(
        slug="bottle-vase", category="vases", sku="KT-301", price="58.00", is_featured=True,
        en=(
            "Bottle vase",
            "A long neck for long stems. The black glaze is matt and takes the light like slate after rain.",
            "29 cm high · watertight · felt base",
            "A black bottle vase with two twigs",
        ),
        de=(
            "Flaschenvase",
            "Ein langer Hals für lange Stiele. Die schwarze Glasur ist matt und fängt Licht wie Schiefer nach Regen.",
            "29 cm hoch · wasserdicht · Filzboden",
            "Eine schwarze Flaschenvase mit zwei Zweigen",
        ),
    ),
    Piece(
        slug="bud-vase", category="vases", sku="KT-302", price="24.00",
        en=(
            "Bud vase",
            "For the one flower that came home from the walk.",
            "14 cm high · watertight",
            "A small rust and white vase with one flower",
        ),
        de=(
            "Knospenvase",
            "Für die eine Blume, die vom Spaziergang mitkam.",
            "14 cm hoch · wasserdicht",
            "Eine kleine Vase in Rost und Weiß mit einer Blume",
        ),
    ),
    Piece(
        slug="pillar-vase", category="vases", sku="KT-303", price="78.00",
        en=(
            "Pillar vase",
            "A straight column, fluted with a bamboo comb. Heavy enough for a whole armful of grasses.",
            "32 cm high · watertight · felt base",
            "A tall fluted celadon vase with grasses",
        ),
        de=(
            "Säulenvase",
            "Eine gerade Säule, mit dem Bambuskamm kanneliert. Schwer genug für einen ganzen Arm voll Gräser.",
            "32 cm hoch · wasserdicht · Filzboden",
            "Eine hohe, kannelierte Vase in Seladon mit Gräsern",
        ),
    ),
    Piece(
        slug="ring-vase", category="vases", sku="KT-304", price="92.00",
        en=(
            "Ring vase",
            "Thrown in two halves and closed into a ring. We make twelve a year.",
            "27 cm high · watertight · signed",
            "A white speckled vase in the shape of a ring",
        ),
        de=(
            "Ringvase",
            "In zwei Hälften gedreht und zum Ring geschlossen. Zwölf davon machen wir im Jahr.",
            "27 cm hoch · wasserdicht · signiert",
            "Eine weiß gesprenkelte Vase in Form eines Rings",
        ),
    ),
    Piece(
        slug="house-blend", category="coffee-tea", sku="KT-401", price="13.50",
        en=(
            "House blend No. 4",
            "Roasted medium in small drums: hazelnut, dried plum, a long finish. Whole beans.",
            "250 g · whole beans · roasted weekly",
            "A cobalt blue coffee bag with beans beside it",
        ),
        de=(
            "Hausmischung Nr. 4",
            "Mittel geröstet in kleinen Trommeln: Haselnuss, Dörrpflaume, langer Nachklang. Ganze Bohnen.",
            "250 g · ganze Bohnen · wöchentlich geröstet",
            "Eine kobaltblaue Kaffeetüte, daneben Bohnen",
        ),
    ),
    Piece(
        slug="dripper", category="coffee-tea", sku="KT-402", price="68.00", is_featured=True,
        en=(
            "Dripper and jug",
            "A ribbed cone for paper filters size 02, and a jug that keeps three cups warm.",
            "2 parts · 500 ml · dishwasher-safe",
            "A rust red coffee dripper on a black jug",
        ),
        de=(
            "Filter und Kanne",
            "Ein gerippter Filter für Papier der Größe 02 und eine Kanne, die drei Tassen warm hält.",
            "2 Teile · 500 ml · spülmaschinenfest",
            "Ein rostroter Kaffeefilter auf einer schwarzen Kanne",
        ),
    ),
    Piece(
        slug="teapot", category="coffee-tea", sku="KT-403", price="84.00", is_featured=True,
        en=(
            "Teapot for two",
            "It pours without dripping; we threw forty spouts until it did.",
            "700 ml · strainer inside · dishwasher-safe",
            "A round celadon teapot with a bare clay foot",
        ),
        de=(
            "Teekanne für zwei",
            "Sie gießt, ohne zu tropfen. Vierzig Tüllen hat es gebraucht.",
            "700 ml · mit Sieb · spülmaschinenfest",
            "Eine runde Teekanne in Seladon mit rohem Tonfuß",
        ),
    ),
    Piece(
        slug="tea-tin", category="coffee-tea", sku="KT-404", price="16.00",
        en=(
            "Coast herbs in a tin",
            "Peppermint, sea buckthorn leaf and lemon verbena, cut coarse. The tin keeps when the tea is gone.",
            "80 g · loose · free of caffeine",
            "A seafoam tea tin with an ochre lid",
        ),
        de=(
            "Küstenkräuter in der Dose",
            "Pfefferminze, Sanddornblatt, Zitronenverbene, grob geschnitten. Die Dose bleibt, wenn er getrunken ist.",
            "80 g · lose · ohne Koffein",
            "Eine meeresgrüne Teedose mit ockerfarbenem Deckel",
        ),
    ),
)  # fmt: skip


def load_catalogue() -> None:
    """Put the range into the database. What is there already, and may have been edited, stays."""
    categories = {}
    for position, (slug, ((name, text), (name_de, text_de))) in enumerate(CATEGORIES.items()):
        categories[slug], _ = Category.objects.get_or_create(
            slug=slug,
            defaults={
                "name": name,
                "name_de": name_de,
                "text": text,
                "text_de": text_de,
                "position": position,
            },
        )
    Product.objects.bulk_create(
        (
            product(piece, categories[piece.category], position)
            for position, piece in enumerate(PIECES)
        ),
        ignore_conflicts=True,
    )


def product(piece: Piece, category: Category, position: int) -> Product:
    name, text, facts, alt = piece.en
    name_de, text_de, facts_de, alt_de = piece.de
    price = Decimal(piece.price)
    return Product(
        category=category,
        sku=piece.sku,
        slug=piece.slug,
        price=price,
        cost=(price * COST_SHARES[piece.category]).quantize(Decimal("0.01")),
        name=name,
        name_de=name_de,
        text=text,
        text_de=text_de,
        facts=facts,
        facts_de=facts_de,
        image=f"shop/products/{piece.slug}.svg",
        image_alt=alt,
        image_alt_de=alt_de,
        is_featured=piece.is_featured,
        position=position,
    )
