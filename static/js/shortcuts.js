// j and k move through rows, Enter opens, / searches, ? helps. Each person can switch it off.
const dialog = document.querySelector("[data-shortcuts]");
const OFF = /(?:^|; )shortcuts=off/;

function enabled() {
  return !OFF.test(document.cookie);
}

function remember(on) {
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `shortcuts=${on ? "on" : "off"}; path=/; max-age=31536000; samesite=lax${secure}`;
}

function rows() {
  return [...document.querySelectorAll("[data-rows] tbody tr, .table-cards tbody tr, .tasks .task")]
    .filter((row) => row.querySelector("a") && row.getClientRects().length > 0);
}

function move(step) {
  const all = rows();
  if (all.length === 0) return;
  const here = all.findIndex((row) => row.contains(document.activeElement));
  const next = all[Math.min(Math.max(here + step, 0), all.length - 1)];
  next.querySelector("a").focus();
  next.scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || !enabled()) return;
  if (event.target.closest("input, select, textarea, [contenteditable], dialog")) return;
  if (event.key === "j" || event.key === "k") {
    move(event.key === "j" ? 1 : -1);
  } else if (event.key === "/") {
    const search = document.querySelector("[role=search] input:not([type=hidden])");
    if (!search) return;
    event.preventDefault();
    search.focus();
  } else if (event.key === "?" && dialog && !dialog.open) {
    dialog.showModal();
  }
});

if (dialog) {
  const box = dialog.querySelector("input[type=checkbox]");
  box.checked = enabled();
  box.addEventListener("change", () => remember(box.checked));
  for (const opener of document.querySelectorAll("[data-shortcuts-open]")) {
    opener.hidden = false;
    opener.addEventListener("click", () => dialog.showModal());
  }
}
