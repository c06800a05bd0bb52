"""Files of every kind and packing, read as they are meant."""

import pytest

from crossrec.data import TimeKind, read_catalog, read_log


def test_windows_1252_is_no_gb18030(case):
    folder = case("13-latin1-catalogue")
    titles = read_catalog(folder / "items.csv")
    assert titles.title[:4].tolist() == [
        "Café moulu doux 0", "Crème brûlée 1", "Thé vert bio 2", "Pâté de campagne 3",
    ]  # fmt: skip
    assert (len(titles), titles.rejects.rejected) == (120, 0)
    assert read_catalog(folder / "mini.csv").title.tolist() == ["Müsli", "Gruyère", "Plain"]
    log, same = read_log(folder / "log.csv"), read_log(folder / "log_utf8.csv")
    assert log.rejects.files[0].encoding == "cp1252"
    assert log.users.ids.tolist() == same.users.ids.tolist()
    assert (log.user == same.user).all()


@pytest.mark.parametrize("name", ["all", "header_only", "some"])
def test_a_delimiter_at_line_ends(case, name):
    log = read_log(case("40-ragged") / f"{name}.csv")
    assert (len(log), log.rejects.rejected, log.time_kind) == (1136, 0, TimeKind.CLOCK)
