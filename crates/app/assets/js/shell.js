// The frame: errors take the focus, menus close again, "?" lists the shortcuts, and single keys can be turned off.
(() => {
  document.querySelector("[data-errors]")?.focus();
  const menus = () => document.querySelectorAll("details.menu[open]");
  document.addEventListener("click", (event) => { for (const menu of menus()) if (!menu.contains(event.target)) menu.open = false; });

  const dialog = document.getElementById("shortcuts");
  const keys = document.querySelector("[data-single-keys]");
  const show = () => { for (const menu of menus()) menu.open = false; dialog?.showModal(); };
  document.querySelector("[data-shortcuts]")?.addEventListener("click", show);
  if (keys) {
    keys.checked = localStorage.getItem("single-keys") !== "off";
    keys.addEventListener("change", () => localStorage.setItem("single-keys", keys.checked ? "on" : "off"));
  }
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") for (const menu of menus()) { menu.open = false; menu.querySelector("summary").focus(); }
    if (event.key === "?" && keys?.checked && !event.target.closest("input, textarea, select")) show();
  });
  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => print());
  }
  for (const control of document.querySelectorAll("[data-submits]")) {
    control.addEventListener("change", () => control.form.requestSubmit());
  }
})();
