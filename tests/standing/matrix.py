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
GET   case:access                login  login  never  never  login  never  never  never  page   never  login
POST  case:access                login  login  never  never  login  never  never  never  405    never  login
GET   case:add_files               login  login  never  never  login  never  never  led    led    never  login
POST  case:add_files               login  login  never  never  login  never  never  422    422    never  login
GET   case:admit                 login  login  never  never  login  never  never  led    led    never  login
POST  case:admit                 login  login  never  never  login  never  never  403    422    never  login
GET   case:add_person              login  login  never  never  login  never  never  led    led    never  login
POST  case:add_person              login  login  never  never  login  never  never  422    422    never  login
GET   case:answered                login  login  never  never  login  never  never  led    led    never  login
POST  case:answered                login  login  never  never  login  never  never  led    led    never  login
GET   case:assign                  login  login  never  never  login  never  never  led    led    never  login
POST  case:assign                  login  login  never  never  login  never  never  422    422    never  login
GET   case:block                 login  login  never  never  login  never  never  led    led    never  login
POST  case:block                 login  login  never  never  login  never  never  403    422    never  login
GET   case:case_trail            login  login  never  never  login  never  page   never  never  never  login
POST  case:case_trail            login  login  never  never  login  never  405    never  never  never  login
GET   case:back                   login  login  never  never  login  never  never  led    led    never  login
POST  case:back                   login  login  never  never  login  never  never  led    led    never  login
GET   case:change_task            login  login  never  never  login  never  never  led    led    never  login
POST  case:change_task            login  login  never  never  login  never  never  422    422    never  login
GET   case:change_person           login  login  never  never  login  never  never  led    led    never  login
POST  case:change_person           login  login  never  never  login  never  never  422    422    never  login
GET   case:check_files             login  login  never  never  login  never  never  led    led    never  login
POST  case:check_files             login  login  never  never  login  never  never  led    led    never  login
GET   case:checklist              login  login  never  never  login  never  never  led    led    never  login
POST  case:checklist              login  login  never  never  login  never  never  422    422    never  login
GET   case:close                   login  login  never  never  login  never  never  led    led    never  login
POST  case:close                   login  login  never  never  login  never  never  422    422    never  login
GET   case:confirm                 login  login  never  never  login  never  never  never  led    never  login
POST  case:confirm                 login  login  never  never  login  never  never  never  led    never  login
GET   case:declare               login  login  never  never  login  never  never  led    led    never  login
POST  case:declare               login  login  never  never  login  never  never  422    422    never  login
GET   case:end_task               login  login  never  never  login  never  never  led    led    never  login
POST  case:end_task               login  login  never  never  login  never  never  422    422    never  login
GET   case:enter                   login  login  never  never  login  never  never  page   page   never  login
POST  case:enter                   login  login  never  never  login  never  never  page   page   never  login
GET   case:file                    login  login  never  never  login  never  never  page   page   never  login
POST  case:file                    login  login  never  never  login  never  never  405    405    never  login
GET   case:file_content            login  login  never  never  login  never  never  never  never  never  login
POST  case:file_content            login  login  never  never  login  never  never  405    405    never  login
GET   case:fill                    login  login  never  never  login  never  never  led    led    never  login
POST  case:fill                    login  login  never  never  login  never  never  never  never  never  login
GET   case:find_person             login  login  never  never  login  never  never  page   page   never  login
POST  case:find_person             login  login  never  never  login  never  never  422    422    never  login
GET   case:genuine                 login  login  never  never  login  never  never  led    led    never  login
POST  case:genuine                 login  login  never  never  login  never  never  led    led    never  login
GET   case:give                    login  login  never  never  login  never  never  led    led    never  login
POST  case:give                    login  login  never  never  login  never  never  led    led    never  login
GET   case:hand_over               login  login  never  never  login  never  never  led    led    never  login
POST  case:hand_over               login  login  never  never  login  never  never  422    422    never  login
GET   case:history                 login  login  never  never  login  never  never  page   page   never  login
POST  case:history                 login  login  never  never  login  never  never  405    405    never  login
GET   case:hold                   login  login  never  never  login  never  never  led    led    never  login
POST  case:hold                   login  login  never  never  login  never  never  422    422    never  login
GET   case:index                   login  login  never  never  login  never  never  page   page   never  login
POST  case:index                   login  login  never  never  login  never  never  405    405    never  login
GET   case:index_results           login  login  never  never  login  never  never  page   page   never  login
POST  case:index_results           login  login  never  never  login  never  never  405    405    never  login
GET   case:others                  login  login  never  never  login  never  never  page   page   never  login
POST  case:others                  login  login  never  never  login  never  never  405    405    never  login
GET   case:left                    login  login  never  never  login  never  never  page   page   never  login
POST  case:left                    login  login  never  never  login  never  never  405    405    never  login
GET   case:try_letter              login  login  never  never  login  never  never  led    led    never  login
POST  case:try_letter              login  login  never  never  login  never  never  409    409    never  login
GET   case:stop_letter             login  login  never  never  login  never  never  led    led    never  login
POST  case:stop_letter             login  login  never  never  login  never  never  led    led    never  login
GET   case:lift_block            login  login  never  never  login  never  never  never  led    never  login
POST  case:lift_block            login  login  never  never  login  never  never  never  422    never  login
GET   case:lift_restriction      login  login  never  never  login  never  never  led    led    never  login
POST  case:lift_restriction      login  login  never  never  login  never  never  403    422    never  login
GET   case:leaver                  login  login  never  never  login  never  never  never  page   never  login
POST  case:leaver                  login  login  never  never  login  never  never  never  422    never  login
GET   case:note                    login  login  never  never  login  never  never  led    led    never  login
POST  case:note                    login  login  never  never  login  never  never  422    422    never  login
GET   case:original                login  login  never  never  login  never  never  led    led    never  login
POST  case:original                login  login  never  never  login  never  never  page   page   never  login
GET   case:outbox                  login  login  never  never  login  never  never  page   page   never  login
POST  case:outbox                  login  login  never  never  login  never  never  405    405    never  login
GET   case:people                  login  login  never  never  login  never  never  never  page   never  login
POST  case:people                  login  login  never  never  login  never  never  never  405    never  login
GET   case:restrict              login  login  never  never  login  never  never  led    led    never  login
POST  case:restrict              login  login  never  never  login  never  never  403    422    never  login
GET   case:scope                 login  login  never  never  login  never  never  never  led    never  login
POST  case:scope                 login  login  never  never  login  never  never  never  led    never  login
GET   case:reopen                  login  login  never  never  login  never  never  led    led    never  login
POST  case:reopen                  login  login  never  never  login  never  never  422    422    never  login
GET   case:print                   login  login  never  never  login  never  never  page   page   never  login
POST  case:print                   login  login  never  never  login  never  never  422    422    never  login
GET   case:person                  login  login  never  never  login  never  never  page   page   never  login
POST  case:person                  login  login  never  never  login  never  never  405    405    never  login
GET   case:remove_person           login  login  never  never  login  never  never  led    led    never  login
POST  case:remove_person           login  login  never  never  login  never  never  422    422    never  login
GET   case:preferences             login  login  never  never  login  never  never  page   page   never  login
POST  case:preferences             login  login  never  never  login  never  never  422    422    never  login
GET   case:show_file               login  login  never  never  login  never  never  led    led    never  login
POST  case:show_file               login  login  never  never  login  never  never  led    led    never  login
GET   case:status                  login  login  never  never  login  never  never  led    led    never  login
POST  case:status                  login  login  never  never  login  never  never  409    409    never  login
GET   case:take                    login  login  never  never  login  never  never  led    led    never  login
POST  case:take                    login  login  never  never  login  never  never  led    led    never  login
GET   case:consent                 login  login  never  never  login  never  never  led    led    never  login
POST  case:consent                 login  login  never  never  login  never  never  422    422    never  login
GET   case:end_measure             login  login  never  never  login  never  never  led    led    never  login
POST  case:end_measure             login  login  never  never  login  never  never  never  never  never  login
GET   case:measure                 login  login  never  never  login  never  never  led    led    never  login
POST  case:measure                 login  login  never  never  login  never  never  422    422    never  login
GET   case:note_draft              login  login  never  never  login  never  never  led    led    never  login
POST  case:note_draft              login  login  never  never  login  never  never  led    led    never  login
GET   case:risk                    login  login  never  never  login  never  never  led    led    never  login
POST  case:risk                    login  login  never  never  login  never  never  422    422    never  login
GET   case:verify                  login  login  never  never  login  never  never  led    led    never  login
POST  case:verify                  login  login  never  never  login  never  never  page   page   never  login
GET   case:team                  login  login  never  never  login  never  never  never  page   never  login
POST  case:team                  login  login  never  never  login  never  never  never  422    never  login
GET   case:team_add              login  login  never  never  login  never  never  never  page   never  login
POST  case:team_add              login  login  never  never  login  never  never  never  422    never  login
GET   case:teams                 login  login  never  never  login  never  never  never  page   never  login
POST  case:teams                 login  login  never  never  login  never  never  never  405    never  login
GET   case:trail                 login  login  never  never  login  never  page   never  never  never  login
POST  case:trail                 login  login  never  never  login  never  405    never  never  never  login
GET   case:task                   login  login  never  never  login  never  never  led    led    never  login
POST  case:task                   login  login  never  never  login  never  never  422    422    never  login
GET   case:types                   login  login  never  never  login  never  never  led    led    never  login
POST  case:types                   login  login  never  never  login  never  never  422    422    never  login
GET   case:told                    login  login  never  never  login  never  never  led    led    never  login
POST  case:told                    login  login  never  never  login  never  never  403    led    never  login
GET   case:try_again               login  login  never  never  login  never  never  led    led    never  login
POST  case:try_again               login  login  never  never  login  never  never  led    led    never  login
GET   case:withdraw                login  login  never  never  login  never  never  never  led    never  login
POST  case:withdraw                login  login  never  never  login  never  never  never  led    never  login
GET   case:withdraw_member       login  login  never  never  login  never  never  never  led    never  login
POST  case:withdraw_member       login  login  never  never  login  never  never  never  422    never  login
GET   case:workspace               login  login  never  never  login  never  never  page   page   never  login
POST  case:workspace               login  login  never  never  login  never  never  405    405    never  login
GET   case:write                   login  login  never  never  login  never  never  led    led    never  login
POST  case:write                   login  login  never  never  login  never  never  never  never  never  login
GET   case:try_rules             login  login  never  never  login  never  never  never  page   never  login
POST  case:try_rules             login  login  never  never  login  never  never  never  405    never  login
GET   case:lists                 login  login  never  never  login  never  never  page   page   never  login
POST  case:lists                 login  login  never  never  login  never  never  led    led    never  login
GET   case:list_add              login  login  never  never  login  never  never  page   page   never  login
POST  case:list_add              login  login  never  never  login  never  never  422    422    never  login
GET   case:list                  login  login  never  never  login  never  never  page   page   never  login
POST  case:list                  login  login  never  never  login  never  never  422    422    never  login
GET   case:list_mail             login  login  never  never  login  never  never  led    led    never  login
POST  case:list_mail             login  login  never  never  login  never  never  led    led    never  login
GET   case:list_delete           login  login  never  never  login  never  never  led    led    never  login
POST  case:list_delete           login  login  never  never  login  never  never  led    led    never  login
GET   rules:create               login  login  home   home   login  home   home   home   page   home   login
POST  rules:create               login  login  home   home   login  home   home   home   page   home   login
GET   rules:edit                 login  login  home   home   login  home   home   home   page   home   login
POST  rules:edit                 login  login  home   home   login  home   home   home   page   home   login
GET   rules:history              login  login  home   home   login  home   home   home   page   home   login
POST  rules:history              login  login  home   home   login  home   home   home   405    home   login
GET   rules:index                login  login  home   home   login  home   home   home   page   home   login
POST  rules:index                login  login  home   home   login  home   home   home   405    home   login
GET   case:others                  login  login  never  never  login  never  never  page   page   never  login
POST  case:others                  login  login  never  never  login  never  never  405    405    never  login
GET   case:panel                   login  login  never  never  login  never  never  page   page   never  login
POST  case:panel                   login  login  never  never  login  never  never  405    405    never  login
GET   case:refer                   login  login  never  never  login  never  never  led    led    never  login
POST  case:refer                   login  login  never  never  login  never  never  422    422    never  login
GET   case:advice                  login  login  never  never  login  never  never  led    led    never  login
POST  case:advice                  login  login  never  never  login  never  never  422    422    never  login
GET   case:end_referral            login  login  never  never  login  never  never  led    led    never  login
POST  case:end_referral            login  login  never  never  login  never  never  422    422    never  login
GET   case:withdraw_referral       login  login  never  never  login  never  never  led    led    never  login
POST  case:withdraw_referral       login  login  never  never  login  never  never  422    422    never  login
GET   case:link_referral           login  login  never  never  login  never  never  led    led    never  login
POST  case:link_referral           login  login  never  never  login  never  never  page   page   never  login
GET   harassment:referral          login  404    404    404    page   404    404    404    404    404    login
POST  harassment:referral          login  404    404    404    422    404    404    404    404    404    login
GET   harassment:referrals         login  404    404    404    page   404    404    404    404    404    login
POST  harassment:referrals         login  404    404    404    login  404    404    404    404    404    login
GET   harassment:shared            page   page   page   page   page   page   page   page   page   page   page
POST  harassment:shared            page   page   page   page   page   page   page   page   page   page   page
GET   case:meeting              login  login  never  never  login  never  never  led    led    never  login
POST  case:meeting              login  login  never  never  login  never  never  422    422    never  login
GET   case:end_meeting          login  login  never  never  login  never  never  led    led    never  login
POST  case:end_meeting          login  login  never  never  login  never  never  422    422    never  login
GET   case:move_meeting         login  login  never  never  login  never  never  led    led    never  login
POST  case:move_meeting         login  login  never  never  login  never  never  422    422    never  login
GET   case:cancel_meeting       login  login  never  never  login  never  never  led    led    never  login
POST  case:cancel_meeting       login  login  never  never  login  never  never  led    led    never  login
GET   case:times                login  login  never  never  login  never  never  page   page   never  login
POST  case:times                login  login  never  never  login  never  never  422    422    never  login
GET   case:withdraw_time        login  login  never  never  login  never  never  led    led    never  login
POST  case:withdraw_time        login  login  never  never  login  never  never  led    led    never  login
GET   case:withdraw_times       login  login  never  never  login  never  never  led    led    never  login
POST  case:withdraw_times       login  login  never  never  login  never  never  led    led    never  login
GET   case:signpost              login  login  never  never  login  never  never  led    led    never  login
POST  case:signpost              login  login  never  never  login  never  never  422    422    never  login
GET   case:follow_service        login  login  never  never  login  never  never  led    led    never  login
POST  case:follow_service        login  login  never  never  login  never  never  422    422    never  login
GET   case:spend                 login  login  never  never  login  never  never  led    led    never  login
POST  case:spend                 login  login  never  never  login  never  never  422    422    never  login
GET   case:take_back_time        login  login  never  never  login  never  never  led    led    never  login
POST  case:take_back_time        login  login  never  never  login  never  never  403    led    never  login
GET   case:hours                 login  login  never  never  login  never  never  page   page   never  login
POST  case:hours                 login  login  never  never  login  never  never  405    405    never  login
GET   case:paid                  login  login  never  never  login  never  never  never  led    never  login
POST  case:paid                  login  login  never  never  login  never  never  never  led    never  login
GET   case:confirm_link          login  login  never  never  login  never  never  led    led    never  login
POST  case:confirm_link          login  login  never  never  login  never  never  never  never  never  login
GET   case:discuss_links         login  login  never  never  login  never  never  never  page   never  login
POST  case:discuss_links         login  login  never  never  login  never  never  never  405    never  login
GET   case:dismiss_link          login  login  never  never  login  never  never  led    led    never  login
POST  case:dismiss_link          login  login  never  never  login  never  never  never  never  never  login
GET   case:link                  login  login  never  never  login  never  never  led    led    never  login
POST  case:link                  login  login  never  never  login  never  never  422    422    never  login
GET   case:remove_link           login  login  never  never  login  never  never  led    led    never  login
POST  case:remove_link           login  login  never  never  login  never  never  422    422    never  login
GET   harassment:heartbeat         404    404    404    404    404    404    404    404    404    404    404
POST  harassment:heartbeat         405    405    405    405    405    405    405    405    405    405    405
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
GET   step:code                  login  login  home   home   login  home   home   home   home   home   login
POST  step:code                  login  login  home   home   login  home   home   home   home   home   login
GET   step:codes                 login  login  led    led    login  led    led    led    led    led    login
POST  step:codes                 login  login  led    led    login  led    led    led    led    led    login
GET   step:set_up                login  login  page   page   login  page   page   page   page   page   login
POST  step:set_up                login  login  422    422    login  422    422    422    422    422    login
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
GET   meet          led      page
POST  meet          led      422
GET   meet-cancel   led      led
POST  meet-cancel   led      led
GET   meet-file     led      led
POST  meet-file     led      led
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
