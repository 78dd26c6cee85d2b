"""Accounts that people of Northbridge might write, from the project's case studies, and one that was marked.

Made up, every one. Each is a plain ``{question code: answer}``, sent through the same verbs as a reporter's, and
what was done on the case since: who took it, notes, the status it is at. ``days_ago`` places an incident so that
the demo never looks stale; the day a case is received is the day the demo was set up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

__all__ = ["REPORTS", "DemoReport"]

Answers = dict[str, Any]


@dataclass(frozen=True)
class DemoReport:
    """One account, and what the case managers have done since.

    ``kept_first``: its beginning was kept before it was sent. ``further_to``: by the reporter of another one.
    """

    name: str
    answers: Callable[[date], Answers]
    taken_by: str = ""
    status: str = ""
    #: How it was closed: ``outcome`` (a code), ``reason``, ``told`` and ``lessons``.
    ended: dict[str, str] | None = None
    notes: tuple[tuple[str, str], ...] = ()
    #: Why it may be from a machine: those of the package's ``reporting.throttle``.
    signs: tuple[str, ...] = ()
    #: Who opened the case, and has left it as it is.
    looked_at_by: str = ""
    kept_first: bool = False
    further_to: str = ""


def _on(today: date, days_ago: int, detail: str = "") -> Answers:
    return {"kind": "date", "date": (today - timedelta(days=days_ago)).isoformat(), "detail": detail}


def _about(kind: str, detail: str) -> Answers:
    return {"kind": kind, "date": "", "detail": detail}


def _at(building: str, campus: str = "city", *, kind: str = "campus_building", detail: str = "") -> Answers:
    return {"kind": kind, "campus": campus, "building": building, "detail": detail}


def _elsewhere(kind: str, detail: str = "") -> Answers:
    return {"kind": kind, "campus": "", "building": "", "detail": detail}


def _person(name: str = "", description: str = "", relation: str = "") -> dict[str, str]:
    return {"name": name, "description": description, "relation": relation}


def _contact(**given: str) -> dict[str, str]:
    parts = ("name", "pronouns", "email", "phone", "safe", "message_ok", "access", "language")
    return {part: given.get(part, "") for part in parts}


def _pasted(today: date) -> Answers:
    """Sent within seconds, and yet it may be a person's: why nothing that is marked is thrown away."""
    return {
        "device": "own",
        "route": "anonymous",
        "reporter_role": "self",
        "account": "i wrote this in my notes on the bus so i am just pasting it. the driver of the campus shuttle "
        "called my friend and me a word i wont repeat when we held hands. the 17.40 from riverside, monday",
        "incident_type": ["homophobia_biphobia"],
    }


def _library(today: date) -> Answers:
    return {
        "device": "own",
        "route": "anonymous",
        "reporter_role": "self",
        "reporter_relation": "undergraduate",
        "under_18": "no",
        "danger_now": "no",
        "account": "I was waiting for a friend by the lifts in the library foyer. Four lads came past and one of them "
        "shouted a racist word at me and the others laughed. One of them made a noise at me as they went out of the "
        "doors.\n\nIt was over in ten seconds. Nobody at the desk looked up. I left my books on the table and went "
        "home. I have not been back in the evenings since, and I have a dissertation to write.",
        "incident_type": ["racism", "hate_incident"],
        "occurred": _on(today, 2, "A bit after seven in the evening"),
        "frequency": "once",
        "place": _at("library", detail="Ground floor, by the lifts"),
        "motivation": ["race"],
        "reported_relation": "student",
        "reported_people": [_person(description="Four men, about 20, one in a blue rowing club top")],
        "still_contact": "not_sure",
        "witnesses": "The person at the welcome desk may have heard. There are cameras over the doors.",
        "impact": ["safety", "study_work"],
        "told": ["friend"],
        "wanted": ["be_heard", "not_sure"],
        "messages": "yes",
        "why_anonymous": ["nothing_changes", "should_know"],
    }


def _for_the_record(today: date) -> Answers:
    return {
        "device": "own",
        "route": "record",
        "reporter_role": "self",
        "reporter_relation": "postgraduate_taught",
        "under_18": "no",
        "danger_now": "no",
        "account": "In our seminar group there is a man who comments on what I wear, every week. Last week he sat down "
        "next to me, moved his chair until our legs touched, and when I moved away he said to the others that I was "
        "no fun. I said clearly that I did not like it.\n\nI do not want anything to happen now. I want it written "
        "down, with a date, in case it goes on or he does it to somebody else.",
        "incident_type": ["sexual_harassment"],
        "occurred": _about("ongoing", "Since the second week of term, on Tuesdays"),
        "frequency": "more",
        "place": _at("riverside"),
        "motivation": ["sex"],
        "reported_relation": "student",
        "reported_people": [_person("Callum Reeve", "Tall, usually in a grey cap", "Same seminar group")],
        "still_contact": "yes",
        "impact": ["study_work"],
        "told": ["friend"],
        "wanted": ["be_heard"],
        "contact": _contact(
            name="Marta Wilk",
            pronouns="she/her",
            email="marta.wilk@students.northbridge.example",
            safe="E-mail, any time",
            message_ok="yes",
        ),
    }


