// Choosing a language sends the form at once; the button is for pages without scripts.
for (const form of document.querySelectorAll("form[data-language]")) {
  form.querySelector("button")?.setAttribute("hidden", "");
  form.querySelector("select").addEventListener("change", () => form.requestSubmit());
}
