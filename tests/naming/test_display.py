"""What notebooks show: escaped, cut, aligned."""

from featkit.naming import display


def test_every_text_is_escaped():
    bad, good = "<script>", "&lt;script&gt;"
    shown = display.page(
        bad,
        display.facts({bad: bad}),
        display.table((bad,), [(bad,)]),
        display.lines([bad]),
    )
    assert bad not in shown
    assert shown.count(good) == 6


def test_a_long_table_is_cut_and_says_by_how_much():
    shown = display.table(("n",), [(n,) for n in range(25)], most=20)
    assert shown.count("<tr>") == 1 + 20
    assert "5 more" in shown and ">19<" in shown and ">20<" not in shown


def test_facts_leave_out_what_is_empty_and_keep_zero():
    shown = display.facts({"nothing": None, "empty": "", "zero": 0, "half": 0.5})
    assert "nothing" not in shown and "empty" not in shown
    assert ">0<" in shown and ">0.5<" in shown
    assert display.facts({"nothing": None}) == ""


def test_numbers_stand_right_and_texts_left():
    shown = display.table(("a", "b"), [(1, "x")])
    assert '<td style="text-align:right">1</td><td style="text-align:left">x</td>' in shown


def test_a_path_below_the_working_folder_is_relative(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert display.place(str(tmp_path / "a" / "b")) == "a/b"
    assert display.place("/elsewhere/b") == "/elsewhere/b" and display.place("s3://b") == "s3://b"


def test_columns_are_aligned_numbers_to_the_right():
    rows = [("dog", 8, "−3.0"), ("rooster", 1200, "–"), ("cat", "", "< 0.001")]
    assert display.columns(("NAME", "N", "P"), rows).splitlines() == [
        "NAME        N        P",
        "dog         8     −3.0",
        "rooster  1200        –",
        "cat            < 0.001",
    ]
    assert display.columns(("NAME", "N"), []) == "NAME  N"


def test_only_the_last_column_is_wrapped():
    rows = [("a" * 30, "word " * 20)]
    lines = display.columns(("NAME", "MEANING"), rows, width=60).splitlines()
    assert max(map(len, lines)) <= 60 and len(lines) == 1 + 4
    assert all(line.startswith(" " * 32 + "word") for line in lines[2:])
    assert len(display.columns(("NAME", "MEANING"), rows, width=40).splitlines()) == 2
