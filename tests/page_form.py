"""The form of a page as a browser would send it."""

from html.parser import HTMLParser


class PageForm(HTMLParser):
    """`PageForm(response).sent`: what the form with a certain field would send, before anybody touches it."""

    def __init__(self, response, having="csrfmiddlewaretoken"):
        super().__init__()
        self.forms, self.area, self.choice = [], None, None
        self.feed(response.content.decode())
        self.sent = next(form for form in self.forms if having in form)

    def handle_starttag(self, tag, attributes):
        a = dict(attributes)
        if tag == "form":
            self.forms.append({})
        elif tag == "input" and self.forms and a.get("name") and (a["type"] not in ("radio", "checkbox") or "checked" in a):
            self.forms[-1][a["name"]] = a.get("value") or ""
        elif tag == "textarea":
            self.area = a["name"]
            self.forms[-1][self.area] = ""
        elif tag == "select":
            self.choice = a["name"]
        elif tag == "option" and (self.choice not in self.forms[-1] or "selected" in a):
            self.forms[-1][self.choice] = a.get("value") or ""

    def handle_data(self, data):
        if self.area:
            self.forms[-1][self.area] += data

    def handle_endtag(self, tag):
        if tag == "textarea":
            self.area = None
