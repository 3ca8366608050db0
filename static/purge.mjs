// Cuts from a component kit's stylesheet every rule whose classes no page, form or script names.
// A word counts as named wherever it stands, so a class that is put together ("btn-" + tone) has to
// be written out somewhere; KEPT holds those that only libraries write.
const KEPT = ["fade", "show", "collapsing"];
const WORD = /[A-Za-z][\w-]*/g;
const WHOLE = /^@(?:-webkit-|-moz-)?(?:keyframes|font-face|property|layer|charset|import|page|counter-style)/;

export function words(texts) {
  const found = new Set(KEPT);
  for (const text of texts) for (const [word] of text.matchAll(WORD)) found.add(word);
  return found;
}

export function purge(css, named) {
  return [...blocks(css)].map(([head, body]) => kept(head, body, named)).join("");
}

function kept(head, body, named) {
  if (body === null || WHOLE.test(head)) return body === null ? `${head};` : `${head}{${body}}`;
  if (head.startsWith("@")) {
    const inside = purge(body, named);
    return inside && `${head}{${inside}}`;
  }
  const selectors = split(head).filter((selector) => isNamed(selector, named));
  return selectors.length && body.trim() ? `${selectors.join(",")}{${body}}` : "";
}

// What :not(…) excludes need not exist.
function isNamed(selector, named) {
  const positive = selector.replace(/:not\((?:[^()]|\([^()]*\))*\)/g, "");
  return [...positive.matchAll(/\.((?:\\.|[\w-])+)/g)].every(([, name]) => named.has(name.replaceAll("\\", "")));
}

// Splits at commas outside parentheses, brackets and strings.
function split(head) {
  const parts = [];
  let depth = 0;
  let begin = 0;
  for (let i = 0; i < head.length; i += 1) {
    if ("([".includes(head[i])) depth += 1;
    if (")]".includes(head[i])) depth -= 1;
    if (head[i] === "," && depth === 0) {
      parts.push(head.slice(begin, i));
      begin = i + 1;
    }
  }
  return [...parts, head.slice(begin)].map((part) => part.trim());
}

// The rules of one level: [selector or at-rule, what stands in its braces, or null for a statement].
function* blocks(css) {
  let begin = 0;
  for (let i = 0; i < css.length; i += 1) {
    i = passed(css, i);
    if (css[i] === ";") {
      yield [css.slice(begin, i).trim(), null];
      begin = i + 1;
    } else if (css[i] === "{") {
      const end = closing(css, i);
      yield [css.slice(begin, i).trim(), css.slice(i + 1, end)];
      begin = i = end + 1;
      i -= 1;
    }
  }
}

function closing(css, open) {
  let depth = 0;
  for (let i = open; i < css.length; i += 1) {
    i = passed(css, i);
    if (css[i] === "{") depth += 1;
    if (css[i] === "}" && (depth -= 1) === 0) return i;
  }
  throw new Error(`A rule is never closed: ${css.slice(open - 60, open + 20)}`);
}

// Behind a string or an address that begins here; braces in it are none.
function passed(css, i) {
  if (css[i] === '"' || css[i] === "'") {
    let end = i + 1;
    while (css[end] !== css[i]) end += css[end] === "\\" ? 2 : 1;
    return end;
  }
  return css.startsWith("url(", i) && !"\"'".includes(css[i + 4]) ? css.indexOf(")", i) : i;
}
