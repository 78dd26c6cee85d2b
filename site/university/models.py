"""The demo university's own pages: nothing of the package's, as on any site that installs it."""

from wagtail import blocks
from wagtail.admin.panels import FieldPanel
from wagtail.fields import RichTextField, StreamField
from wagtail.images.blocks import ImageChooserBlock
from wagtail.models import Page
from wagtail.search import index


class CardBlock(blocks.StructBlock):
    """A way on: to a page here."""

    title = blocks.CharBlock(max_length=80)
    text = blocks.CharBlock(max_length=200)
    page = blocks.PageChooserBlock(required=False)

    class Meta:
        icon = "link"
        template = "university/blocks/card.html"


class BodyBlock(blocks.StreamBlock):
    """What a page of the university is made of."""

    heading = blocks.CharBlock(icon="title", template="university/blocks/heading.html")
    paragraph = blocks.RichTextBlock(features=["bold", "italic", "link", "ol", "ul", "document-link"])
    quote = blocks.BlockQuoteBlock()
    image = ImageChooserBlock(template="university/blocks/image.html")
    cards = blocks.ListBlock(CardBlock(), icon="list-ul", template="university/blocks/cards.html")


class UniversityPage(Page):
    """What the university's pages share."""

    introduction = RichTextField(features=["bold", "italic", "link"], blank=True)
    body = StreamField(BodyBlock(), blank=True)

    content_panels = [*Page.content_panels, FieldPanel("introduction"), FieldPanel("body")]
    search_fields = [*Page.search_fields, index.SearchField("introduction"), index.SearchField("body")]

    class Meta:
        abstract = True


class HomePage(UniversityPage):
    """The front page."""

    parent_page_types = ["wagtailcore.Page"]


class StandardPage(UniversityPage):
    """Any other page."""

    parent_page_types = ["university.HomePage", "university.StandardPage"]
