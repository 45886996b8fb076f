from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

from training.plot import curves, draw, read_log


def test_a_second_stage_goes_on_to_the_right(tmp_path: Path) -> None:
    minutes = [4.0, 8.0, 4.0]
    lines = [json.dumps({"minutes": m, "size": 96, "loss": 3 - i}) for i, m in enumerate(minutes)]
    (tmp_path / "log.jsonl").write_text("\n".join(lines))
    charts = curves(read_log(tmp_path / "log.jsonl"))
    assert charts == {"loss": [(4.0, 3.0), (8.0, 2.0), (12.0, 1.0)]}


def test_the_drawing_is_an_svg_with_one_chart_a_figure() -> None:
    svg = ElementTree.fromstring(draw({"R@10": [(0, 0.1), (4, 0.2)], "红色苹果": [(0, 1.0)]}))
    assert svg.tag.endswith("svg")
    assert len([g for g in svg if g.tag.endswith("g")]) == 2
