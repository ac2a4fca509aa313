// Ask before a form whose button carries data-confirm is sent.
document.addEventListener("submit", (event) => {
  const text = event.submitter?.dataset.confirm;
  if (text && !window.confirm(text)) {
    event.preventDefault();
    event.stopImmediatePropagation();
  }
}, true);
