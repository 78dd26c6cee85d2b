"""The public's words are plain: what a page asks of its reader is measured, and has a limit.

Measured on what the package begins with. Ages are what a table of ``make reading-age`` shows.
"""

from __future__ import annotations

import pytest

from tools import reading_age

#: What nobody has to be older than to read a page or a step with ease.
PAGE = 12
#: The same for one sentence of some length. A number with one sentence in it swings more.
SENTENCE = 17
LONG = 8
#: Texts that are harder, by key: how hard they may be (whole, one sentence), and why.
HARDER = {
    "terms": (
        13,
        21,
        "Definitions of offences and of characteristics that the law protects: the hard words are the names that "
        "people look for, and stand beside a short label that can be chosen without them.",
    ),
}


def limits(text: reading_age.Text) -> tuple[int, int]:
    """How old a reader of the whole, and of one sentence, may have to be."""
    return HARDER[text.key][:2] if text.key in HARDER else (PAGE, SENTENCE)


@pytest.fixture(scope="module")
def texts() -> list[reading_age.Text]:
    return reading_age.texts()


def test_no_page_is_harder_to_read_than_its_limit(texts):
    harder = {
        text.key: (text.age, text.hardest)
        for text in texts
        if text.words >= reading_age.ENOUGH and text.age > limits(text)[0]
    }
    assert harder == {}


def test_no_sentence_is_harder_to_read_than_its_limit(texts):
    harder = {
        sentence: age
        for text in texts
        for sentence in text.sentences
        if len(sentence.split()) >= LONG and (age := round(reading_age.grade(sentence)) + 5) > limits(text)[1]
    }
    assert harder == {}


def test_every_step_and_every_public_page_is_measured(texts):
    keys = {text.key for text in texts}
    assert {"step 1: start", "reporting/check", "reporting/receipt", "signposting/starting_content"} <= keys
    assert [key for key in HARDER if key not in keys] == []


def test_hard_words_are_found_out():
    assert reading_age.grade("The cat sat on the mat.") < 3
    official = (
        "Notwithstanding institutional confidentiality obligations, disclosure may necessitate investigation."
    )
    assert reading_age.grade(official) > 20


def test_labels_paragraphs_and_placeholders_are_sentences():
    words = "<h3>What you <b>should</b> know</h3><p>Call %(name)s. Then&nbsp;wait</p>"
    assert reading_age.sentences(words) == ["What you should know.", "Call one.", "Then wait."]


def test_the_syllables_come_from_a_dictionary_that_needs_no_network():
    reading_age.grade("Anything.")
    assert (reading_age.DICTIONARY / "corpora" / "cmudict" / "cmudict").stat().st_size > 1_000_000
