// Turning values into elements. Text is always set as text, so nothing of an answer is ever run.

/** An element with attributes and children; an attribute that is a function is a listener. */
export function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(key, value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false && value != null) element.setAttribute(key, value);
  }
  element.append(...children.flat(Infinity).filter((child) => child != null));
  return element;
}

/** A line of Markdown: `code` and **strong**. */
export function line(text) {
  return text.split(/(`[^`]+`|\*\*.+?\*\*)/).map((part) => {
    if (part.startsWith("`")) return el("code", {}, part.slice(1, -1));
    if (part.startsWith("**")) return el("strong", {}, line(part.slice(2, -2)));
    return part;
  });
}

const TOKEN = /("(?:[^"\\]|\\.)*")|(-?\d[\d.eE+-]*)|(true|false|null)|([{}[\],:])|\s+/g;
/** Longer texts are shown as they are: colouring them would keep the page busy. */
const COLOURED_MOST = 300_000;

/** JSON, indented and coloured token by token: numbers keep their digits, however long they are. */
export function json(text) {
  if (text.length > COLOURED_MOST) return [text];
  const parts = [];
  let [depth, plain] = [0, ""];
  const flush = () => plain && parts.push(plain) && (plain = "");
  const colour = (kind, token) => (flush(), parts.push(el("span", { class: `j-${kind}` }, token)));
  const fresh = () => (plain += "\n" + "  ".repeat(depth));
  for (const match of text.matchAll(TOKEN)) {
    const [token, string, number, word, sign] = match;
    const rest = text.slice(match.index + token.length);
    if (string) colour(/^\s*:/.test(rest.slice(0, 20)) ? "key" : "text", string);
    else if (number) colour("number", number);
    else if (word) colour("word", word);
    else if (sign === "{" || sign === "[") {
      plain += sign;
      const closes = rest.match(/^\s*[}\]]/);
      if (!closes) (depth += 1), fresh();
      else depth += 1;
    } else if (sign === "}" || sign === "]") {
      depth -= 1;
      if (!/[{[]$/.test(plain)) fresh();
      plain += sign;
    } else if (sign === ",") (plain += sign), fresh();
    else if (sign === ":") plain += ": ";
  }
  flush();
  return parts;
}
