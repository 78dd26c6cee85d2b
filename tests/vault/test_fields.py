import copy
import json
import pickle
import uuid

import pytest
from django.contrib import admin
from django.core import serializers
from django.core.exceptions import FieldError
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Case, F, Value, When
from django.forms import modelform_factory
from django.forms.models import model_to_dict
from django.template import Context, Template
from hypothesis import given, settings
from hypothesis import strategies as st
from rest_framework.serializers import ModelSerializer

from tests.vault.conftest import undone
from tests.vault.models import Letter, write_letter
from wagtail_harassment.vault.envelope import DataKey, Tampered
from wagtail_harassment.vault.fields import SealedTextField, SealedValue, reveal, seal_fields

SECRET_WORDS = "He said it in the lab, and I wrote it down"
pytestmark = pytest.mark.django_db
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@pytest.fixture
def letter_and_key():
    return write_letter(uuid.uuid4(), SECRET_WORDS, extra={"who": SECRET_WORDS})


@pytest.fixture
def letter(letter_and_key):
    return letter_and_key[0]


@settings(deadline=None, max_examples=50)
@given(st.text(), json_values)
def test_any_text_and_json_is_read_as_it_was_written(text, value):
    with undone():
        _, key = write_letter(uuid.uuid4(), text, extra=value)
        stored = Letter.objects.get()
        assert reveal(stored, "body", key) == text
        assert reveal(stored, "extra", key) == value


def test_a_megabyte_is_read_as_it_was_written():
    text = "é\0\U0001f9f7x" * 125_000
    _, key = write_letter(uuid.uuid4(), text)
    assert reveal(Letter.objects.get(), "body", key) == text


@pytest.mark.parametrize(
    "show",
    [
        str,
        repr,
        lambda value: f"{value}",
        lambda value: f"{value!r}",
        "{}".format,
        lambda value: "%s %r" % (value, value),  # noqa: UP031
        lambda value: json.dumps(value, default=str),
        lambda value: Template("{{ value }}{{ value|safe }}{{ value|pprint }}").render(
            Context({"value": value})
        ),
    ],
)
def test_printing_a_sealed_value_shows_neither_words_nor_ciphertext(letter, show):
    shown = show(letter.body)
    assert set(shown.replace("<sealed>", "").replace("&lt;sealed&gt;", "")) <= {" ", '"'}


@pytest.mark.parametrize("take", [bytes, list, len, iter, json.dumps, DjangoJSONEncoder().encode, vars])
def test_nothing_can_be_taken_out_of_a_sealed_value(letter, take):
    with pytest.raises(TypeError):
        take(letter.body)


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda row: pickle.loads(pickle.dumps(row))])
def test_a_copied_or_pickled_row_carries_ciphertext_and_no_word(letter_and_key, again):
    letter, key = letter_and_key
    other = again(letter)
    assert other.body == letter.body
    assert reveal(other, "body", key) == SECRET_WORDS
    assert SECRET_WORDS.encode() not in pickle.dumps(letter)


@pytest.mark.parametrize(
    "plain", [SECRET_WORDS, SECRET_WORDS.encode(), 7, {"a": 1}, memoryview(b"words"), ""]
)
@pytest.mark.parametrize(
    "write",
    [
        lambda letter, plain: Letter(record=uuid.uuid4(), body=plain),
        lambda letter, plain: setattr(letter, "body", plain),
        lambda letter, plain: Letter.objects.create(record=uuid.uuid4(), body=plain),
        lambda letter, plain: Letter.objects.update(body=plain),
    ],
)
def test_plain_values_are_refused_where_they_are_assigned(letter, write, plain):
    with pytest.raises(TypeError, match="sealed values only"):
        write(letter, plain)


@pytest.mark.parametrize(
    "expression",
    [
        Value("words"),
        Value(b"words"),
        F("facts"),
        Case(When(day=None, then=Value("words")), default=Value(None)),
    ],
)
def test_no_expression_writes_plain_values(letter, expression):
    with pytest.raises(TypeError, match="sealed values only"):
        Letter.objects.update(body=expression)


def test_values_and_lists_of_values_are_opaque(letter):
    assert Letter.objects.values("body").get() == {"body": letter.body}
    assert Letter.objects.values_list("body", flat=True).get() == letter.body
    assert [str(value) for value in Letter.objects.values_list("body", "extra").get()] == [
        "<sealed>",
        "<sealed>",
    ]
    assert str(Letter.objects.annotate(words=F("body")).get().words) == "<sealed>"


@pytest.mark.parametrize("form", ["json", "python", "xml", "jsonl"])
def test_serializers_show_neither_words_nor_ciphertext(letter, form):
    shown = str(serializers.serialize(form, [letter]))
    assert shown.count("sealed") == 2
    assert letter.body.ciphertext.hex() not in shown


def test_rest_framework_shows_neither_words_nor_ciphertext(letter):
    class LetterSerializer(ModelSerializer):
        class Meta:
            model = Letter
            fields = ["body"]

    assert LetterSerializer(letter).data == {"body": "<sealed>"}


def test_model_to_dict_leaves_sealed_fields_out(letter):
    assert set(model_to_dict(letter)) == {"record", "day", "at", "facts"}


LOOKUPS = sorted(set(SealedTextField.get_lookups()) - {"isnull"})


