// The frame of the admin comes from a library that leaves some of it to the mouse alone. Here it gets
// its landmarks, names for what is an icon, and the keyboard. The words come with the page.
document.addEventListener("DOMContentLoaded", () => {
  const words = document.querySelector("meta[name=ops-words]")?.dataset ?? {};
  landmarks(words);
  buttons(words);
  tables();
});

function landmarks(words) {
  const main = document.getElementById("main");
  for (const part of main?.children ?? []) {
    if (part.querySelector("#header-inner")) part.setAttribute("role", "banner");
    else if (part.querySelector("#content")) part.setAttribute("role", "main");
    else if (part.querySelector(".ops-alarm, [role=alert], [role=status]")) name(part, "region", words.list);
    else if (part.textContent.trim()) name(part, "navigation", words.pages);
  }
  // Boxes that scroll are regions: each with a name of its own.
  document.getElementById("nav-sidebar-apps")?.setAttribute("data-simplebar-aria-label", words.sections);
  for (const box of document.querySelectorAll("#content [data-simplebar]")) {
    const heading = box.closest("fieldset")?.querySelector("h2")?.textContent.trim();
    box.setAttribute("data-simplebar-aria-label", heading || words.list);
  }
}

function name(element, role, label) {
  element.setAttribute("role", role);
  if (label) element.setAttribute("aria-label", label);
}

// What answers to a click is a button: reached by Tab, pressed by Enter and Space.
function buttons(words) {
  silence(words);
  for (const toggle of document.querySelectorAll("#header-inner span[x-on\\:click]")) {
    toggle.removeAttribute("aria-hidden");
    press(toggle, words.menu);
  }
  for (const filters of document.querySelectorAll("#changelist a[x-on\\:click]:not([href])")) press(filters);
  for (const person of document.querySelectorAll("#nav-sidebar-inner div[x-on\\:click]")) press(person);
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
    const word = around.id === "searchbar-submit" ? words.search : words.home;
    around.ariaLabel = around.title || (around.closest("#header-inner") ? words.back : word);
  }
}

function press(element, label) {
  name(element, "button", label);
  element.tabIndex = 0;
  element.addEventListener("keydown", (event) => {
    if (event.target !== element || !["Enter", " "].includes(event.key)) return;
    event.preventDefault();
    element.click();
  });
}

// On a phone each cell says the name of its column. The library forgets it for the first one.
function tables() {
  const table = document.getElementById("result_list");
  if (!table) return;
  const heads = [...table.querySelectorAll("thead th")];
  for (const row of table.querySelectorAll("tr.data-row")) {
    const cell = row.cells[0];
    if (cell && !cell.querySelector("input[type=checkbox]"))
      cell.dataset.label = heads[0].querySelector(".text")?.textContent.trim() ?? "";
    for (const { dataset } of row.cells)
      if (dataset.label) dataset.label = dataset.label[0].toUpperCase() + dataset.label.slice(1);
  }
}
