"""The way through the form."""

from wagtail_harassment.reporting.models import Report


def test_walk(reporter):
    reporter.form()
    reporter.go_through()
    f = reporter.form("check")
    print(f.text)
    print(reporter.send()["Location"])
    print(reporter.form("receipt").text)
    assert Report.objects.count() == 1
