// What was typed is kept on this device until it was sent: against a lost connection or session.
// Never kept: files, passwords, signatures. A form takes part by including _ui/draft.html.
const KEPT_MS = 7 * 24 * 60 * 60 * 1000;
const ANSWER_MS = 10000;
const user = document.documentElement.dataset.user;
const mine = `draft:${user}:`;
const SENT = "draft-sent";

function read(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

function write(store, key, value) {
  try {
    if (value === null) store.removeItem(key);
    else store.setItem(key, value);
  } catch {
    // A browser that keeps nothing: the form works all the same.
  }
}

function keys(prefix) {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(prefix));
  } catch {
    return [];
  }
}

function* fields(form) {
  for (const field of form.elements) {
    if (!field.name || ["file", "hidden", "password", "submit", "button"].includes(field.type)) continue;
    yield field;
  }
}

function values(form) {
  return Array.from(fields(form), (field) =>
    ["checkbox", "radio"].includes(field.type)
      ? [field.name, field.value, field.checked]
      : [field.name, field.value],
  );
}

function fill(form, kept) {
  const ticks = new Map();
  const texts = new Map();
  for (const [name, value, checked] of kept) {
    if (checked === undefined) texts.set(name, value);
    else ticks.set(`${name}=${value}`, checked);
  }
  let changed = false;
  for (const field of fields(form)) {
    const tick = ["checkbox", "radio"].includes(field.type);
    const place = `${field.name}=${field.value}`;
    if (tick && ticks.has(place) && field.checked !== ticks.get(place)) {
      field.checked = ticks.get(place);
      changed = true;
    } else if (!tick && texts.has(field.name) && field.value !== texts.get(field.name)) {
      field.value = texts.get(field.name);
      changed = true;
    }
  }
  return changed;
}

// One draft for each form, by its address.
const key = mine + location.pathname;

function say(draft, words, mayDiscard) {
  draft.querySelector("[data-draft-words]").textContent = words;
  draft.querySelector("[data-draft-discard]").hidden = !mayDiscard;
  const note = draft.querySelector("[data-draft-note]");
  note.hidden = false;
  return note;
}

function begin(draft) {
  const form = draft.closest("form");
  const kept = read(key);
  draft.querySelector("[data-draft-hint]").hidden = false;
  // A form that came back with errors holds what was sent: that is newer.
  if (kept && !form.querySelector(".error-summary") && fill(form, kept.values)) {
    const time = new Date(kept.at).toLocaleString(document.documentElement.lang, {
      month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit",
    });
    say(draft, draft.dataset.restored.replace("{time}", time), true);
    form.querySelectorAll("[data-money] input").forEach((field) =>
      field.dispatchEvent(new Event("input", { bubbles: true })),
    );
  }
  const keep = () => write(localStorage, key, JSON.stringify({ at: Date.now(), values: values(form) }));
  form.addEventListener("input", keep);
  form.addEventListener("change", keep);
  draft.querySelector("[data-draft-discard]").addEventListener("click", () => {
    write(localStorage, key, null);
    form.reset();
    draft.querySelector("[data-draft-note]").hidden = true;
  });
  window.addEventListener("online", () => {
    if (draft.dataset.cut) say(draft, draft.dataset.back, false);
  });
}

// Before the page is left the server is asked for it once more: without a connection, or signed out,
// the page would be left for nothing and lose the photos that were chosen. The page that comes back
// also carries the token of this session, which changes when somebody signs in again.
async function hindrance(form, draft) {
  const gaveUp = new AbortController();
  const clock = setTimeout(() => gaveUp.abort(), ANSWER_MS);
  const asked = { cache: "no-store", redirect: "manual", signal: gaveUp.signal };
  try {
    const answer = await fetch(location.href, asked);
    if (answer.type === "opaqueredirect") return draft.dataset.signedOut;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const whose = page.documentElement.dataset.user;
    if (whose && whose !== user) return draft.dataset.signedOut;
    const token = page.querySelector("[name=csrfmiddlewaretoken]");
    if (token) form.querySelector("[name=csrfmiddlewaretoken]").value = token.value;
    return "";
  } catch {
    return draft.dataset.offline;
  } finally {
    clearTimeout(clock);
  }
}

const ready = new WeakSet();

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.hasAttribute("data-signs-out")) {
    keys(mine).forEach((name) => write(localStorage, name, null));
    return;
  }
  const draft = form.querySelector("[data-draft]");
  if (!draft || !user || event.defaultPrevented) return;
  if (ready.has(form)) {
    ready.delete(form);
    write(sessionStorage, SENT, key);
    return;
  }
  event.preventDefault();
  const pressed = event.submitter;
  const words = navigator.onLine === false ? draft.dataset.offline : await hindrance(form, draft);
  if (!words) {
    ready.add(form);
    form.requestSubmit(pressed);
    return;
  }
  if (words === draft.dataset.offline) draft.dataset.cut = "1";
  draft.querySelector("[data-draft-sign-in]").hidden = words !== draft.dataset.signedOut;
  const note = say(draft, words, false);
  note.scrollIntoView({ block: "center" });
  note.focus();
});

// The page after a form was sent says whether it went through.
function settle() {
  let sent = null;
  try {
    sent = sessionStorage.getItem(SENT);
  } catch {
    return;
  }
  if (!sent) return;
  const again = document.querySelector("[data-draft]");
  if (again) write(sessionStorage, SENT, null);
  else if (document.querySelector(".notices .notice-done, .notices .notice-info")) {
    write(localStorage, sent, null);
    write(sessionStorage, SENT, null);
  }
}

for (const name of keys("draft:")) {
  if (!(Date.now() - read(name)?.at < KEPT_MS)) write(localStorage, name, null);
}
settle();
if (user) document.querySelectorAll("[data-draft]").forEach(begin);
