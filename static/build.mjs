// Builds static/dist: app.css, app.js, charts.js, theme.js, favicon.svg and icons.svg (only the icons that the pages name).
import { copyFileSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { purge, words } from "./purge.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const dist = join(here, "dist");
const OUTLINE = join(root, "node_modules/@tabler/icons/icons/outline");
const SKIPPED = new Set(["node_modules", ".git", ".venv", "var", "dist", "tests", "docs"]);
// {% icon "x" %}, symbol="x" in an include, symbol|default:"x", and "icon": "x", icon="x" or icon("x") in Python.
const NAMED = /\b(?:icon|symbol)(?:["']?[=:]|\(|\s|\s*symbol\|default:)\s*(?:symbol\|default:)?["']([a-z0-9-]+)["']/g;

function* sources(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (SKIPPED.has(entry.name) || entry.name.startsWith(".")) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* sources(path);
    else if (/\.(html|py|txt)$/.test(entry.name)) yield path;
  }
}

const texts = [...sources(root)].map((path) => readFileSync(path, "utf8"));

function usedIcons() {
  const names = new Set();
  for (const text of texts) for (const [, name] of text.matchAll(NAMED)) names.add(name);
  return [...names].sort();
}

// The component kit without what nobody names: a tenth of it is left.
const kit = {
  name: "kit",
  setup(bundler) {
    bundler.onLoad({ filter: /@tabler\/core\/dist\/css\/.*\.css$/ }, ({ path }) => {
      const css = readFileSync(path, "utf8");
      const legal = css.match(/\/\*![\s\S]*?\*\//g) || [];
      const rules = purge(css.replace(/\/\*[\s\S]*?\*\//g, ""), words([...texts, ...scripts()]));
      return { contents: `${legal.join("\n")}\n${rules}`, loader: "css" };
    });
  },
};

function scripts() {
  const own = ["src", "src/parts"].flatMap((folder) => readdirSync(join(here, folder)).map((name) => join(here, folder, name)));
  return [...own.filter((path) => path.endsWith(".js")), join(root, "node_modules/htmx.org/dist/htmx.min.js")].map((path) => readFileSync(path, "utf8"));
}

function symbol(name) {
  const svg = readFileSync(join(OUTLINE, `${name}.svg`), "utf8");
  const body = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>"));
  const drawn = body.replace(/<!--[\s\S]*?-->/g, "").replace(/\s+/g, " ").trim();
  return `<symbol id="${name}" viewBox="0 0 24 24">${drawn}</symbol>`;
}

mkdirSync(dist, { recursive: true });
copyFileSync(join(here, "src/favicon.svg"), join(dist, "favicon.svg"));
const icons = usedIcons().map(symbol);
writeFileSync(join(dist, "icons.svg"), `<svg xmlns="http://www.w3.org/2000/svg">${icons.join("")}</svg>\n`);
const shared = {
  outdir: dist,
  bundle: true,
  minify: true,
  target: ["es2022"],
  legalComments: "linked",
  nodePaths: [join(root, "node_modules")],
  plugins: [kit],
  logLevel: "info",
};
await build({ ...shared, entryPoints: ["app.js", "app.css", "theme.js"].map((name) => join(here, "src", name)) });
// A module of its own, which app.js imports where a page has a chart.
await build({ ...shared, entryPoints: [join(here, "src/charts.js")], format: "esm" });
