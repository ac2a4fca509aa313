// As in a spreadsheet: Enter moves to the next field, Ctrl+Enter sends.
const FIELDS = "input:not([type=hidden]):not([disabled]), select:not([disabled]), textarea:not([disabled])";
const PRESSED = new Set(["submit", "button", "image", "reset", "file"]);

function shown(element) {
  return element.getClientRects().length > 0;
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing || event.keyCode === 229) return;
  const field = event.target;
  const form = field.form;
  if (!form || !field.matches(FIELDS)) return;
  if (event.ctrlKey || event.metaKey) {
    event.preventDefault();
    form.requestSubmit(form.querySelector("button:not([type=button]).button-main") ?? undefined);
    return;
  }
  if (field.tagName === "TEXTAREA" || PRESSED.has(field.type) || form.hasAttribute("data-enter-submits")) return;
  const fields = [...form.querySelectorAll(FIELDS)].filter(shown);
  if (fields.length < 2) return;
  event.preventDefault();
  const after = fields.slice(fields.indexOf(field) + 1).find((one) => one.name !== field.name);
  (after ?? form.querySelector("button:not([type=button])"))?.focus();
});

// A page that comes back with errors starts at their summary.
document.querySelector("[data-focus]")?.focus();
