// While somebody changes the policy, the findings beside it follow: asked for when they pause. A finding's line number
// leads into the text. Without this file the page has a button for it.
const editing = document.querySelector("form[data-check]");
if (editing) {
  const text = editing.querySelector("textarea");
  const found = document.querySelector("[data-found]");
  let waiting;
  let asked = 0;
  const ask = async () => {
    const mine = ++asked;
    const body = new URLSearchParams({ text: text.value });
    try {
      const answer = await fetch(editing.dataset.check, { method: "POST", body });
      if (!answer.ok || mine !== asked) return;
      const open = found.querySelector("[data-stays]")?.open;
      found.innerHTML = await answer.text();
      if (open) found.querySelector("[data-stays]")?.setAttribute("open", "");
    } catch {
      // Whoever is offline still has the button.
    }
  };
  text.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, 400);
  });
  found.addEventListener("click", (event) => {
    const link = event.target.closest("[data-line]");
    if (!link) return;
    event.preventDefault();
    const lines = text.value.split("\n");
    const line = Math.min(Number(link.dataset.line), lines.length);
    const start = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
    text.focus();
    text.setSelectionRange(start, start + lines[line - 1].length);
    text.scrollTop = (line - 4) * (text.scrollHeight / lines.length);
  });
}
