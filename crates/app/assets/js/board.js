// A card of the board can be dragged to a stage: it presses the button of its own menu that leads there.
(() => {
  const board = document.querySelector("[data-board]");
  if (!board) return;
  const says = document.querySelector("[data-board-says]");
  let held = null;
  const button = (column) => held && [...held.querySelectorAll("button[data-to]")].find((each) => each.dataset.to === column.dataset.stage);
  for (const card of board.querySelectorAll("[data-card]")) {
    if (!card.querySelector("button[data-to]")) continue;
    card.draggable = true;
    card.addEventListener("dragstart", (event) => {
      held = card;
      card.classList.add("held");
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", "");
    });
    card.addEventListener("dragend", () => {
      card.classList.remove("held");
      board.querySelectorAll(".takes").forEach((column) => column.classList.remove("takes"));
      held = null;
    });
  }
  for (const column of board.querySelectorAll("[data-stage]")) {
    column.addEventListener("dragover", (event) => {
      if (!button(column)) return;
      event.preventDefault();
      column.classList.add("takes");
    });
    column.addEventListener("dragleave", (event) => {
      if (!column.contains(event.relatedTarget)) column.classList.remove("takes");
    });
    column.addEventListener("drop", (event) => {
      const press = button(column);
      if (!press) return;
      event.preventDefault();
      says.textContent = `Moving to ${column.getAttribute("aria-label")}`;
      press.form.requestSubmit(press);
    });
  }
})();
