"""What the page on how results are worked out works out before its readers' eyes, by the very code that works out results. Pure: no Django."""

from assessments import level_words
from assessments.anonymity import publish, put_together
from assessments.levels import Spread

NAMES = ("Starting", "Developing", "Progressing", "Spreading", "Improving and sustaining")

spread = Spread.of(["2", "2", "3", "3", "3", "3", "4", "5", "unknown", "none"])  # ten raters on one question
spread_rows = [*zip(NAMES, spread.counts, strict=True), ("I do not know", spread.unknown), ("It does not apply to us", spread.none)]
even = Spread.of(["2", "2", "3", "3"])  # two in the middle

AGREED = ("1", "2", "2", "3", "none")  # a component's five questions
component = Spread.of(AGREED)
agreed_words = "Starting, Developing, Developing, Progressing and “does not apply”"
component_sentence = f"5 questions, {component.count} with a level: {level_words.reach(component, NAMES)}"

DISAGREEING = {  # of ten raters each
    "All at Progressing": Spread.of(["3"] * 10),
    "Three at Developing, four at Progressing, three at Spreading": Spread.of(["2"] * 3 + ["3"] * 4 + ["4"] * 3),
    "Five at Starting, five at Improving and sustaining": Spread.of(["1"] * 5 + ["5"] * 5),
}
disagreement_rows = [(how, f"{spread.disagreement:.2f}") for how, spread in sorted(DISAGREEING.items(), key=lambda row: -row[1].disagreement)]

together = put_together({"board": 3, "leaders": 6, "staff": 12})
together_words = "; ".join(" and ".join(names) for names in together)

published = publish({"leaders": ["3"] * 4 + ["unknown"] * 3, "staff": ["2"] * 12, "partners": ["4"] * 6})
