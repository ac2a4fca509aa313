"""Rows of a table copied into the form: columns by their heads, codes by their words."""

import pytest

from cases.forms import paste

ID = "11010120080912002x"


def test_rows_without_a_head_follow_the_paper():
    text = f"买买提·艾力\t配偶\t{ID}\t失业\t示例小厂\t2万\t良好\t居民医保\t无\n𬳵\t女儿\t\t学生"

    found = paste.read(text)

    assert found.remarks == []
    assert found.rows == [
        {"name": "买买提·艾力", "relation": "SPOUSE", "id_number": ID, "occupation": "UNEMPLOYED",
         "workplace": "示例小厂", "monthly_income_fen": "2万", "health": "GOOD",
         "insurance": "RESIDENT", "note": "无"},
        {"name": "𬳵", "relation": "DAUGHTER", "occupation": "STUDENT"},
    ]  # fmt: skip


def test_a_head_puts_the_columns_in_any_order():
    text = "序号\t*身份证号\t姓名★\t月收入（元）\t血型\n1\t123\t王一\t1,200.50\tA"

    found = paste.read(text)

    assert found.rows == [{"id_number": "123", "name": "王一", "monthly_income_fen": "1,200.50"}]
    assert len(found.remarks) == 1 and "血型" in found.remarks[0]


def test_the_employee_is_left_out_and_said_so():
    found = paste.read("姓名\t关系\n王一\t本人\n王二\t儿子")

    assert found.rows == [{"name": "王二", "relation": "SON"}]
    assert len(found.remarks) == 1 and "1" in found.remarks[0]


def test_a_word_of_no_list_is_said_and_left_to_be_chosen():
    found = paste.read("姓名\t关系\n王二\t邻居")

    assert found.rows == [{"name": "王二"}]
    assert "邻居" in found.remarks[0]


@pytest.mark.parametrize("text", ["王二，儿子，123", "王二 儿子 123", "王二,儿子,123"])
def test_commas_or_spaces_part_cells_where_there_are_no_tabs(text):
    assert paste.read(text).rows == [{"name": "王二", "relation": "SON", "id_number": "123"}]


def test_a_quoted_cell_of_two_lines_is_one_cell():
    found = paste.read('王二\t儿子\t123\t学生\t"示例\n中学"\t0')

    assert found.rows[0]["workplace"] == "示例 中学"
    assert found.rows[0]["monthly_income_fen"] == "0"


@pytest.mark.parametrize("text", ["", "\n\n", "姓名\t关系"])
def test_nothing_pasted_is_no_row(text):
    assert paste.read(text).rows == []
