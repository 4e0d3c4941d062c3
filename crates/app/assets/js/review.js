// Reading the pack by the keyboard: J and K go on and back, R removes, A keeps, U takes back. Each key is a link or a
// button of the page, whose answer takes the place of what is shown. Without this file they are links and buttons.
(() => {
  let waiting = false;
  const show = async (address, sent) => {
    if (waiting) return;
    waiting = true;
    try {
      const answer = await fetch(address, sent);
      const next = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("main");
      if (!next) return location.assign(address);
      document.getElementById("main").replaceWith(document.adoptNode(next));
      history.replaceState(null, "", answer.url);
      document.querySelector("[data-current]")?.scrollIntoView({ block: "center" });
      document.querySelector("[data-errors]")?.focus();
    } finally {
      waiting = false;
    }
  };
  document.addEventListener("keydown", (event) => {
    const review = document.querySelector("[data-review]");
    if (!review || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
    if (localStorage.getItem("single-keys") === "off") return;
    const at = { j: "[data-after]", k: "[data-before]", r: "[data-remove]", a: "[data-allow]", u: "[data-undo]" }[event.key.toLowerCase()];
    const control = at && review.querySelector(at);
    if (!control) return;
    event.preventDefault();
    if (control.href) return show(control.href);
    show(control.form.action, { method: "POST", body: new URLSearchParams(new FormData(control.form, control)) });
  });
  document.querySelector("[data-current]")?.scrollIntoView({ block: "center" });
})();