def _prayer_room(today: date) -> Answers:
    return {
        "device": "shared",
        "route": "meeting",
        "reporter_role": "self",
        "reporter_relation": "undergraduate",
        "under_18": "no",
        "danger_now": "no",
        "account": "I was coming out of the prayer room after Asr. Two people I do not know were standing in the "
        "corridor. One pulled at my scarf from behind and said I should go back to where I came from. I was born two "
        "streets from here.\n\nI got to the stairs and they did not follow. My hands were shaking so much that I "
        "could not use my phone. I have prayed at home since. I would like to talk to somebody, please, if possible "
        "a woman.",
        "incident_type": ["anti_muslim_hatred", "hate_incident", "physical_assault"],
        "occurred": _on(today, 6, "About quarter past three"),
        "frequency": "once",
        "place": _at("chaplaincy", detail="Corridor outside the prayer room"),
        "motivation": ["religion_belief", "race"],
        "reported_relation": "unknown",
        "reported_people": [
            _person(description="A man and a woman, mid-twenties, with lanyards I did not recognise")
        ],
        "witnesses": "A cleaner was at the end of the corridor and asked if I was all right.",
        "impact": ["safety", "health", "attendance"],
        "told": ["friend"],
        "wanted": ["support", "police_help"],
        "contact": _contact(
            name="Safiya Rahman",
            pronouns="she/her",
            phone="07700 900456",
            safe="Text first, after 4 pm. My family does not know.",
            message_ok="no",
            access="A room with a door that closes",
        ),
    }


def _tutor(today: date) -> Answers:
    return {
        "device": "own",
        "route": "record",
        "reporter_role": "on_behalf",
        "consent": "yes",
        "reporter_relation": "academic_staff",
        "under_18": "not_sure",
        "danger_now": "no",
        "account": "“He has my passwords and he reads my messages before I do. If I am late from a lecture he wants to "
        "know who I was with. He keeps my bank card, and gives me money for the bus. Two nights a week I sleep on a "
        "friend's floor, and I tell him it is for group work.”\n\n“You can pass this on. I do not want to talk to "
        "anyone else yet. I will speak for myself when I am ready.”",
        "observations": "A first-year tutee of mine. They have missed four of the last six seminars and used to miss "
        "none. Their phone rang seven "
        "times in our half hour. They were frightened of being late.",
        "incident_type": ["domestic_abuse"],
        "occurred": _about("ongoing", "Told me this week; it began before they came here"),
        "frequency": "more",
        "place": _elsewhere("private_housing"),
        "motivation": ["not_sure"],
        "reported_relation": "partner",
        "still_contact": "yes",
        "told": ["tutor"],
        "wanted": ["support", "study_work_changes"],
        "contact": _contact(
            name="Dr Ines Okafor",
            email="i.okafor@northbridge.example",
            phone="01632 960214",
            message_ok="yes",
        ),
    }


def _two_people(today: date) -> Answers:
    return {
        "device": "own",
        "route": "meeting",
        "reporter_role": "self",
        "reporter_relation": "undergraduate",
        "under_18": "no",
        "danger_now": "no",
        "account": "Two of my flatmates have a group chat about me. I have seen it: photographs of me taken in the "
        "kitchen, with things written under them about my skin and my food. They call it a joke. When I asked them to "
        "stop, one of them poured my rice into the sink.\n\nI eat in my room now. I would like to move, but I do not "
        "see why it should be me who pays for it.",
        "incident_type": ["racism", "bullying", "online_abuse"],
        "occurred": _about("period", "From the start of October until now"),
        "frequency": "more",
        "place": _at("weir_court", kind="halls", detail="Flat 12, the kitchen"),
        "motivation": ["race", "religion_belief"],
        "reported_relation": "student",
        "reported_people": [
            _person("Jonty Ellard", "", "Flatmate"),
            _person("Freya Moss", "The one with the group chat", "Flatmate"),
        ],
        "still_contact": "yes",
        "witnesses": "Our fourth flatmate showed me the chat. Please ask me before you speak to her.",
        "impact": ["housing", "health"],
        "told": ["friend", "union"],
        "wanted": ["study_work_changes", "informal_resolution"],
        "contact": _contact(
            name="Anand Pillai",
            email="anand.pillai@students.northbridge.example",
            phone="07700 900123",
            message_ok="yes",
        ),
    }