@pytest.mark.parametrize("lookup", [*LOOKUPS, "length", "year", "has_key", "nonsense"])
def test_sealed_fields_are_looked_up_by_isnull_only(letter, lookup):
    with pytest.raises(FieldError):
        Letter.objects.filter(**{f"body__{lookup}": letter.body}).exists()


def test_sealed_fields_are_not_compared_by_keyword_annotation_or_transform(letter):
    for query in [
        lambda: Letter.objects.filter(body=letter.body),
        lambda: Letter.objects.exclude(extra=None),
        lambda: Letter.objects.annotate(words=F("body")).filter(words="x"),
        lambda: Letter.objects.filter(extra__who="x"),
        lambda: Letter.objects.filter(body__0="x"),
    ]:
        with pytest.raises(FieldError):
            query().exists()


def test_isnull_works(letter):
    Letter.objects.create(record=uuid.uuid4())
    assert Letter.objects.filter(body__isnull=False).get() == letter
    assert Letter.objects.filter(body__isnull=True).count() == 1


def test_no_model_form_has_a_sealed_field():
    assert set(modelform_factory(Letter, fields="__all__").base_fields) == {"record", "day", "at", "facts"}
    with pytest.raises(FieldError, match="non-editable"):
        modelform_factory(Letter, fields=["body"])


def test_no_admin_form_can_have_a_sealed_field(rf):
    class LetterAdmin(admin.ModelAdmin):
        fields = ["body"]

    with pytest.raises(FieldError, match="body"):
        LetterAdmin(Letter, admin.site).get_form(rf.get("/"))


def test_deferred_and_refreshed_fields_are_sealed_values(letter_and_key):
    letter, key = letter_and_key
    deferred = Letter.objects.defer("body").get()
    assert deferred.get_deferred_fields() == {"body"}
    assert reveal(deferred, "body", key) == SECRET_WORDS
    seal_fields(letter, key, body="other words")
    letter.refresh_from_db()
    assert reveal(letter, "body", key) == SECRET_WORDS


def test_bulk_create_and_bulk_update_write_ciphertext():
    key = DataKey(uuid.uuid4(), uuid.uuid4(), bytes(32))
    letters = [Letter(record=key.record) for _ in range(3)]
    for number, letter in enumerate(letters):
        seal_fields(letter, key, body=f"words {number}")
    Letter.objects.bulk_create(letters)
    assert sorted(reveal(row, "body", key) for row in Letter.objects.all()) == [
        "words 0",
        "words 1",
        "words 2",
    ]
    for letter in letters:
        seal_fields(letter, key, body="others")
    Letter.objects.bulk_update(letters, ["body"])
    assert [reveal(row, "body", key) for row in Letter.objects.all()] == ["others"] * 3


def test_a_value_swapped_between_rows_or_fields_does_not_open():
    key = DataKey(uuid.uuid4(), uuid.uuid4(), bytes(32))
    one, other = Letter(record=key.record), Letter(record=key.record)
    for letter in (one, other):
        seal_fields(letter, key, body="words", extra="words")
    one.body, other.body = other.body, one.body
    one.extra, one.body = one.body, one.extra
    for row, name in [(one, "body"), (one, "extra"), (other, "body")]:
        with pytest.raises(Tampered):
            reveal(row, name, key)
    assert reveal(other, "extra", key) == "words"


def test_history_rows_open_with_the_same_key_and_are_bound_to_their_row(letter_and_key):
    letter, key = letter_and_key
    seal_fields(letter, key, body="other words")
    letter.save()
    assert [reveal(row, "body", key) for row in letter.history.all()] == ["other words", SECRET_WORDS]
    assert reveal(letter.history.last().instance, "body", key) == SECRET_WORDS
    stolen = letter.history.first()
    stolen.id = uuid.uuid4()
    with pytest.raises(Tampered):
        reveal(stolen, "body", key)


def test_sealing_the_same_words_again_changes_nothing(letter_and_key):
    letter, key = letter_and_key
    before = letter.body
    assert seal_fields(letter, key, body=SECRET_WORDS, extra={"who": SECRET_WORDS}) == []
    assert letter.body is before
    assert seal_fields(letter, key, body="others", extra=None) == ["body", "extra"]
    assert seal_fields(letter, key, extra=None) == []
    assert letter.extra is None
    assert reveal(letter, "extra", key) is None


def test_full_clean_accepts_a_sealed_value(letter):
    letter.full_clean(exclude=["day", "at", "facts"])


def test_a_field_that_is_not_sealed_is_refused(letter_and_key):
    letter, key = letter_and_key
    with pytest.raises(TypeError, match="not a sealed field"):
        reveal(letter, "day", key)


def test_a_sealed_field_without_a_purpose_is_an_error():
    field = SealedTextField()
    field.set_attributes_from_name("body")
    field.model = Letter
    assert [error.id for error in field.check()] == ["wagtail_harassment.E010"]


def test_sealed_values_are_equal_by_ciphertext():
    assert SealedValue(b"a") == SealedValue(b"a") != SealedValue(b"b")
    assert len({SealedValue(b"a"), SealedValue(b"a")}) == 1


def test_migrations_keep_the_purpose():
    _, _, args, kwargs = Letter._meta.get_field("body").deconstruct()
    assert (args, kwargs) == ([], {"null": True, "purpose": "tests.letter.body"})
