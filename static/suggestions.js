// A search box that suggests titles as one types: the ARIA combobox pattern, with a list that only helps.

const WAIT = 150; // ms after the last key

export function suggestions(input) {
  const box = document.createElement("div");
  box.className = "app-suggest";
  const wrapper = input.closest(".nhsuk-input-wrapper");
  wrapper.before(box);
  box.append(wrapper);

  const list = document.createElement("ul");
  list.className = "app-suggest__list";
  list.id = `${input.id}-suggestions`;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Suggestions");
  list.hidden = true;
  box.append(list);

  const status = document.createElement("div");
  status.className = "nhsuk-u-visually-hidden";
  status.setAttribute("role", "status");
  box.append(status);

  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-expanded", "false");
  input.setAttribute("aria-controls", list.id);

  let at = -1;
  let timer;
  let asked = 0;

  const options = () => [...list.children];

  function close() {
    list.hidden = true;
    at = -1;
    asked++;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function move(to) {
    const all = options();
    if (!all.length) return;
    at = (to + all.length) % all.length;
    all.forEach((option, i) => option.setAttribute("aria-selected", String(i === at)));
    input.setAttribute("aria-activedescendant", all[at].id);
    all[at].scrollIntoView({ block: "nearest" });
  }

  function draw(found) {
    list.replaceChildren(...found.map((suggestion, i) => {
      const option = document.createElement("li");
      option.className = "app-suggest__option";
      option.id = `${list.id}-${i}`;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.dataset.address = suggestion.address;
      const kind = document.createElement("span");
      kind.className = "app-suggest__note";
      kind.textContent = suggestion.kind;
      option.append(suggestion.title, kind);
      return option;
    }));
    at = -1;
    list.hidden = !found.length;
    input.setAttribute("aria-expanded", String(Boolean(found.length)));
    input.removeAttribute("aria-activedescendant");
    status.textContent = found.length ? `${found.length} suggestion${found.length === 1 ? "" : "s"}. Use up and down arrows.` : "";
  }

  async function ask() {
    const text = input.value.trim();
    if (text.length < 2) return close();
    const mine = ++asked;
    try {
      const answer = await fetch(`/resources/suggest?q=${encodeURIComponent(text)}`);
      const { suggestions: found } = await answer.json();
      if (mine === asked && document.activeElement === input) draw(found);
    } catch {
      close(); // the box goes on working without them
    }
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    } else if (event.key === "ArrowDown" && !list.hidden) {
      event.preventDefault();
      move(at + 1);
    } else if (event.key === "ArrowUp" && !list.hidden) {
      event.preventDefault();
      move(at < 0 ? -1 : at - 1);
    } else if (event.key === "Enter") {
      clearTimeout(timer);
      if (at >= 0 && !list.hidden) {
        event.preventDefault();
        location.assign(options()[at].dataset.address);
      }
      close();
    }
  });
  list.addEventListener("mousedown", (event) => event.preventDefault()); // keep the focus in the box
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) location.assign(option.dataset.address);
  });
  input.addEventListener("blur", close);
}
