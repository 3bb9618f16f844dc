"""Tables of a page, found by what stands at their heads."""

from pandas import DataFrame
from streamlit.testing.v1 import AppTest


def table_with(page: AppTest, *columns: str) -> DataFrame:
    """The only table of the page that has these columns."""
    (found,) = [each.value for each in page.dataframe if set(columns) <= set(each.value.columns)]
    return found
