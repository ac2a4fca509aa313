// Meeting mode: arrow keys, Page Up and Page Down (a presenter sends these) turn the slides.
const STEPS = { ArrowRight: "next", PageDown: "next", ArrowLeft: "prev", PageUp: "prev" };

document.addEventListener("keydown", (event) => {
  const rel = STEPS[event.key];
  if (!rel || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  const link = document.querySelector(`.show-steps a[rel=${rel}]`);
  if (!link) return;
  event.preventDefault();
  link.click();
});
