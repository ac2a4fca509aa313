// The leaders' page: what has no vote yet, the next one by a tap or by n; 1 to 4 choose in a row.
const form = document.querySelector("form[data-decide]");
const progress = form.querySelector("[data-progress]");
const next = form.querySelector("[data-next]");
const OFF = /(?:^|; )shortcuts=off/;
const groups = [...form.querySelectorAll("#singles fieldset, #rest fieldset")];

function chosen(group) {
  return group.querySelector("input:checked") !== null;
}

function show() {
  const count = groups.filter(chosen).length;
  progress.textContent = `${count}/${groups.length} ${progress.dataset.words}`;
  progress.hidden = false;
  next.hidden = count === groups.length;
}

function open() {
  const group = groups.find((it) => !chosen(it));
  if (!group) return;
  const card = group.closest("article") || group;
  card.scrollIntoView({ block: "start" });
  (group.querySelector("input") || group).focus({ preventScroll: true });
}

next.addEventListener("click", (event) => {
  event.preventDefault();
  open();
});
form.addEventListener("change", show);
document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (OFF.test(document.cookie) || event.target.closest("textarea, select, dialog")) return;
  if (event.key === "n") {
    open();
  } else if (/^[1-4]$/.test(event.key)) {
    const group = event.target.closest("article, fieldset")?.querySelector("input[type=radio]");
    const all = group ? form.querySelectorAll(`input[name="${group.name}"]`) : [];
    all[Number(event.key) - 1]?.click();
  }
});
if (groups.length > 0) show();
