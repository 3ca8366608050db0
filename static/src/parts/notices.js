// The bell: its number asks for itself (htmx, every 20 s), but not from a tab that nobody looks at.
const PARTS = new Set(["bell-count", "bell-list"]);

const look = (id) => document.getElementById(id)?.dispatchEvent(new Event("look"));
const isOpen = () => document.querySelector("[data-bell]")?.open;

document.addEventListener("htmx:beforeRequest", (event) => {
  if (document.hidden && PARTS.has(event.detail.elt.id)) event.preventDefault();
});

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) look("bell-count");
});

// Something has changed while the sheet is open: the list follows the number.
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.requestConfig?.elt?.id === "bell-count" && isOpen()) look("bell-list");
});

export function begin(scope) {
  for (const bell of scope.querySelectorAll("[data-bell]")) {
    if (bell.dataset.begun) continue;
    bell.dataset.begun = "yes";
    bell.addEventListener("toggle", () => bell.open && look("bell-list"));
  }
}
