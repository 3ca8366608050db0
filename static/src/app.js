// Everything here is a courtesy: each page does its whole job without it.
import htmx from "htmx.org";
import * as notices from "./parts/notices.js";
import * as progress from "./parts/progress.js";
import * as publish from "./parts/publish.js";

window.htmx = htmx;
const root = document.documentElement;

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (menu !== except) menu.open = false;
  }
}

document.addEventListener("click", (event) => {
  const menu = event.target.closest("details.menu");
  closeMenus(menu);
  const theme = event.target.closest("[data-theme-switch]");
  if (theme) switchTheme();
  const copy = event.target.closest("[data-copy]");
  if (copy) copyText(copy);
  const left = event.target.closest("time[data-now]");
  if (left && matchMedia("(hover: none)").matches) tellInstant(left);
});

// A finger cannot hover: a touch on what is left tells until when, for a moment.
function tellInstant(time) {
  time.dataset.told = "yes";
  time.textContent = time.title;
  setTimeout(() => {
    delete time.dataset.told;
    time.textContent = time.dataset.left;
  }, 4000);
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

function switchTheme() {
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  const next = (root.dataset.bsTheme || system) === "dark" ? "light" : "dark";
  root.dataset.bsTheme = next;
  document.cookie = `theme=${next};path=/;max-age=31536000;samesite=lax`;
}

function copyText(button) {
  navigator.clipboard?.writeText(button.dataset.copy).then(() => {
    button.classList.add("is-copied");
    setTimeout(() => button.classList.remove("is-copied"), 2000);
  });
}

// Time left. The page says what "now" was on the server; only the time since then is taken from this machine.
const UNITS = {
  zh: { d: "天", h: "小时", m: "分钟", s: "秒", gap: " ", over: "已到时" },
  en: { d: "d", h: "h", m: "min", s: "s", gap: " ", over: "time is up" },
};

export function remaining(seconds, words) {
  if (seconds <= 0) return words.over;
  const d = Math.floor(seconds / 86400);
  const h = Math.floor((seconds % 86400) / 3600);
  const m = Math.floor((seconds % 3600) / 60);
  const s = Math.floor(seconds % 60);
  const parts = d ? [[d, "d"], [h, "h"]] : h ? [[h, "h"], [m, "m"]] : [[m, "m"], [s, "s"]];
  return parts.filter(([n], i) => n || i).map(([n, u]) => `${n}${words.gap}${words[u]}`).join(" ");
}

function startClocks(scope) {
  const words = UNITS[root.lang.slice(0, 2)] || UNITS.en;
  for (const element of scope.querySelectorAll("time[data-now]")) {
    if (element.dataset.running) continue;
    element.dataset.running = "yes";
    const left = (Date.parse(element.dateTime) - Date.parse(element.dataset.now)) / 1000;
    const begun = performance.now();
    const tick = () => {
      if (!element.isConnected) return;
      const seconds = left - (performance.now() - begun) / 1000;
      element.dataset.left = remaining(seconds, words);
      if (!element.dataset.told) element.textContent = element.dataset.left;
      if (seconds > 0) setTimeout(tick, left > 86400 ? 60000 : 1000);
    };
    tick();
  }
}

// Counts characters as the server does: by code point, line breaks as one.
function startCounters(scope) {
  for (const field of scope.querySelectorAll("[data-counter]")) {
    const output = document.getElementById(field.dataset.counter);
    if (!output) continue;
    const limit = Number(output.dataset.limit);
    const show = () => {
      const used = [...field.value.replace(/\r\n?/g, "\n").trim()].length;
      output.textContent = `${used} / ${limit}`;
      output.classList.toggle("text-danger", used > limit);
    };
    field.addEventListener("input", show);
    show();
  }
}

// One press is enough: a form that was sent is not sent again by a nervous second press.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  if (form.method === "post" && !form.hasAttribute("data-again")) {
    form.dataset.sent = "yes";
    event.submitter?.classList.add("btn-loading");
    setTimeout(() => {
      delete form.dataset.sent;
      event.submitter?.classList.remove("btn-loading");
    }, 8000);
  }
});

window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  for (const button of document.querySelectorAll(".btn-loading")) button.classList.remove("btn-loading");
});

// A select that says so sends its form when it changes; without JavaScript its button does.
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit-on-change]")) event.target.form.requestSubmit();
  if (event.target.matches("[data-check-all]")) {
    for (const box of event.target.form.elements) {
      if (box.type === "checkbox" && box.name === event.target.dataset.checkAll) box.checked = event.target.checked;
    }
  }
});

// Charts are heavy, so their code comes only where there is one.
function startCharts(scope) {
  const first = scope.querySelector("[data-chart]");
  if (first) import(first.dataset.chart).then((charts) => charts.draw(scope));
}

function begin(scope) {
  for (const tab of scope.querySelectorAll(".tabline [aria-current]")) tab.parentElement.parentElement.scrollLeft = tab.offsetLeft - 16;
  startClocks(scope);
  startCounters(scope);
  startCharts(scope);
  for (const part of [notices, progress, publish]) part.begin(scope);
}

document.addEventListener("DOMContentLoaded", () => begin(document));
document.addEventListener("htmx:afterSwap", (event) => begin(event.target.parentElement || document));
