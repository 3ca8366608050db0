// Writing a brief: what is typed is kept on the server after a pause. Choosing: a creator who was taken out of the basket
// loses his tick. Paying: the page asks whether the payment is there, ever more seldom, and at once when somebody returns.
const PAUSE_MS = 1500;
const FIRST_LOOK_MS = 2000;
const SLOWEST_LOOK_MS = 15000;
const FIELDS = ["theme", "requirements", "content_format", "channel", "start_at", "due_at"];

export function begin(scope) {
  for (const line of scope.querySelectorAll("[data-autosave]")) startAutosave(line);
  for (const list of scope.querySelectorAll("[data-chosen-files]")) showChosenFiles(list);
  for (const place of scope.querySelectorAll("[data-poll]")) startLooking(place);
}

// Autosave

function startAutosave(line) {
  if (line.dataset.running) return;
  line.dataset.running = "yes";
  const form = line.closest("form");
  const asTyped = () => JSON.stringify(FIELDS.map((name) => form.elements[name]?.value));
  let kept = asTyped();
  let timer = 0;
  let sending = null;

  const body = () => {
    const data = new FormData();
    for (const name of [...FIELDS, "csrfmiddlewaretoken", "form_key"]) data.append(name, form.elements[name]?.value ?? "");
    data.append("known_at", line.dataset.knownAt);
    return data;
  };

  const send = async () => {
    clearTimeout(timer);
    if (sending) return;
    const typed = asTyped();
    if (typed === kept) return;
    sending = new AbortController();
    try {
      const answer = await fetch(line.dataset.autosave, { method: "POST", body: body(), signal: sending.signal });
      if (answer.redirected || !(answer.headers.get("Content-Type") || "").startsWith("application/json")) {
        tell(answer.redirected ? line.dataset.loggedOut : line.dataset.failed, false);
      } else {
        const told = await answer.json();
        if (answer.ok) line.dataset.knownAt = told.known_at;
        kept = typed;
        tell(told.text, answer.ok);
      }
    } catch (error) {
      if (error.name !== "AbortError") tell(line.dataset.failed, false);
    }
    sending = null;
    if (asTyped() !== typed) later();
  };

  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(send, PAUSE_MS);
  };

  const tell = (text, isGood) => {
    line.textContent = text;
    line.classList.toggle("text-danger", !isGood);
  };

  form.addEventListener("input", later);
  form.addEventListener("change", later);
  // The form itself goes now, with everything in it: what is still on its way must not come after it.
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    sending?.abort();
    kept = asTyped();
  });
  for (const discard of document.querySelectorAll("form[data-discard]")) {
    discard.addEventListener("submit", () => (kept = asTyped()));
  }
  // Phones end pages without a word.
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "hidden" || !line.isConnected || asTyped() === kept) return;
    if (navigator.sendBeacon(line.dataset.autosave, body())) clearTimeout(timer);
  });
}

// What was chosen to be attached, before it is sent: names, sizes, small pictures.

function showChosenFiles(list) {
  const input = document.getElementById(list.dataset.chosenFiles);
  if (!input || list.dataset.running) return;
  list.dataset.running = "yes";
  input.addEventListener("change", () => {
    list.replaceChildren(...[...input.files].map(chosenFile));
    list.hidden = !input.files.length;
  });
}

function chosenFile(file) {
  const item = document.createElement("li");
  if (file.type.startsWith("image/")) {
    const picture = Object.assign(document.createElement("img"), { alt: "", width: 40, height: 40 });
    const reader = new FileReader();
    reader.addEventListener("load", () => (picture.src = reader.result));
    reader.readAsDataURL(file);
    item.append(picture);
  }
  const size = file.size < 1e6 ? `${Math.max(1, Math.round(file.size / 1e3))} KB` : `${(file.size / 1e6).toFixed(1)} MB`;
  item.append(Object.assign(document.createElement("span"), { textContent: `${file.name} · ${size}` }));
  return item;
}

// The basket

document.addEventListener("htmx:afterRequest", (event) => {
  const gone = event.detail.requestConfig?.elt.dataset?.unpick; // by now its form has left the page
  if (!gone || !event.detail.successful) return;
  const tick = document.querySelector(`#picks input[name=creator][value="${gone}"]`);
  if (tick) tick.checked = false;
  document.querySelector("#basket .basket-foot .btn")?.focus({ preventScroll: true });
});

// The cashier. A part that is replaced by its successor stops by itself.

function startLooking(place) {
  if (place.dataset.running) return;
  place.dataset.running = "yes";
  let pause = FIRST_LOOK_MS;
  let timer = 0;
  const look = () => {
    if (!place.isConnected) return;
    if (document.visibilityState === "visible") window.htmx.trigger(place, "look");
    pause = Math.min(pause * 1.25, SLOWEST_LOOK_MS);
    timer = setTimeout(look, pause);
  };
  timer = setTimeout(look, pause);
  const offline = place.querySelector("[data-offline]");
  const isOffline = (is) => offline && (offline.hidden = !is);
  place.addEventListener("htmx:sendError", () => isOffline(true));
  place.addEventListener("htmx:responseError", () => isOffline(true));
  place.addEventListener("htmx:beforeSwap", (event) => {
    isOffline(false);
    if (event.detail.xhr.status !== 204 && !event.detail.xhr.responseText.includes('id="payment"')) {
      event.detail.shouldSwap = false; // the login page, most likely: show it as a page
      location.reload();
    }
  });
  const back = () => {
    if (!place.isConnected) {
      document.removeEventListener("visibilitychange", back);
      return;
    }
    if (document.visibilityState !== "visible") return;
    pause = FIRST_LOOK_MS;
    clearTimeout(timer);
    look();
  };
  document.addEventListener("visibilitychange", back);
}
