// Saves a rater's answers as they give them. Without it the page's buttons do the same.

const TYPING = 1000; // ms after the last key
const CHOOSING = 100; // ms after a choice
const LONGEST = 20000; // ms to wait for an answer
const PATIENCE = 5000; // ms that a button waits for it
const AGAIN = [5000, 15000, 30000, 60000]; // ms until another try, the last one over and over

const after = (wait) => new Promise((done) => setTimeout(done, wait));

const form = document.querySelector("[data-rating]");
if (form) saving(form);

function saving(form) {
  const status = form.querySelector("[data-saved]");
  const unsaved = new Set(); // the questions that hold something not saved yet
  const refused = new Set(); // those of them that must be mended first
  let timer;
  let tries = 0;
  let underway = Promise.resolve(); // one request at a time: each waits for those before it
  let lost = false; // the last request did not get through
  let pressed = false; // a button was, and waits for what is under way
  let insisted = false; // it was pressed in vain once
  let leaving = false; // the form itself is being sent

  const field = (kind, number) => form.elements.namedItem(`${kind}-${number}`);
  const block = (number) => form.querySelector(`[data-question="${number}"]`);
  const text = (number) => `${field("choice", number).value}\n${field("comment", number).value}`;

  function say(words, wrong = false) {
    if (status.textContent !== words) status.textContent = words;
    status.classList.toggle("app-saved--not", wrong);
  }

  function soon(wait) {
    clearTimeout(timer);
    timer = setTimeout(save, wait);
  }

  function waiting() {
    return [...unsaved].filter((number) => !refused.has(number));
  }

  function save() {
    return (underway = underway.then(send).catch(() => fail({ again: true })));
  }

  async function send() {
    clearTimeout(timer);
    const numbers = waiting();
    if (leaving || !numbers.length) return;
    const sent = new Map(numbers.map((number) => [number, text(number)]));
    const body = new URLSearchParams({ csrfmiddlewaretoken: form.elements.namedItem("csrfmiddlewaretoken").value });
    for (const number of numbers) {
      for (const kind of ["choice", "comment", "version"]) body.set(`${kind}-${number}`, field(kind, number).value);
    }
    const answer = await ask(body);
    lost = !answer.saved && answer.again;
    if (answer.saved) settle(answer, sent);
    else fail(answer);
  }

  // What the server answered; `again` where another try may help.
  async function ask(body) {
    const end = new AbortController();
    const late = setTimeout(() => end.abort(), LONGEST);
    try {
      const response = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" }, signal: end.signal, keepalive: document.hidden });
      if (response.redirected || !(response.headers.get("Content-Type") ?? "").startsWith("application/json")) return { again: response.status >= 500 };
      return { ...(await response.json()), again: response.status >= 500 || response.status === 403 };
    } catch {
      return { again: true, message: "Not saved yet: there is no connection" };
    } finally {
      clearTimeout(late);
    }
  }

  function settle(answer, sent) {
    tries = 0;
    insisted = false;
    if (new URL(answer.address, location.href).pathname !== new URL(form.action).pathname) moveTo(answer.address);
    for (const [number, was] of sent) {
      const error = answer.errors[number];
      if (answer.marks[number]) field("version", number).value = answer.marks[number];
      if (answer.replaced[number]) block(number).querySelector("[data-replaced]").innerHTML = answer.replaced[number];
      if (text(number) !== was) continue; // more was typed meanwhile
      if (error) refused.add(number);
      else unsaved.delete(number);
    }
    const errors = Object.values(answer.errors);
    if (errors.length) say(`Not saved yet: ${errors[0][0].toLowerCase()}${errors[0].slice(1)}`, true);
    else if (!unsaved.size) say(`Saved at ${answer.saved}`);
    if (waiting().length) soon(CHOOSING);
  }

  function fail({ again, message, csrf }) {
    if (csrf) form.elements.namedItem("csrfmiddlewaretoken").value = csrf;
    const words = message ?? "Not saved yet: something went wrong";
    if (!again) return say(`${words}. Copy what you typed before you leave this page`, true);
    say(`${words}. What you typed is still here, and we keep trying`, true);
    soon(csrf && !tries ? CHOOSING : AGAIN[Math.min(tries, AGAIN.length - 1)]);
    tries += 1;
  }

  // The link has become the rater's own.
  function moveTo(address) {
    form.action = address;
    history.replaceState(null, "", address);
  }

  function changed(event, wait) {
    const number = event.target.closest("[data-question]")?.dataset.question;
    if (!number) return;
    unsaved.add(number);
    refused.delete(number);
    soon(wait);
  }

  form.addEventListener("input", (event) => changed(event, event.target.type === "radio" ? CHOOSING : TYPING));
  window.addEventListener("online", () => soon(0));
  document.addEventListener("visibilitychange", () => document.hidden && save());

  window.addEventListener("beforeunload", (event) => {
    if (unsaved.size && !leaving) event.preventDefault();
  });

  // The buttons save too. What is not saved yet goes first by itself: without a connection the page would be gone, and the text with it.
  // Pressed again, they send the form whatever happened.
  form.addEventListener("submit", async (event) => {
    clearTimeout(timer);
    leaving ||= !unsaved.size;
    if (leaving) return;
    event.preventDefault();
    if (pressed) return;
    pressed = true;
    await Promise.race([saved(), after(PATIENCE)]);
    await after(0); // a form cannot be sent while it tells that it is being sent
    pressed = false;
    if (lost && !insisted) return void (insisted = true);
    leaving = true;
    form.requestSubmit(event.submitter);
  });
  window.addEventListener("pageshow", () => (leaving = insisted = false)); // back again

  async function saved() {
    await underway;
    for (let turn = 0; turn < 2 && waiting().length; turn++) await save(); // twice, since the first may only bring a new token
  }
}
