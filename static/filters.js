// The list's form without reloads: each change is fetched as the page it would lead to, and its parts are put in place.

const PARTS = ["results", "filters"];

export function liveFilters(form) {
  form.addEventListener("change", (event) => {
    if (event.target.name !== "q") show(form, addressOf(form), { remember: true, stay: event.target.type === "checkbox" });
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    show(form, addressOf(form), { remember: true });
  });
  form.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    const here = link && new URL(link.href);
    if (!here || here.pathname !== location.pathname || here.origin !== location.origin || here.hash) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    show(form, here, { remember: true });
  });
  form.classList.add("app-live"); // its buttons to apply are not needed now
  shown = location.pathname + location.search;
  addEventListener("popstate", () => {
    if (location.pathname + location.search !== shown) show(form, new URL(location.href), {}); // not for a jump within the page
  });
}

let shown;

function addressOf(form) {
  const pairs = [...new FormData(form)].filter(([name, value]) => value !== "" || name === "list");
  const address = new URL(form.action);
  address.search = new URLSearchParams(pairs);
  return address;
}

let latest = 0;

async function show(form, address, { remember, stay = false }) {
  const mine = ++latest;
  form.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(address);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (mine !== latest) return;
    const arrived = page.querySelector("[data-find]");
    if (!answer.ok || !arrived) throw new Error("not the list");
    if (remember) history.pushState(null, "", answer.url);
    shown = location.pathname + location.search;
    replace(form, page, arrived, stay);
  } catch {
    location.assign(address); // whatever went wrong, the page itself still works
  } finally {
    if (mine === latest) form.removeAttribute("aria-busy");
  }
}

function replace(form, page, arrived, stay) {
  const unfolded = new Set([...form.querySelectorAll("details[open]")].map((d) => d.dataset.facet));
  for (const name of PARTS) {
    const part = arrived.querySelector(`[data-find-part=${name}]`);
    part.querySelectorAll("details").forEach((d) => (d.open = unfolded.has(d.dataset.facet)));
    form.querySelector(`[data-find-part=${name}]`).replaceWith(part);
  }
  form.querySelector("[name=q]").value = arrived.querySelector("[name=q]").value;
  document.title = page.title;
  form.querySelector("#results").focus({ preventScroll: stay }); // says how many there are now; the next box stays in sight
}
