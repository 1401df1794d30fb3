"""The files of a pack: what each is, and how it is made. Each on its own, so that one that cannot be made leaves the others."""

from collections.abc import Callable
from dataclasses import dataclass

from assessments.pack.pdf import board_pdf, report_pdf
from assessments.pack.slides import slides_pptx
from assessments.pack.words import fit
from assessments.pack.workbook import workbook_xlsx
from assessments.result import Result


@dataclass(frozen=True)
class Part:
    """One file: its name within a pack, what it is, its type, how large it is at most, and how it is made of (result, SHA-256)."""

    name: str
    title: str
    says: str
    kind: str
    content_type: str
    most: str
    make: Callable[[Result, str], bytes]

    def of(self, submission):
        """The file of a submitted result, as bytes."""
        return self.make(result_of(submission), submission.sha256)

    def file_name(self, submission):
        """A plain name: AB1-2026-1-v1-board.pdf."""
        return f"{submission.reference}-v{submission.version}-{self.name}"


def result_of(submission):
    """A submitted result as a pack shows it: as somebody outside the work on the self-assessment sees it, with every text fit for a file."""
    return Result(fit(submission.data), insider=False)


OFFICE = "application/vnd.openxmlformats-officedocument"
PARTS = {
    part.name: part
    for part in (
        Part(
            "board.pdf",
            "The board page",
            "One side of A4: the profile, where you disagreed, what matters most and what has changed.",
            "PDF",
            "application/pdf",
            "under 100 kB",
            board_pdf,
        ),
        Part(
            "report.pdf",
            "The full report",
            "Every answer with its reason, evidence and dissent, what raters said where that may be shown, and every action.",
            "PDF",
            "application/pdf",
            "under 2 MB",
            report_pdf,
        ),
        Part(
            "slides.pptx",
            "Slides",
            "Six slides with charts that you can edit. The notes say which questions each sentence rests on.",
            "PowerPoint",
            f"{OFFICE}.presentationml.presentation",
            "under 200 kB",
            slides_pptx,
        ),
        Part(
            "workbook.xlsx",
            "The workbook",
            "Everything, one row an answer, to sort and work with.",
            "Excel",
            f"{OFFICE}.spreadsheetml.sheet",
            "under 1 MB",
            workbook_xlsx,
        ),
    )
}