def _rice(today: date) -> Answers:
    return _two_people(today) | {
        "account": "It has gone on. Last night the lock of my food cupboard was broken, and the photograph of it was "
        "in the chat before I was home.",
        "incident_type": ["racism", "bullying"],
        "occurred": _on(today, 1, "In the evening"),
        "frequency": "once",
        "reported_people": [_person("Jonty Ellard", "", "Flatmate")],
    }


def _someone_here(today: date) -> Answers:
    return {
        "device": "own",
        "route": "record",
        "must_not_see": {"people": ["@manager2"], "other": ""},
        "reporter_role": "self",
        "reporter_relation": "professional_staff",
        "under_18": "no",
        "danger_now": "no",
        "account": "At the staff away day Tom Hartley told a table of ten, me among them, that people like me had been "
        "put in post “to make the photograph look better”. When I did not laugh he said that I should learn to take a "
        "compliment. He is on the team that these reports go to, so I have ticked his name.",
        "incident_type": ["discrimination", "ableism"],
        "occurred": _on(today, 11),
        "frequency": "once",
        "place": _elsewhere("elsewhere", "The hotel where the away day was"),
        "motivation": ["disability"],
        "reported_relation": "staff",
        "reported_people": [_person("Tom Hartley", "", "Colleague in another team")],
        "still_contact": "yes",
        "witnesses": "The whole table. Two of them wrote to me afterwards.",
        "impact": ["study_work"],
        "told": ["union"],
        "wanted": ["be_heard", "formal_complaint"],
        "contact": _contact(
            name="Gwen Abbott",
            email="gwen.abbott@home.example",
            safe="My own e-mail only, not the work one",
            message_ok="no",
            language="English; I lip-read, so please in person or in writing",
        ),
    }


def _supervisor(today: date) -> Answers:
    return {
        "device": "own",
        "route": "meeting",
        "reporter_role": "self",
        "reporter_relation": "postgraduate_research",
        "under_18": "no",
        "danger_now": "no",
        "account": "My supervisor moved our meetings to his flat in the spring, “because the office is noisy”. In June "
        "he put his hand on my back and left it there. When I stopped going he wrote that my upgrade would be "
        "postponed, because I was “hard to reach”.\n\nI have written down dates. My visa depends on the upgrade.",
        "incident_type": ["abuse_of_power", "sexual_harassment", "victimisation"],
        "occurred": _about("period", "April to September"),
        "frequency": "more",
        "place": _elsewhere("private_housing", "His flat, near the station"),
        "motivation": ["sex", "race"],
        "reported_relation": "supervisor_manager",
        "still_contact": "yes",
        "witnesses": "I have the messages in which he moves the meetings.",
        "impact": ["health", "study_work", "attendance"],
        "told": ["friend"],
        "wanted": ["support", "study_work_changes", "not_sure"],
        "contact": _contact(
            name="Linh Tran",
            pronouns="she/her",
            email="linh.tran@home.example",
            safe="Not through the department",
            message_ok="no",
        ),
    }


def _stalking(today: date) -> Answers:
    return {
        "device": "shared",
        "route": "meeting",
        "reporter_role": "self",
        "reporter_relation": "undergraduate",
        "under_18": "no",
        "danger_now": "yes",
        "account": "We went out three times and I ended it. Since then he is wherever I am: outside my lab, at my bus "
        "stop, and last night at the bottom of our stairs. He does not say anything. He has a key card for the "
        "building because he works in the café.\n\nToday there was a note under my door with my timetable on it.",
        "incident_type": ["stalking"],
        "occurred": _about("ongoing", "Three weeks. The note was today."),
        "frequency": "more",
        "place": _at("weir_court", kind="halls"),
        "motivation": ["none"],
        "reported_relation": "partner",
        "reported_people": [
            _person("Daniel", "Works in the riverside café", "We were together for a short time")
        ],
        "still_contact": "yes",
        "witnesses": "My flatmates have seen him on the stairs.",
        "impact": ["safety", "health", "housing"],
        "told": ["friend", "security"],
        "wanted": ["support", "police_help"],
        "contact": _contact(
            name="Ellie Marsh",
            pronouns="she/her",
            phone="07700 900789",
            safe="Call any time. If I do not answer, call again.",
            message_ok="yes",
        ),
    }


