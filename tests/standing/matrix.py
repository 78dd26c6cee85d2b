"""Who gets what: the tables that ``test_access_matrix`` reads."""

from __future__ import annotations

#: Who asks. The demo's people, and those that the others are made from.
ROLES = (
    "anonymous", "student", "editor", "admin", "security", "steering", "dpo", "manager", "lead",
    "suspended", "inactive",
)  # fmt: skip

# page   it is shown (200)
# led    it leads to another page of ours: a verb asked for with GET, or done (302)
# never  byte for byte what an address that never was answers
# login  to the sign-in page; home: "you may not", and to the admin's home
# 4xx    refused so
MATRIX = """
#                                  anon   stud   editor admin  secur  steer  dpo    manag  lead   susp   inact
GET   case:answered                login  login  never  never  login  never  never  led    led    never  login
POST  case:answered                login  login  never  never  login  never  never  led    led    never  login
GET   case:assign                  login  login  never  never  login  never  never  led    led    never  login
POST  case:assign                  login  login  never  never  login  never  never  422    422    never  login
GET   case:confirm                 login  login  never  never  login  never  never  never  led    never  login
POST  case:confirm                 login  login  never  never  login  never  never  never  led    never  login
GET   case:genuine                 login  login  never  never  login  never  never  led    led    never  login
POST  case:genuine                 login  login  never  never  login  never  never  led    led    never  login
GET   case:history                 login  login  never  never  login  never  never  page   page   never  login
POST  case:history                 login  login  never  never  login  never  never  405    405    never  login
GET   case:index                   login  login  never  never  login  never  never  page   page   never  login
POST  case:index                   login  login  never  never  login  never  never  405    405    never  login
GET   case:index_results           login  login  never  never  login  never  never  page   page   never  login
POST  case:index_results           login  login  never  never  login  never  never  405    405    never  login
GET   case:note                    login  login  never  never  login  never  never  led    led    never  login
POST  case:note                    login  login  never  never  login  never  never  422    422    never  login
GET   case:people                  login  login  never  never  login  never  never  never  page   never  login
POST  case:people                  login  login  never  never  login  never  never  never  405    never  login
GET   case:status                  login  login  never  never  login  never  never  led    led    never  login
POST  case:status                  login  login  never  never  login  never  never  409    409    never  login
GET   case:take                    login  login  never  never  login  never  never  led    led    never  login
POST  case:take                    login  login  never  never  login  never  never  led    led    never  login
GET   case:withdraw                login  login  never  never  login  never  never  never  led    never  login
POST  case:withdraw                login  login  never  never  login  never  never  never  led    never  login
GET   case:workspace               login  login  never  never  login  never  never  page   page   never  login
POST  case:workspace               login  login  never  never  login  never  never  405    405    never  login
GET   case:write                   login  login  never  never  login  never  never  led    led    never  login
POST  case:write                   login  login  never  never  login  never  never  never  never  never  login
GET   register:create              login  login  home   page   login  home   home   home   page   home   login
POST  register:create              login  login  home   page   login  home   home   home   page   home   login
GET   register:edit                login  login  home   page   login  home   home   home   page   home   login
POST  register:edit                login  login  home   page   login  home   home   home   page   home   login
GET   register:history             login  login  home   page   login  home   home   home   page   home   login
POST  register:history             login  login  home   405    login  home   home   home   405    home   login
GET   register:index               login  login  home   page   login  home   home   home   page   home   login
POST  register:index               login  login  home   405    login  home   home   home   405    home   login
GET   service:add                  login  login  page   page   login  home   home   home   home   home   login
POST  service:add                  login  login  page   page   login  home   home   home   home   home   login
GET   service:delete               login  login  page   page   login  home   home   home   home   home   login
POST  service:delete               login  login  led    led    login  home   home   home   home   home   login
GET   service:edit                 login  login  page   page   login  home   home   home   home   home   login
POST  service:edit                 login  login  page   page   login  home   home   home   home   home   login
GET   service:history              login  login  page   page   login  home   home   home   home   home   login
POST  service:history              login  login  405    405    login  home   home   home   home   home   login
GET   service:history_results      login  login  page   page   login  home   home   home   home   home   login
POST  service:history_results      login  login  405    405    login  home   home   home   home   home   login
GET   service:list                 login  login  page   page   login  home   home   home   home   home   login
POST  service:list                 login  login  405    405    login  home   home   home   home   home   login
GET   service:list_results         login  login  page   page   login  home   home   home   home   home   login
POST  service:list_results         login  login  405    405    login  home   home   home   home   home   login
GET   service:preview_on_add       login  login  page   page   login  home   home   home   home   home   login
POST  service:preview_on_add       login  login  page   page   login  home   home   home   home   home   login
GET   service:preview_on_edit      login  login  page   page   login  home   home   home   home   home   login
POST  service:preview_on_edit      login  login  page   page   login  home   home   home   home   home   login
GET   service:revisions_compare    login  login  page   page   login  home   home   home   home   home   login
POST  service:revisions_compare    login  login  405    405    login  home   home   home   home   home   login
GET   service:revisions_revert     login  login  page   page   login  home   home   home   home   home   login
POST  service:revisions_revert     login  login  page   page   login  home   home   home   home   home   login
GET   service:revisions_unschedule login  login  page   page   login  home   home   home   home   home   login
POST  service:revisions_unschedule login  login  led    led    login  home   home   home   home   home   login
GET   service:revisions_view       login  login  page   page   login  home   home   home   home   home   login
POST  service:revisions_view       login  login  405    405    login  home   home   home   home   home   login
GET   service:unpublish            login  login  page   page   login  home   home   home   home   home   login
POST  service:unpublish            login  login  led    led    login  home   home   home   home   home   login
GET   service:usage                login  login  page   page   login  home   home   home   home   home   login
POST  service:usage                login  login  405    405    login  home   home   home   home   home   login
GET   chooser:choose               login  login  page   page   login  page   page   page   page   page   login
POST  chooser:choose               login  login  405    405    login  405    405    405    405    405    login
GET   chooser:choose_results       login  login  page   page   login  page   page   page   page   page   login
POST  chooser:choose_results       login  login  405    405    login  405    405    405    405    405    login
GET   chooser:chosen               login  login  page   page   login  page   page   page   page   page   login
POST  chooser:chosen               login  login  405    405    login  405    405    405    405    405    login
GET   chooser:chosen_multiple      login  login  page   page   login  page   page   page   page   page   login
POST  chooser:chosen_multiple      login  login  405    405    login  405    405    405    405    405    login
GET   chooser:create               login  login  page   page   login  home   home   home   home   home   login
POST  chooser:create               login  login  500    500    login  home   home   home   home   home   login
GET   settings:HarassmentSettings  login  login  home   page   login  home   home   home   page   home   login
POST  settings:HarassmentSettings  login  login  home   page   login  home   home   home   page   home   login
"""
#: Wagtail's own slip: its chooser answers so to a POST where nothing can be made in it.
WAGTAILS = {("POST", "chooser:create")}


