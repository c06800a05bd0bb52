"""The encoding of a file is told from how its text reads, also by few letters."""

import pytest

from crossrec.data import read_catalog, read_log, read_users
from crossrec.data.sources.encoding import likeliest
from tests.data.files import triples

TEXTS = {
    "german": ("cp1252", ["Müsli", "Frühstück für zwei", "Straßenkarte\nGrüner Tee\nKäse"]),
    "french": ("cp1252", ["Gruyère", "Crème brûlée", "Café moulu\nThé vert\nL’été à la plage"]),
    "spanish": ("cp1252", ["Jamón ibérico", "¿Dónde está el niño?", "Cien años de soledad"]),
    "nordic": ("cp1252", ["Smörgåsbord", "Rødgrød med fløde", "Blåbær\nKøbenhavn"]),
    "signs": ("cp1252", ["Rock ’n’ Roll – live", "12 € – don’t miss it"]),
    "polish": ("cp1250", ["Zażółć gęślą jaźń", "Książka dla dzieci\nMąka pszenna\nPączki"]),
    "czech": ("cp1250", ["Příliš žluťoučký kůň", "Káva mletá\nČaj zelený\nMáslo"]),
    "polish in ISO": ("iso-8859-2", ["Książka świąteczna\nZażółć gęślą jaźń"]),
    "russian": ("cp1251", ["Привет", "Кофе молотый\nЗелёный чай\nВОЙНА И МИР"]),
    "russian in KOI8": ("koi8-r", ["Зелёный чай\nВойна и мир"]),
    "turkish": ("cp1254", ["Türkçe şarkı güzel\nİstanbul\nÇay bardağı"]),
    "greek": ("cp1253", ["Καφές ελληνικός\nΒιβλία"]),
    "chinese": ("gb18030", ["手机", "绿茶 茶壶", "自行车 头盔\n不锈钢保温杯\niPhone手机壳\nT恤"]),
    "traditional chinese": ("big5", ["蘋果", "珍珠奶茶", "自行車 安全帽\n筆記型電腦\n保溫杯"]),
    "japanese": ("cp932", ["りんご", "緑茶 急須", "自転車 ヘルメット\nおもちゃ\nカメラ"]),
    "japanese in EUC": ("euc_jp", ["緑茶 急須\n自転車 ヘルメット"]),
    "korean": ("cp949", ["녹차 주전자", "사과\n자전거 헬멧\n노트북 컴퓨터"]),
}


@pytest.mark.parametrize(
    ("encoding", "text"),
    [(encoding, text) for encoding, texts in TEXTS.values() for text in texts],
)
def test_text_of_many_languages(encoding, text):
    """A file of plain ids, numbers and a few words beyond them."""
    lines = [f"s{at:03},shop,{title},{at * 7}" for at, title in enumerate(text.split("\n"))]
    content = [line.encode(encoding) for line in lines]
    chosen = likeliest([line for line in content if not line.isascii()])
    assert chosen is not None
    assert [line.decode(chosen) for line in content] == lines


@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        ("gb18030", ("用户", "商品")), ("gb18030", ("会员", "图书")), ("big5", ("使用者", "商品")),
        ("cp932", ("ユーザー", "商品")), ("cp949", ("사용자", "상품")),
        ("cp1251", ("пользователь", "товар")), ("cp1252", ("Müller", "Käse")),
        ("cp1252", ("Ärzte", "ÖSTERREICH")), ("cp1252", ("£", "price £")),
    ],
)  # fmt: skip
@pytest.mark.parametrize("code", ["u1", "_1", "A1", "1"])
def test_words_before_a_code(encoding, words, code):
    """用户u12 was taken for Cyrillic, for its letters stand beside small ones."""
    content = [f"{words[0]}{code}{at},{words[1]}{at}".encode(encoding) for at in range(30)]
    assert likeliest(content) == encoding


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "utf-8", "utf-16"])
def test_every_table_is_read_and_its_encoding_said(write, encoding):
    items = "item_id,scenario,title\ns0,shop,Müsli\ns1,shop,Gruyère\ns2,shop,Plain\n"
    log = "user_id,item_id,scenario\nHélène,s0,shop\nMüge,s1,shop\nBob,s2,shop\n"
    users = "user_id,city\nHélène,Orléans\nMüge,Köln\n"
    catalog = read_catalog(write(items, "items.csv", encoding=encoding))
    assert catalog.title.tolist() == ["Müsli", "Gruyère", "Plain"]
    rows = read_log(write(log, "log.csv", encoding=encoding))
    assert triples(rows)[0] == ("Hélène", "s0", "shop")
    profiles = read_users(write(users, "users.csv", encoding=encoding))
    assert profiles.attributes["city"].tolist() == ["Orléans", "Köln"]
    said = "cp1252" if encoding == "latin-1" else "utf-8-sig" if encoding == "utf-8" else encoding
    assert {table.rejects.files[0].encoding for table in (catalog, rows, profiles)} == {said}
    assert rows.rejects.rejected == 0


def test_utf_8_with_damaged_lines_stays_utf_8():
    lines = [f"用户{at},Müsli,店".encode() for at in range(9)]
    lines[3] = lines[3].replace("ü".encode(), "ü".encode("latin-1"))
    lines[5] = lines[5][1:]
    assert likeliest(lines) == "utf-8-sig"


@pytest.mark.parametrize("noise", [b"\xff\xff\xff", bytes(range(128, 160)) * 2])
def test_noise_is_no_text(noise):
    assert likeliest([noise]) is None
