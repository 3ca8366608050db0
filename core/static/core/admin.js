// What comes from the admin's library leaves some of it to the eyes alone. Here boxes that scroll and
// icons get their names. The words come with the page.
document.addEventListener("DOMContentLoaded", () => {
  const words = document.querySelector("meta[name=ops-words]")?.dataset ?? {};
  boxes(words);
  silence(words);
});

// Boxes that scroll are regions: each with a name of its own.
function boxes(words) {
  for (const box of document.querySelectorAll("#content [data-simplebar]:not([data-simplebar-aria-label])")) {
    const heading = box.closest("fieldset")?.querySelector("h2")?.textContent.trim();
    box.setAttribute("data-simplebar-aria-label", heading || words.list);
  }
}

// The name of an icon is a word of its font and not for the ears; what is only an icon gets a name.
function silence(words) {
  for (const icon of document.querySelectorAll(".material-symbols-outlined")) {
    icon.setAttribute("aria-hidden", "true");
    const around = icon.closest("a, button");
    if (!around || around.ariaLabel) continue;
    const spoken = around.cloneNode(true);
    for (const part of spoken.querySelectorAll(".material-symbols-outlined")) part.remove();
    if (spoken.textContent.trim()) continue;
    around.ariaLabel = around.title || words.search;
  }
}
