// The pages work without this file; it makes them quicker: keys, upload progress, recipients.
(() => {
  "use strict";
  const $ = (selector, from = document) => from.querySelector(selector);
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const inField = (target) => target.closest("input, textarea, select, [contenteditable]");
  const fold = (text) =>
    text.normalize("NFKD").replace(/\p{M}/gu, "").replace(/[đĐ]/g, "d").toLowerCase();

  // Whoever sent a form with faults reads the summary first.
  $("#summary")?.focus();

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
    const wanted = all("[data-key]").find((each) => each.dataset.key === event.key.toLowerCase());
    if (!wanted) return;
    event.preventDefault();
    if (wanted.matches("input")) wanted.focus();
    else wanted.click();
  });

  // A list is live: it renews itself while nobody works in it, else it offers to.
  const live = $("#live");
  if (live) {
    const offer = $("button", live);
    const renew = async () => {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      if (!answer.ok || answer.redirected) return location.reload();
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      $("#rows").replaceWith($("#rows", page));
      offer.hidden = true;
      at = -1;
    };
    const noticed = () => {
      if (at < 0 && scrollY < 40) renew();
      else offer.hidden = false;
    };
    offer.addEventListener("click", renew);
    const events = new EventSource(live.dataset.events);
    for (const kind of ["document", "receipt", "recall"]) events.addEventListener(kind, noticed);
    addEventListener("pagehide", () => events.close());
  }

  const form = $("#compose");
  if (!form) return;

  // Recipients: the list narrows as one types, the chosen ones stand above it.
  const search = $("#to-search");
  const chosen = $("#chosen");
  const options = all("#recipients label");
  const show = () => {
    const words = fold(search.value).split(/\s+/).filter(Boolean);
    for (const each of options) {
      const text = each.dataset.find ?? fold(each.textContent);
      each.hidden = !words.every((word) => text.includes(word));
    }
  };
  const tell = () => {
    chosen.replaceChildren(
      ...options
        .filter((each) => $("input", each).checked)
        .map((each) => {
          const button = document.createElement("button");
          button.type = "button";
          button.textContent = `${each.textContent.trim().replace(/\s+/g, " ")} ×`;
          button.addEventListener("click", () => {
            $("input", each).checked = false;
            tell();
            search.focus();
          });
          return button;
        }),
    );
  };
  search.addEventListener("input", show);
  search.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      event.preventDefault();
      const first = options.find((each) => !each.hidden);
      if (first && search.value.trim()) {
        $("input", first).checked = true;
        search.value = "";
        show();
        tell();
      }
    } else if (event.key === "Backspace" && !search.value) {
      chosen.lastElementChild?.click();
    }
  });
  $("#recipients").addEventListener("change", tell);
  tell();

  // Files: dropped or chosen, more than once; the first is the main document.
  const input = $("#files");
  const drop = $("#drop");
  const picked = $("#picked");
  let files = [];
  const keep = () => {
    const list = new DataTransfer();
    files.forEach((each) => list.items.add(each));
    input.files = list.files;
    picked.replaceChildren(
      ...files.map((each, n) => {
        const line = document.createElement("li");
        const name = document.createElement("span");
        name.textContent = `${each.name} · ${Math.ceil(each.size / 1024)} kB`;
        line.append(name);
        const deeds = [[picked.dataset.remove, () => files.splice(n, 1)]];
        if (n) deeds.unshift([picked.dataset.up, () => files.splice(n - 1, 2, each, files[n - 1])]);
        for (const [text, deed] of deeds) {
          const button = document.createElement("button");
          button.type = "button";
          button.textContent = text;
          button.setAttribute("aria-label", `${text}: ${each.name}`);
          button.addEventListener("click", () => {
            deed();
            keep();
          });
          line.append(button);
        }
        return line;
      }),
    );
  };
  const take = (more) => {
    files = files.concat([...more]);
    keep();
  };
  input.addEventListener("change", () => take([...input.files].filter((f) => !files.includes(f))));
  for (const kind of ["dragenter", "dragover"]) {
    drop.addEventListener(kind, (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
  }
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    take(event.dataTransfer.files);
  });

  // Sending: the real progress of the upload; what comes back takes the place of the page's
  // findings, and the files stay chosen.
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const box = $("#sending");
    const bar = $("progress", box);
    const text = $("#progress");
    const request = new XMLHttpRequest();
    const begun = Date.now();
    let told = -1;
    box.hidden = false;
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      const percent = Math.floor((loaded / total) * 100);
      bar.value = percent;
      if (Math.floor(percent / 25) === told) return;
      told = Math.floor(percent / 25);
      const left = Math.round(((Date.now() - begun) / 1000) * (total / loaded - 1));
      const said = text.dataset.text.replace("%d", percent);
      text.textContent =
        percent < 100
          ? `${said} · ${text.dataset.left.replace("%d", left)}`
          : text.dataset.checking;
    });
    request.addEventListener("error", () => {
      box.hidden = true;
      form.submit();
    });
    request.addEventListener("load", () => {
      box.hidden = true;
      if (request.status < 300) {
        location.assign(request.responseURL);
        return;
      }
      const answer = new DOMParser().parseFromString(request.responseText, "text/html");
      const fresh = $("#compose", answer);
      if (!fresh) {
        document.documentElement.replaceWith(answer.documentElement);
        return;
      }
      $("#outcome").replaceWith($("#outcome", answer));
      for (const old of all(".messages, .field .message", form)) old.remove();
      for (const field of all(".field", form)) field.classList.remove("wrong");
      for (const each of all("[aria-invalid]", form)) each.removeAttribute("aria-invalid");
      for (const messages of all(".messages", fresh)) {
        const id = messages.id.replace(/-error$/, "");
        const place = document.getElementById(id === "to" ? "to-search" : id);
        const field = place?.closest(".field");
        field?.append(messages);
        field?.classList.add("wrong");
        place?.setAttribute("aria-invalid", "true");
        place?.setAttribute("aria-describedby", messages.id);
      }
      document.title = answer.title;
      $("#summary")?.focus();
    });
    request.open("POST", form.action);
    request.send(new FormData(form));
  });
})();
