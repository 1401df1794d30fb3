// Makes pages that already work a little nicer: filters that apply at once, suggestions as one types.
import { initAll } from "./nhsuk-frontend.min.js";
import { liveFilters } from "./filters.js";
import { suggestions } from "./suggestions.js";
import { copyButton } from "./copy.js";

document.body.classList.add("js-enabled", "nhsuk-frontend-supported");
initAll();
document.querySelectorAll("[data-find]").forEach(liveFilters);
document.querySelectorAll("form [name=q]").forEach(suggestions);
document.querySelectorAll("[data-copy]").forEach(copyButton);
