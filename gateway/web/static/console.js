// The pages work without this file; it makes them quicker: keys, live lists, fields as one fills them in.
(() => {
  "use strict";
  const $ = (selector, from = document) => from.querySelector(selector);
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const inField = (target) => target.closest("input, textarea, select, [contenteditable], dialog");

  document.documentElement.classList.add("scripted");
  // Whoever sent a form with faults reads the summary first.
  $("#summary")?.focus();
  for (const each of all("[data-print]")) {
    each.hidden = false;
    each.addEventListener("click", () => print());
  }

  // Single keys: never inside a field, never with a modifier.
  let at = -1;
  const move = (by) => {
    const rows = all(".documents tbody tr:not(.group)");
    if (!rows.length) return;
    rows[at]?.classList.remove("current");
    at = Math.min(rows.length - 1, Math.max(0, at + by));
    rows[at].classList.add("current");
    $(".whole", rows[at]).focus();
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey && event.key === "Enter") return $("#send")?.click();
    if (event.ctrlKey || event.metaKey || event.altKey || inField(event.target)) return;
    if (event.key === "j") return move(1);
    if (event.key === "k") return move(-1);
    if (event.key === "?") return $("#keys")?.showModal();
    const wanted = all("[data-key]").find((each) => each.dataset.key === event.key.toLowerCase());
    if (!wanted) return;
    event.preventDefault();
    if (wanted.matches("input")) wanted.focus();
    else wanted.click();
    const opened = wanted.closest("details");
    if (opened?.open) $("input:not([type=hidden]), textarea", opened)?.focus();
  });

  // What a field is told stands beside it; a session that ended leads to the sign-in.
  document.addEventListener("htmx:afterSwap", (event) => {
    const said = event.target;
    if (!said.matches?.(".said")) return;
    const field = said.closest(".field");
    const wrong = Boolean($(".message.error", said));
    field.classList.toggle("wrong", wrong);
    const input = $("input, select, textarea", field);
    if (wrong) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (!new URL(event.detail.xhr.responseURL).pathname.startsWith("/login")) return;
    event.detail.shouldSwap = false;
    location.reload();
  });

  // A list is live: it renews itself while nobody works in it, else it offers to.
  const live = $("#live");
  if (!live) return;
  const offer = $("button", live);
  const lost = $("#lost");
  let known = null; // ids of the rows before the list renewed itself; null: somebody filters
  const rows = () => all("#rows [data-id]");
  const renew = () => {
    offer.hidden = true;
    known = new Set(rows().map((row) => row.dataset.id));
    htmx.trigger("#results", "renew");
  };
  const noticed = () => {
    const works = at >= 0 || scrollY > 40 || $("#results").contains(document.activeElement);
    if (!works) return renew();
    offer.hidden = false;
    htmx.ajax("GET", location.href, { target: "#menu", select: "#menu", swap: "outerHTML" });
  };
  offer.addEventListener("click", renew);
  document.addEventListener("htmx:afterSettle", () => {
    at = -1;
    if (!known) return;
    for (const row of rows()) row.classList.toggle("fresh-row", !known.has(row.dataset.id));
    known = null;
  });
  // What everybody is told comes and goes while a page is open.
  const told = async () => {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    $("#banners").replaceWith($("#banners", page));
  };
  const events = new EventSource(live.dataset.events);
  for (const kind of ["incident", "maintenance"]) events.addEventListener(kind, told);
  for (const kind of ["document", "receipt", "recall"]) events.addEventListener(kind, noticed);
  events.addEventListener("open", () => {
    lost.hidden = true;
  });
  events.addEventListener("error", () => {
    lost.textContent = live.dataset.lost.replace("%s", new Date().toTimeString().slice(0, 5));
    lost.hidden = false;
  });
  addEventListener("pagehide", () => events.close());
})();
