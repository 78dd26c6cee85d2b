"""The few public addresses that are not pages. Include it wherever your site likes."""

from django.urls import path

from wagtail_harassment.casework.alerting.heartbeat import heartbeat
from wagtail_harassment.casework.referring.receiving import ReferralsView, ReferralView
from wagtail_harassment.casework.referring.sharing import SharedView
from wagtail_harassment.casework.referring.uploads import sealing_uploads

app_name = "harassment"

urlpatterns = [
    path("heartbeat/", heartbeat, name="heartbeat"),
    # Where cases are worked, and nowhere else: on a case host, if the site has any.
    path("referrals/", ReferralsView.as_view(), name="referrals"),
    path("referrals/<uuid:shared>/", sealing_uploads(ReferralView), name="referral"),
    path("shared/<str:secret>/", sealing_uploads(SharedView), name="shared"),
]
