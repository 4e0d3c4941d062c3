// A form with data-confirm asks once more, in a dialog that says what will happen.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.dataset.confirm || form.dataset.sure) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const dialog = document.createElement("dialog");
  const words = document.createElement("p");
  words.id = "confirm-words";
  words.textContent = form.dataset.confirm;
  const actions = document.createElement("p");
  actions.className = "actions";
  const yes = Object.assign(document.createElement("button"), { className: "button main", textContent: form.dataset.yes || "Yes, do it" });
  const no = Object.assign(document.createElement("button"), { className: "button", textContent: "Not now" });
  actions.append(yes, no);
  dialog.append(words, actions);
  dialog.setAttribute("aria-labelledby", "confirm-words");
  yes.addEventListener("click", () => { form.dataset.sure = "1"; dialog.close(); form.requestSubmit(event.submitter); });
  no.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  no.focus();
}, true);
