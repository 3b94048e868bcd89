"""Which unit of an article a person means; the refusals are tested from the command line."""

import pytest

from config.errors import UsageError
from pipeline.correcting import unit_meant
from pipeline.records import Document
from tests.pipeline.documents import judged, make_document

BOTH = make_document(annotation=judged("tien-giang", "dong-thap"))
OLD = make_document(annotation=judged("tien-giang"))
NEITHER = make_document(annotation=judged("ha-noi"))


@pytest.mark.parametrize(
    ("doc", "wanted", "meant"),
    [
        (BOTH, "dong-thap", "dong-thap"),
        (BOTH, "Tiền Giang", "tien-giang"),
        (OLD, "dong-thap", "tien-giang"),
        (NEITHER, "dong-thap", "dong-thap"),
        (NEITHER, "hue", "thua-thien-hue"),
        (NEITHER, "hoa-binh", "hoa-binh"),
    ],
)
def test_the_unit_that_a_name_means_beside_an_article(doc: Document, wanted: str, meant: str) -> None:
    assert unit_meant(doc, wanted) == meant


def test_several_units_of_one_name_must_be_told_apart() -> None:
    doc = make_document(annotation=judged("vinh-phuc", "hoa-binh"))
    with pytest.raises(UsageError) as caught:
        unit_meant(doc, "phu-tho")
    assert (caught.value.code, caught.value.fields["found"]) == ("corrections.which_unit", "vinh-phuc, hoa-binh")
