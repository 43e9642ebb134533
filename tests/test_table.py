from training import table


def test_the_tables_of_figures_are_up_to_date():
    assert table.main(["--check"]) == 0
