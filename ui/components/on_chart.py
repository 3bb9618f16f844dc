"""What the services say of the open chart as it is coded: order, comments, findings, groups."""

from core.errors import EvicodeError
from ui.components.review_board.chart_payload import OnChart
from ui.language import said, t
from ui.services.charts import Chart
from ui.services.checking import Sequencing, sequencing
from ui.services.failures import logged
from ui.services.grouping import Groups
from ui.session import desk
from ui.workbench import workbench

PATIENCE = 0.2  # seconds a page waits for groups; the first ones take longer and are asked again


def on_chart(chart: Chart, *, coder: str) -> OnChart:
    """Order, POA and comments as they stand, what the checks find, and the groups asked for."""
    services = workbench()
    detailed = services.detailing.detailed(chart.opened.note.id, coder=coder)
    order = sequencing(detailed.coded)
    checked = services.checking.check(chart, sequencing=order)
    try:
        return OnChart(detailed=detailed, checked=checked, groups=_groups(chart, order))
    except EvicodeError as error:
        return OnChart(detailed=detailed, checked=checked, ungrouped=said(str(error)))
    except Exception as error:  # noqa: BLE001  (the chart stands without its groups)
        why = t("something went wrong (id {error})", error=logged(error))
        return OnChart(detailed=detailed, checked=checked, ungrouped=why)


def _groups(chart: Chart, order: Sequencing) -> Groups | None:
    asked = desk().asked.groups
    if asked is None or asked.note_id != chart.opened.note.id:
        return None
    return workbench().checking.groups(chart, asked, sequencing=order, patience=PATIENCE)