#: What anybody gets at the public addresses, whoever they are signed in as, with nothing begun.
PUBLIC = """
#   LandingPage  SupportPage  InboxPage  ReportFormPage  safety  how  check  receipt  about-you  leave  inbox  nonsense
GET   page         page         page       page            page    led  led    led      led        led    404    404
POST  405          405          led        led             405     page led    led      led        led    404    404
"""

#: What anybody gets below the return page: with nothing open, and with the code of one report. The reference is that
#: report's, ``other`` somebody else's; nothing is filled in.
RETURNING = """
#                   nothing  code
GET   reference     led      page
POST  reference     led      422
GET   change        led      page
POST  change        led      422
GET   messages      led      page
POST  messages      led      page
GET   withdraw      led      page
POST  withdraw      led      led
GET   further       led      page
POST  further       led      led
GET   join-code     led      404
POST  join-code     led      404
GET   nonsense      led      404
POST  nonsense      led      404
GET   other         led      404
POST  other         led      404
GET   kept          led      led
POST  kept          led      led
GET   kept/read     led      led
POST  kept/read     led      led
GET   kept/change   led      led
POST  kept/change   led      led
GET   kept/send     led      led
POST  kept/send     led      led
GET   kept/delete   led      led
POST  kept/delete   led      led
GET   kept/nonsense led      404
POST  kept/nonsense led      404
GET   join          led      led
POST  join          led      led
GET   leave         led      led
POST  leave         led      led
GET   a/b/c         404      404
"""

#: How a case stands to the person who asks, and for whom it is there.
RELATIONS = """
#                            manager  lead  suspended  admin
open                         yes      yes   no         no
assigned                     yes      yes   no         no
blocked                      no       no    no         no
blocked,assigned             no       no    no         no
restricted                   no       yes   no         no
restricted,assigned          yes      yes   no         no
restricted,member            yes      yes   no         no
restricted,member,blocked    no       no    no         no
"""


def table(text: str) -> dict[tuple[str, str], dict[str, str]]:
    """``{(method, name): {role: outcome}}`` of a table as it is written above."""
    found = {}
    for line in text.strip().splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            method, name, *outcomes = line.split()
            found[method, name] = dict(zip(ROLES, outcomes, strict=True))
    return found
