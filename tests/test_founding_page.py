"""The page the portal grew from: every item on it stands on the portal, word for word, under the heading it had there."""

import pytest

from resources.models import Resource

PRACTICES = [
    "Engage with people who work in healthcare roles and organisations and those with lived experience to design and implement the improvements based on what matters to them.",
    "Facilitate opportunities for people to visit other systems and organisations to understand different ways of operating and different organisational cultures.",
    "Invest and support people to understand and own their work enabling them to make improvements on their day-to-day operations.",
    "Undertake “cultural readiness work” prior to an improvement programme. Cultural readiness work is defined as planned and deliberate efforts to "
    "establish and maintain a shared set of values that all organisational members can align to.",
    "Use a coaching style of leadership in areas where improvement is required, encourage idea generation and run PDSA (plan, do, study, act) cycles "
    "regularly. Encourage the use of measurement to capture improvements.",
    "Have a locally agreed method to measure and assess organisational improvement culture, potentially using NHS staff survey information. "
    "This will allow the organisation to track cultural change.",
]

ITEMS = {
    "assessment-and-improvement": [
        ("Assessment and improvement", "NHS England"),
        ("How to build capacity and capability for improvement", "NHS England"),
        ("NHS IMPACT bulletin", "NHS England"),
    ],
    "courses-workshops-and-events": [
        ("Training and Events", "Improvement Academy"),
        ("Bitesize learning", "Leadership Academy"),
        ("Programmes", "Leadership Academy"),
        ("Learning and Improving Across Systems Peer Learning Programme", "NHS Confederation"),
        ("The Culture and Leadership programme", "NHS England"),
    ],
    "free-tools-and-guides": [
        ("Leadership Academy: Developing people – improving care", "Leadership Academy"),
        ("Integrated care boards leaders", "Leadership Academy"),
        ("Huddle sheets and supporting guidance", "NHS England"),
        ("Team Huddles", "Turas"),
        ("How-to guide: Measuring and improving your engagement with staff in major change", "Q Community"),
        ("Creative Approaches to Problem Solving", "Q Community"),
    ],
    "journal-articles-reports-and-research": [
        ("Improving NHS culture", "The King’s Fund"),
        ("Listening well guidance", "NHS England"),
        ("Research Outputs Archive", "The Healthcare Improvement Studies (THIS) Institute"),
        (
            "Putting improvement in everyone’s hands: opening up healthcare improvement by simplifying, supporting and refocusing on core purpose",
            "British Journal of Healthcare Management",
        ),
        (
            "Fostering an Improvement Culture: Learning from East London NHS Foundation Trust’s Improvement Journey Over 10 Years",
            "Institute for Healthcare Improvement",
        ),
    ],
    "case-studies": [("We are the NHS People Plan 2020/21 – action for us all", "NHS England")],
}
ALL = [(category, title, provider) for category, items in ITEMS.items() for title, provider in items]


@pytest.fixture
def component_page(client, db, text_of):
    return text_of(client.get("/components/investing-in-people-and-culture/"))


@pytest.mark.parametrize("practice", PRACTICES)
def test_each_practice_stands_on_the_component_page_word_for_word(practice, component_page):
    assert practice in component_page


@pytest.mark.parametrize(("category", "title", "provider"), ALL)
def test_each_item_has_its_words_its_provider_and_its_category(category, title, provider, component_page, client, text_of):
    assert title in component_page
    resource = Resource.objects.get(title=title)
    assert [p.name for p in resource.providers.all()] == [provider]
    assert resource.category.slug == category
    page = text_of(client.get(resource.get_absolute_url()))
    assert title in page
    assert provider in page


def test_the_items_stand_under_the_headings_of_that_page_in_its_order(component_page):
    headings = ["Courses, workshops and events", "Free tools and guides", "Journal articles, reports and research", "Case studies", "Assess yourself"]
    contents = component_page[component_page.index("Guidance and resources") :]
    places = [contents.index(heading) for heading in headings]
    assert places == sorted(places)


def test_the_way_to_the_official_bulletin_is_on_home_and_component_page(client, db, component_page, text_of):
    assert "NHS IMPACT bulletin" in component_page
    assert "Subscribe to the NHS IMPACT (Improving Patient Care Together) bulletin" in text_of(client.get("/"))
    assert b"https://www.england.nhs.uk/nhsimpact/" in client.get("/resources/nhs-impact-bulletin/").content
