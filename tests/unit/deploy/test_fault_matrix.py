"""The pages of the fault matrix say what the tests check."""

import pytest

from deploy import fault_matrix
from jinyun.kit.texts import Language


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_is_what_the_table_says(language: Language) -> None:
    assert fault_matrix.PAGES[language].read_text(encoding="utf-8") == fault_matrix.page(language)
