// Search: "/" or Ctrl+K goes to the box; people appear while typing; arrows walk the answers.
(() => {
  const box = document.querySelector("[data-find]");
  const found = document.getElementById("found");
  if (!box || !found) return;
  const singleKeys = () => localStorage.getItem("single-keys") !== "off";
  const typing = (at) => at.closest("input, textarea, select, [contenteditable]");
  let asked = 0;
  let timer;

  async function ask() {
    const q = box.value.trim();
    const mine = ++asked;
    if (q.length < 2) return found.replaceChildren();
    const answer = await fetch(`/people?fragment=1&q=${encodeURIComponent(q)}`, { headers: { accept: "text/html" } });
    if (mine === asked && answer.ok) found.innerHTML = await answer.text();
  }

  box.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, 60); });
  box.closest(".find").addEventListener("keydown", (event) => {
    const all = [box, ...found.querySelectorAll("a")];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && all.length > 1) {
      event.preventDefault();
      all[(all.indexOf(document.activeElement) + step + all.length) % all.length].focus();
    }
    if (event.key === "Escape") { found.replaceChildren(); box.focus(); }
  });
  document.addEventListener("click", (event) => { if (!event.target.closest(".find")) found.replaceChildren(); });
  document.addEventListener("keydown", (event) => {
    const chord = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k";
    const slash = event.key === "/" && singleKeys() && !typing(event.target);
    if (chord || slash) { event.preventDefault(); box.focus(); box.select(); }
  });
})();