def _rugby(today: date) -> Answers:
    return {
        "device": "own",
        "route": "anonymous",
        "reporter_role": "witness",
        "reporter_relation": "undergraduate",
        "under_18": "not_sure",
        "danger_now": "no",
        "account": "At the initiation the first-years had to drink until they were sick, and one boy was held down "
        "while they shaved part of his head. People filmed it. He said the next day that he was fine. He was not fine. "
        "I stood there and did not do anything and I think about it.",
        "incident_type": ["hazing", "physical_assault"],
        "occurred": _on(today, 17),
        "frequency": "not_sure",
        "place": _elsewhere("club_society", "The back room of a pub in town"),
        "motivation": ["not_sure"],
        "reported_relation": "group",
        "still_contact": "yes",
        "told": ["nobody"],
        "wanted": ["not_sure"],
        "messages": "no",
        "why_anonymous": ["fear", "shame"],
    }


def _email(today: date) -> Answers:
    return {
        "device": "own",
        "route": "record",
        "reporter_role": "self",
        "reporter_relation": "academic_staff",
        "under_18": "no",
        "danger_now": "no",
        "account": "Since I put my pronouns under my e-mails, a reply-all has come every Friday with a “correction”. "
        "It comes from a different address each time, with the department's own list in it. The last one had my "
        "old name "
        "in it, which very few people here know.",
        "incident_type": ["transphobia", "online_abuse"],
        "occurred": _about("period", "The last five Fridays"),
        "frequency": "more",
        "place": _elsewhere("online", "The department's mailing list"),
        "motivation": ["gender_reassignment", "gender_identity"],
        "reported_relation": "unknown",
        "witnesses": "Everybody on the list has them. I have kept all five.",
        "impact": ["study_work", "health"],
        "told": ["union", "friend"],
        "wanted": ["formal_complaint", "support"],
        "contact": _contact(
            name="Robin Achterberg",
            pronouns="they/them",
            email="robin.achterberg@home.example",
            safe="Phone on Wednesday mornings",
            phone="07700 900321",
            message_ok="yes",
        ),
    }


REPORTS: tuple[DemoReport, ...] = (
    DemoReport(
        "for the record",
        _for_the_record,
        taken_by="manager",
        status="waiting",
        notes=(
            (
                "manager",
                "Wrote to thank her and to say what is kept and for how long. She wants no action now; agreed that I "
                "write once more at the end of term, and that she can change her mind on any day before.",
            ),
        ),
    ),
    DemoReport(
        "hazing",
        _rugby,
        taken_by="manager2",
        ended={
            "outcome": "changes",
            "reason": "The union has stopped the club's socials until the committee has done its training.",
            "told": "",
            "lessons": "Initiations are planned in the first weeks of term: talk with committees before that.",
        },
        notes=(
            (
                "manager2",
                "Students' union sports officer told in general terms that an initiation was reported.",
            ),
            (
                "manager2",
                "The union has stopped the club's socials until the committee has done its training. No one can be "
                "asked further: the report has no name and no address to answer to. Closed; opens again if more comes.",
            ),
        ),
    ),
    DemoReport(
        "prayer room",
        _prayer_room,
        taken_by="manager",
        status="in_progress",
        notes=(
            (
                "manager",
                "Texted after four, as asked. Meeting on Thursday in the small room at the chaplaincy.",
            ),
            (
                "manager",
                "Met for 50 minutes. She is not ready for the police and wants to know what it would mean; I said that "
                "I go with her if she decides to. Camera pictures asked to be kept. Next talk in a week.",
            ),
        ),
    ),
    DemoReport(
        "flatmates",
        _two_people,
        taken_by="lead",
        status="in_progress",
        notes=(
            (
                "lead",
                "Accommodation can offer a room in Mill House from Monday at the same rent; asked whether the other "
                "two can be moved instead. Fourth flatmate not approached, as he asked.",
            ),
        ),
    ),
    DemoReport(
        "away day",
        _someone_here,
        taken_by="lead",
        status="in_progress",
        notes=(("lead", "Took this myself. Wrote to her own address; meeting in person next week."),),
    ),
    DemoReport(
        "tutor",
        _tutor,
        taken_by="manager2",
        status="waiting",
        notes=(
            (
                "manager2",
                "Rang Dr Okafor. The student knows the report was made and has our card. We wait for the student; no "
                "contact by phone or letter, because both are read.",
            ),
        ),
    ),
    DemoReport("mailing list", _email, taken_by="manager", status="in_progress"),
    DemoReport("supervisor", _supervisor, kept_first=True),
    DemoReport("flatmates again", _rice, further_to="flatmates"),
    DemoReport("library", _library),
    DemoReport("stairs", _stalking),
    DemoReport("pasted", _pasted, signs=("fast",), looked_at_by="manager"),
)
