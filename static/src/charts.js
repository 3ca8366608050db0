// Draws every figure with data-chart. Loaded only where there is one; the table beside it works without.
import { BarChart, CustomChart, LineChart, PieChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

use([BarChart, CustomChart, LineChart, PieChart, AriaComponent, GridComponent, LegendComponent, TooltipComponent, CanvasRenderer]);

const root = document.documentElement;
const drawn = new Map();
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const strong = matchMedia("(prefers-contrast: more)");

const COLOURS = ["ink", "ink-soft", "line", "card", "brand", "calm", "warm", "good", "bad", "plum", "grey"];

// The page's own colours. A token holds light-dark(…), so the browser is asked what it is just now.
function colours(figure) {
  const probe = document.createElement("i");
  for (const name of COLOURS) probe.appendChild(document.createElement("i")).style.color = `var(--v-${name})`;
  figure.appendChild(probe);
  const found = Object.fromEntries(COLOURS.map((name, i) => [name, getComputedStyle(probe.children[i]).color]));
  probe.remove();
  return found;
}

const isChinese = root.lang.startsWith("zh");
const locale = isChinese ? "zh-CN" : "en";
const full = new Intl.NumberFormat(locale);
const money = new Intl.NumberFormat(locale, { minimumFractionDigits: 2 });

// As the server writes large counts: 12.3k, 1.2万.
function compact(number) {
  const size = Math.abs(number);
  if (size < 10000) return full.format(number);
  const [unit, sign] = isChinese ? [10000, "万"] : size < 1e6 ? [1000, "k"] : [1e6, "M"];
  return `${Math.round((number / unit) * 10) / 10}${sign}`;
}

const UNITS = {
  count: { short: compact, long: (n) => full.format(n), step: 1 },
  money: { short: (fen) => `¥${compact(fen / 100)}`, long: (fen) => `¥${money.format(fen / 100)}`, step: 100 },
  percent: { short: (n) => `${n} %`, long: (n) => `${n} %`, step: 1 },
};
const say = (unit) => (value) => (value == null || Number.isNaN(value) ? "–" : unit.long(value));

const PALETTE = ["brand", "calm", "warm", "plum", "good", "bad", "grey"];
const TONES = { wait: "warm", run: "calm", brand: "brand", good: "good", bad: "bad", "": "grey" };
const SYMBOLS = ["circle", "rect", "triangle", "diamond"];
const LINES = ["solid", "dashed", "dotted"];

function common(c) {
  return {
    animation: !calm.matches,
    animationDuration: 400,
    color: PALETTE.map((name) => c[name]),
    aria: { enabled: true, label: { enabled: false }, decal: { show: strong.matches } },
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: c.ink, fontSize: 12 },
    tooltip: {
      renderMode: "richText", confine: true, backgroundColor: c.card, borderColor: c.line, borderWidth: 1, padding: 10,
      textStyle: { color: c.ink, fontSize: 13 },
    },
  };
}

function legend(c, names) {
  return { show: names.length > 1, top: 0, left: 0, itemWidth: 18, itemHeight: 10, icon: "roundRect", textStyle: { color: c["ink-soft"] }, data: names };
}

const grid = (several) => ({ left: 4, right: 12, top: several ? 36 : 12, bottom: 4, outerBoundsMode: "same" });

function categories(c, labels) {
  return {
    type: "category", data: labels, axisTick: { show: false }, axisLine: { lineStyle: { color: c.line } },
    axisLabel: { color: c["ink-soft"], hideOverlap: true },
  };
}

function values(c, unit) {
  return {
    type: "value", minInterval: unit.step, splitNumber: 4, splitLine: { lineStyle: { color: c.line } },
    axisLabel: { color: c["ink-soft"], formatter: unit.short, hideOverlap: true },
  };
}

function line(data, c, unit) {
  const several = data.series.length > 1;
  return {
    legend: legend(c, data.series.map((one) => one.name)),
    grid: grid(several),
    tooltip: { trigger: "axis", valueFormatter: say(unit), axisPointer: { lineStyle: { color: c["ink-soft"] } } },
    xAxis: { ...categories(c, data.labels), boundaryGap: data.labels.length === 1 },
    yAxis: values(c, unit),
    series: data.series.map((one, i) => ({
      name: one.name, type: "line", data: one.values, symbol: SYMBOLS[i % SYMBOLS.length], symbolSize: 6,
      showSymbol: data.labels.length < 16, lineStyle: { width: 2.25, type: LINES[i % LINES.length] },
      areaStyle: i === 0 ? { opacity: 0.12 } : undefined,
    })),
  };
}

function bars(data, c, unit) {
  const lying = data.kind === "lying";
  const along = { ...categories(c, data.labels), inverse: lying };
  if (lying) along.axisLabel = { color: c.ink, width: 110, overflow: "truncate", interval: 0 };
  const across = values(c, unit);
  return {
    legend: legend(c, data.series.map((one) => one.name)),
    grid: grid(data.series.length > 1),
    tooltip: { trigger: "axis", valueFormatter: say(unit), axisPointer: { type: "shadow", shadowStyle: { color: c.line, opacity: 0.35 } } },
    xAxis: lying ? across : along,
    yAxis: lying ? along : across,
    series: data.series.map((one) => ({
      name: one.name, type: "bar", data: one.values, barMaxWidth: lying ? 18 : 32,
      itemStyle: { borderRadius: lying ? [0, 4, 4, 0] : [4, 4, 0, 0] },
    })),
  };
}

