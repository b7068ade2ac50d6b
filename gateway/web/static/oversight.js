// The pages work without this file; it keeps the board live, and copies what is shown once.
(() => {
  "use strict";
  const $ = (selector, from = document) => from.querySelector(selector);

  for (const secret of document.querySelectorAll("[data-copy]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = secret.dataset.copy;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(secret.textContent);
      button.textContent = secret.dataset.copied;
    });
    secret.after(button);
  }

  const fetched = async () => {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!answer.ok || answer.redirected) return null;
    return new DOMParser().parseFromString(await answer.text(), "text/html");
  };

  // A check of the chain tells how far it is; the page comes again when it has ended.
  const checking = $("#checking");
  if (checking) {
    const look = async () => {
      const page = await fetched();
      const fresh = page && $("#checking", page);
      if (!fresh) return location.reload();
      for (const each of ["progress", "p"]) $(each, checking).replaceWith($(each, fresh));
    };
    setInterval(look, Number(checking.dataset.refresh) * 1000);
  }

  // The board renews itself after what happens, not more often than every other second, and never
  // under the hands of somebody who works in it.
  if (!$("#board")) return;
  const LEAST_MS = 2000;
  const TOLD_MS = 10000;
  const state = $("#live-state");
  const pause = $("#pause");
  const said = $("#said");
  let paused = false;
  let renewed = 0;
  let told = 0;
  let waiting = 0;
  const busy = () =>
    $("#board details[open]") || document.activeElement?.closest("#board form, #board summary");
  const tell = (name) => {
    state.hidden = false;
    state.textContent = state.dataset[name];
    state.classList.toggle("off", name !== "live");
  };
  const renew = async () => {
    waiting = 0;
    if (paused) return;
    if (busy()) return later();
    renewed = Date.now();
    const page = await fetched();
    if (!page) return location.reload();
    if (busy() || paused) return;
    $("#board").replaceWith($("#board", page));
    $("#as-of").replaceWith($("#as-of", page));
    $("#menu").replaceWith($("#menu", page));
    $("#banners").replaceWith($("#banners", page));
    if (Date.now() - told > TOLD_MS) {
      told = Date.now();
      said.textContent = "";
      setTimeout(() => (said.textContent = said.dataset.text), 50);
    }
  };
  const later = () => {
    waiting ||= setTimeout(renew, Math.max(100, renewed + LEAST_MS - Date.now()));
  };
  const show = () => {
    pause.hidden = false;
    pause.textContent = paused ? pause.dataset.go : pause.dataset.pause;
    tell(paused ? "paused" : "live");
  };
  pause.addEventListener("click", () => {
    paused = !paused;
    show();
    if (!paused) later();
  });
  const events = new EventSource($("#board").dataset.events);
  for (const kind of ["document", "receipt", "recall", "incident", "maintenance"]) events.addEventListener(kind, later);
  events.addEventListener("open", show);
  events.addEventListener("error", () => paused || tell("lost"));
  addEventListener("pagehide", () => events.close());
  // What only grows old (waiting, late) is looked at every half minute.
  setInterval(later, 30000);
})();
