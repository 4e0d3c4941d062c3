// A part with data-refresh="SECONDS" is fetched again from this page until it no longer asks for it.
(() => {
  async function again(id, seconds) {
    await new Promise((done) => setTimeout(done, seconds * 1000));
    const answer = await fetch(location.href, { headers: { accept: "text/html" } }).catch(() => null);
    if (!answer || !answer.ok) return again(id, seconds * 2);
    if (answer.redirected) return location.assign(answer.url);
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(id);
    const old = document.getElementById(id);
    if (!fresh || !old) return location.reload();
    old.replaceWith(fresh);
    if (fresh.dataset.refresh) again(id, Number(fresh.dataset.refresh));
  }
  for (const part of document.querySelectorAll("[data-refresh][id]")) again(part.id, Number(part.dataset.refresh));
})();
