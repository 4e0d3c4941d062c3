// Choosing one of very many: the answers follow while somebody types, and Enter or the arrow goes down to them.
// Without this file a button finds them.
for (const picker of document.querySelectorAll("[data-pick]")) {
  const box = picker.querySelector("input[type=search]");
  const said = picker.querySelector("[role=status]");
  const found = picker.querySelector("[data-picked]");
  picker.querySelector("button[name=find]").remove();
  let asked = 0;
  let timer;

  async function ask() {
    const mine = ++asked;
    const chosen = found.querySelector("input:checked")?.value ?? "";
    const address = `${picker.dataset.pick}&q=${encodeURIComponent(box.value)}&chosen=${encodeURIComponent(chosen)}`;
    const answer = await fetch(address, { headers: { accept: "text/html" } }).catch(() => null);
    if (mine !== asked || !answer?.ok) return;
    found.innerHTML = await answer.text();
    said.textContent = found.querySelector("[data-said]").dataset.said;
  }

  box.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, 60); });
  box.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || !["Enter", "ArrowDown"].includes(event.key)) return;
    event.preventDefault();
    found.querySelector("input")?.focus();
  });
}
