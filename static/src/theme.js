// Runs before the first paint: a chosen theme wins over the system's (the server writes it too, from the cookie).
const chosen = document.cookie.match(/(?:^|;\s*)theme=(light|dark)/);
if (chosen) document.documentElement.dataset.bsTheme = chosen[1];
document.documentElement.classList.add("has-js");
