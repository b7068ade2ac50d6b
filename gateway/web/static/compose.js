// Compose: recipients, files and the real progress of an upload. Without this file the form is plain.
(() => {
  "use strict";
  const $ = (selector, from = document) => from.querySelector(selector);
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const form = $("#compose");
  for (const each of all(".plain-only", form)) each.remove();

  // Recipients: whoever is ticked moves up to the chosen ones, and down again when unticked.
  const search = $("#to-search");
  const chosen = $("#chosen");
  const found = $("#recipients");
  const ways = (from) => all("input:not(:disabled)", from);
  const settle = (input) => {
    const label = input.closest("label");
    if (input.checked) {
      chosen.append(label);
      search.value = "";
      search.focus();
    } else {
      label.remove();
      search.focus();
    }
    htmx.trigger(search, "search");
  };
  for (const box of [chosen, found]) box.addEventListener("change", (event) => settle(event.target));
  // Enter chooses of what was found for what is typed, never of what stood there before.
  let isStale = false;
  let isAwaited = false;
  const choose = () => {
    isAwaited = isStale;
    if (!isStale && search.value.trim()) ways(found)[0]?.click();
  };
  search.addEventListener("input", () => {
    isStale = true;
    isAwaited = false;
  });
  found.addEventListener("htmx:afterSwap", () => {
    isStale = false;
    if (isAwaited) choose();
  });
  search.addEventListener("keydown", (event) => {
    const first = ways(found)[0];
    if (event.key === "Enter" && !event.ctrlKey) {
      event.preventDefault();
      choose();
    } else if (event.key === "ArrowDown" && first) {
      event.preventDefault();
      first.focus();
    } else if (event.key === "Backspace" && !search.value) {
      ways(chosen).at(-1)?.click();
    }
  });
  found.addEventListener("keydown", (event) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const inputs = ways(found);
    (inputs[inputs.indexOf(event.target) + by] ?? search).focus();
  });

  // Files: dropped or chosen, more than once; the first is the main document.
  const input = $("#files");
  const drop = $("#drop");
  const picked = $("#picked");
  let files = [];
  const size = (bytes) =>
    bytes < 1048576 ? `${Math.ceil(bytes / 1024)} kB` : `${(bytes / 1048576).toFixed(1)} MB`;
  const button = (text, file, deed) => {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = text;
    made.setAttribute("aria-label", `${text}: ${file.name}`);
    made.addEventListener("click", () => {
      deed();
      keep();
      (picked.querySelector("button") ?? input).focus();
    });
    return made;
  };
  const line = (file, n) => {
    const made = document.createElement("li");
    const name = document.createElement("span");
    const kind = n ? picked.dataset.annex : picked.dataset.main;
    name.textContent = file.name;
    const more = document.createElement("span");
    more.className = "second";
    more.textContent = `${kind} · ${size(file.size)}`;
    name.append(more);
    made.append(name);
    if (n) made.append(button(picked.dataset.up, file, () => files.splice(n - 1, 2, file, files[n - 1])));
    made.append(button(picked.dataset.remove, file, () => files.splice(n, 1)));
    return made;
  };
  const keep = () => {
    const list = new DataTransfer();
    files.forEach((each) => list.items.add(each));
    input.files = list.files;
    picked.replaceChildren(...files.map(line));
    const again = $("#again");
    if (again) again.hidden = files.length > 0;
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
  const box = $("#sending");
  const bar = $("progress", box);
  const text = $("#progress");
  const tell = (begun, { loaded, total }) => {
    const percent = Math.floor((loaded / total) * 100);
    if (percent === 100) {
      bar.removeAttribute("value");
      text.textContent = text.dataset.checking;
      return;
    }
    const step = Math.floor(percent / 25);
    const isNew = bar.value === 0 || Math.floor(bar.value / 25) !== step;
    bar.value = percent;
    if (!isNew) return;
    const left = Math.max(1, Math.round(((Date.now() - begun) / 1000) * (total / loaded - 1)));
    const said = text.dataset.text.replace("%d", percent);
    text.textContent = `${said} · ${text.dataset.left.replace("%d", left)}`;
  };
  const show = (answer) => {
    for (const part of ["#outcome", "#before"]) $(part).replaceWith($(part, answer));
    for (const said of all(".said", form)) {
      const fresh = answer.getElementById(said.id);
      said.replaceChildren(...(fresh?.childNodes ?? []));
      const field = said.closest(".field");
      const wrong = Boolean($(".message.error", said));
      field.classList.toggle("wrong", wrong);
      const place = $("input, select, textarea", field);
      if (wrong) place.setAttribute("aria-invalid", "true");
      else place.removeAttribute("aria-invalid");
    }
    document.title = answer.title;
    $("#summary")?.focus();
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!box.hidden) return;
    const request = new XMLHttpRequest();
    const begun = Date.now();
    box.hidden = false;
    bar.value = 0;
    request.upload.addEventListener("progress", (progress) => tell(begun, progress));
    request.addEventListener("error", () => {
      box.hidden = true;
      $("#broken").hidden = false;
    });
    request.addEventListener("load", () => {
      box.hidden = true;
      if (request.status < 300) return location.assign(request.responseURL);
      const answer = new DOMParser().parseFromString(request.responseText, "text/html");
      if ($("#compose", answer)) return show(answer);
      document.documentElement.replaceWith(answer.documentElement);
    });
    $("#broken").hidden = true;
    request.open("POST", form.action);
    request.send(new FormData(form));
  });
})();
