"use strict";
// What the rest is written with. Whatever a daemon says becomes text, never markup: nodes are made
// here, and the page's policy refuses every other way.

const byId = (id) => document.getElementById(id);

/** An element with attributes and children; null children are left out, texts stay texts. */
function make(name, attributes = {}, ...children) {
  const isDrawing = drawingNames.has(name);
  const node = isDrawing
    ? document.createElementNS("http://www.w3.org/2000/svg", name)
    : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) node.setAttribute(key, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

const drawingNames = new Set(["svg", "use", "path", "line", "rect", "circle", "text", "g"]);

/** Sets a text only where it differs, so that selections and readers are left alone. */
function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function mark(node, name, value) {
  if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

/** Keeps one element a key, in the order of the items; those without an item go. */
class KeyedList {
  constructor(parent, create) {
    this.parent = parent;
    this.create = create;
    this.rows = new Map();
  }

  show(items, keyOf) {
    const old = this.rows;
    this.rows = new Map();
    let next = this.parent.firstElementChild;
    for (const item of items) {
      const key = keyOf(item);
      let row = old.get(key);
      if (row === undefined) row = this.create(item);
      old.delete(key);
      row.update(item);
      if (row.node === next) next = next.nextElementSibling;
      else this.parent.insertBefore(row.node, next);
      this.rows.set(key, row);
    }
    for (const row of old.values()) row.node.remove();
  }
}

/** A shape and a word: what it says does not hang on its colour. */
function pill() {
  const use = make("use");
  const word = make("span");
  const node = make(
    "span", { class: "pill" }, make("svg", { class: "shape", "aria-hidden": "true" }, use), word);
  return {
    node,
    set(kind, text) {
      mark(node, "data-kind", kind);
      mark(use, "href", "#shape-" + kind);
      say(word, text);
    },
  };
}

const numberText = new Intl.NumberFormat("en-GB");

/** Microseconds in the largest unit that shows them whole. */
function exactSpan(microseconds) {
  if (microseconds === 0) return "–";
  if (microseconds % 1e6 === 0) return microseconds / 1e6 + " s";
  if (microseconds % 1e3 === 0) return microseconds / 1e3 + " ms";
  return microseconds + " µs";
}

/** Nanoseconds with two or three digits. */
function shortSpan(nanoseconds) {
  if (nanoseconds === 0) return "0 µs";
  const [value, unit] = nanoseconds < 999500 ? [nanoseconds / 1e3, "µs"]
    : nanoseconds < 999.5e6 ? [nanoseconds / 1e6, "ms"] : [nanoseconds / 1e9, "s"];
  return (value < 9.95 ? value.toFixed(1).replace(/\.0$/, "") : value.toFixed(0)) + " " + unit;
}

/** Milliseconds as a time that has passed, in two units at most. */
function age(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1e3));
  const units = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];
  const first = units.findIndex(([size]) => seconds >= size);
  if (first < 0) return "0 s";
  const [size, name] = units[first];
  const text = Math.floor(seconds / size) + " " + name;
  if (first + 1 === units.length) return text;
  const [small, smallName] = units[first + 1];
  const rest = Math.floor((seconds % size) / small);
  return rest > 0 ? text + " " + rest + " " + smallName : text;
}

function clockText(date) {
  const part = (value, width = 2) => String(value).padStart(width, "0");
  return part(date.getHours()) + ":" + part(date.getMinutes()) + ":" + part(date.getSeconds());
}

function dayText(date) {
  return date.toLocaleDateString(undefined, { day: "numeric", month: "short" });
}

function counted(count, one, many) {
  return numberText.format(count) + " " + (count === 1 ? one : many);
}