function shares(data, c, unit, box) {
  const all = data.series[0].values;
  const whole = all.reduce((sum, value) => sum + (value || 0), 0);
  const parts = data.labels.map((name, i) => ({ name, value: all[i] }));
  const percent = (name) => Math.round((parts.find((part) => part.name === name).value || 0) * 100 / whole);
  // Beside the ring where there is room for the words, else below it.
  const narrow = box.clientWidth < 340;
  const beside = { orient: "vertical", left: "52%", top: "middle" };
  const below = { orient: "horizontal", left: "center", bottom: 0 };
  return {
    legend: {
      ...(narrow ? below : beside), type: "plain", itemWidth: 12, itemHeight: 12, icon: "circle", itemGap: 10,
      textStyle: { color: c.ink, fontSize: 13 }, formatter: (name) => `${name}  ${percent(name)} %`,
    },
    tooltip: { trigger: "item", formatter: ({ name, value }) => `${name}: ${unit.long(value || 0)} (${percent(name)} %)` },
    series: [{
      type: "pie", data: parts, ...(narrow ? { center: ["50%", "38%"], radius: ["40%", "68%"] } : { center: ["25%", "50%"], radius: ["50%", "84%"] }), label: { show: false }, emphasis: { scale: false },
      itemStyle: { borderColor: c.card, borderWidth: 2 },
    }],
  };
}

function day(ms) {
  return new Intl.DateTimeFormat(isChinese ? locale : "en-GB", { month: "short", day: "numeric", timeZone: "UTC" }).format(ms);
}

function spans(data, c) {
  const shape = (params, api) => {
    const from = api.coord([api.value(1), api.value(0)]);
    const to = api.coord([api.value(2), api.value(0)]);
    const height = Math.min(api.size([0, 1])[1] * 0.6, 20);
    const span = data.spans[params.dataIndex];
    const colour = c[TONES[span.tone] || "grey"];
    return {
      type: "rect",
      shape: { x: from[0], y: from[1] - height / 2, width: Math.max(to[0] - from[0], 4), height, r: 4 },
      style: span.open ? { fill: colour, opacity: 0.45, stroke: colour, lineDash: [4, 3] } : { fill: colour },
    };
  };
  return {
    useUTC: true,
    grid: grid(false),
    tooltip: { trigger: "item", formatter: ({ dataIndex: i }) => `${data.labels[i]}\n${data.spans[i].text}` },
    xAxis: {
      type: "time", axisTick: { show: false }, axisLine: { lineStyle: { color: c.line } }, splitLine: { show: true, lineStyle: { color: c.line } },
      axisLabel: { color: c["ink-soft"], hideOverlap: true, formatter: day }, minInterval: 86400000, splitNumber: 4,
    },
    yAxis: {
      type: "category", inverse: true, data: data.labels, axisTick: { show: false }, axisLine: { show: false },
      axisLabel: { color: c.ink, interval: 0, width: 110, overflow: "truncate" },
    },
    series: [{
      type: "custom", renderItem: shape, encode: { x: [1, 2], y: 0 }, data: data.spans.map((span, i) => [i, span.from, span.to]),
    }],
  };
}

const KINDS = { line, bars, lying: bars, shares, spans };

function paint(figure, chart) {
  const c = colours(figure);
  const data = JSON.parse(figure.querySelector("script[type='application/json']").textContent);
  const base = common(c);
  const own = KINDS[data.kind](data, c, UNITS[data.unit], figure.querySelector(".chart-box"));
  chart.setOption({ ...base, ...own, tooltip: { ...base.tooltip, ...own.tooltip } }, true);
}

function repaint() {
  for (const [figure, chart] of drawn) {
    if (figure.isConnected) paint(figure, chart);
    else forget(figure, chart);
  }
}

function forget(figure, chart) {
  chart.dispose();
  drawn.delete(figure);
}

const resized = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    const figure = target.closest("[data-chart]");
    if (!figure || !drawn.has(figure)) continue;
    drawn.get(figure).resize();
    if (target.classList.contains("chart-shares")) paint(figure, drawn.get(figure));
  }
});

export function draw(scope) {
  for (const [figure, chart] of drawn) if (!figure.isConnected) forget(figure, chart);
  for (const figure of scope.querySelectorAll("[data-chart]")) {
    if (drawn.has(figure)) continue;
    const box = figure.querySelector(".chart-box");
    const chart = init(box, null, { renderer: "canvas" });
    drawn.set(figure, chart);
    paint(figure, chart);
    resized.observe(box);
    figure.dataset.drawn = "yes";
  }
}

new MutationObserver(repaint).observe(root, { attributes: true, attributeFilter: ["data-bs-theme"] });
for (const query of [matchMedia("(prefers-color-scheme: dark)"), calm, strong]) query.addEventListener("change", repaint);
