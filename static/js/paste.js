// Cells copied from a spreadsheet and pasted into the table go into the box for pasted rows.
document.addEventListener("paste", (event) => {
  const text = event.clipboardData?.getData("text/plain") ?? "";
  const table = event.target.closest?.("[data-paste]");
  if (!table || !/[\t\n]./.test(text)) return;
  const form = event.target.form;
  const box = form.querySelector("textarea[name=paste]");
  const button = form.querySelector("button[name=preview]");
  if (!box || !button) return;
  event.preventDefault();
  box.value = text;
  form.requestSubmit(button);
});
