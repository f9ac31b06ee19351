import { job, word } from "./job.mjs";

// The calculator's form: keeps the address, the worker and the page in step. What is computed, Python computes.
const root = document.getElementById("calculator");
const form = root.querySelector("form");
const results = document.getElementById("calculator-results");
const lines = document.getElementById("calculator-lines");
const stale = document.getElementById("calculator-stale");
const status = document.getElementById("calculator-status");
const chapters = JSON.parse(document.getElementById("calculator-chapters").textContent);
const controls = [...form.querySelectorAll("[name]")];
const taking = (key) => root.querySelector(`[data-take=${key}]`);
const full = (path) => new URL(path, location.href).href;

let worker;
let sent = 0; // number of the newest request
let shown = 0; // number of the newest answer
const named = new Set(controls.map((control) => control.name));
const embedded = document.documentElement.classList.contains("embed");
const nothing = () => Object.create(null); // an address may hold any name, such as those that objects have
let strange = nothing(); // what the address holds and the form does not
let broken = false; // there is no Python
let files = 0; // of the reader, that were given
const own = new Map(); // names of these files in the list of models, and where Python finds them
const offered = new Set([...document.getElementById("calculator-models").options].map((option) => option.value));
// What stands in an input; of a model that is being chosen anew, the one before until there is another.
const text = (control) => own.get(control.value.trim()) ?? (control.value.trim() || (control.dataset.held ?? ""));
const FILE_BYTES = 1_000_001; // one more than Python takes, which then says so

// --- Python ----------------------------------------------------------------------------------------------------------

function start() {
  if (worker || location.protocol === "file:") return;
  status.textContent = "Python is loading, once, about 7 MB.";
  root.setAttribute("data-state", "loading");
  worker = new Worker(new URL("worker.mjs", import.meta.url), { type: "module" });
  worker.onmessage = ({ data }) => (({ ready, failed, answer, drawn, estimated: estimates.answered })[data.kind] ?? (() => {}))(data);
  worker.onerror = (event) => failed({ message: event.message ?? "the worker could not start" });
  const draws = root.dataset.draws.split(" ").map(Number);
  const { commit, pyodide, wheel } = root.dataset;
  worker.postMessage({ kind: "start", pyodide: full(pyodide), wheel: full(wheel), draws, commit });
}

function ready({ version }) {
  root.setAttribute("data-state", "ready");
  root.setAttribute("data-python", version);
  status.textContent = `Computed in this page by ${version}.`;
  estimates.say(status.textContent);
}

function failed({ message }) {
  root.setAttribute("data-state", "failed");
  status.textContent = `Python could not run here: ${message}. The command costlib compare takes the same inputs.`;
  estimates.say(status.textContent);
  if (!shown && sent) told("yours cannot be computed here");
  if (root.dataset.python) return;
  broken = true;
  root.classList.add("broken");
  follow();
  estimates.follow();
}

// What the form holds that is not published.
function inForm() {
  const inputs = nothing();
  for (const control of controls) if (text(control) !== control.dataset.default) inputs[control.name] = text(control);
  return Object.assign(inputs, strange);
}

// Where Python cannot start, the command follows the form unchecked, and the style hides what else is taken away.
function follow() {
  const files = [...own.values()];
  const given = Object.entries(inForm()).map(([name, value]) => ` -p ${name}=${word(files.includes(value) ? "./config.json" : value)}`);
  taking("command").textContent = `costlib compare${given.join("")}`;
}

// Until the first answer the numbers belong to other inputs than the form's, and are shown as such.
function told(words) {
  stale.textContent = `These numbers are for ${stale.dataset.which}; ${words}.`;
  stale.hidden = false;
  root.classList.add("stale");
  results.ariaBusy = lines.ariaBusy = "true";
}

function ask(file) {
  start();
  if (!shown) told("yours are being computed");
  if (broken) {
    told("yours cannot be computed here. The command below takes them, not checked here");
    return follow();
  }
  const inputs = inForm();
  sent += 1;
  worker?.postMessage({ kind: "ask", id: sent, inputs, file });
}

function answer({ id, reply }) {
  if (id < sent) return;
  showErrors(reply.errors);
  const wrong = Object.keys(reply.errors).length;
  root.setAttribute("data-state", wrong ? "wrong" : "answered");
  if (wrong) {
    if (!shown) told("yours wait for an input that is allowed");
    status.textContent = shown ? "An input is not allowed: the results are the last ones that were." : "An input is not allowed.";
    return;
  }
  shown = id;
  stale.hidden = true;
  root.classList.remove("stale");
  results.ariaBusy = lines.ariaBusy = "false";
  settle(reply);
  show(reply);
  const address = new URL(reply.query ? `?${reply.query}` : location.pathname, location.href).href;
  history.replaceState(null, "", embedded ? address + (reply.query ? "&embed=1" : "?embed=1") : address);
  for (const key of ["scenario", "command", "python", "citation"]) taking(key).textContent = reply[key];
  taking("link").textContent = address;
  taking("citation").textContent += ` ${address}`;
  const count = Object.keys(reply.given).length;
  const differ = count === 1 ? "1 input differs" : `${count} inputs differ`;
  status.textContent = `${count ? differ : "No input differs"} from the published ones. Computed in this page by ${root.dataset.python}.`;
}

// Inputs of a model show what Python made of a name, unless the reader is in one of them.
function settle({ given, own: read, left_out }) {
  for (const control of controls.filter((each) => each.tagName === "SELECT" && each.name in strange)) control.value = control.dataset.default;
  for (const control of controls.filter((each) => each.list && each !== document.activeElement && !own.has(each.value.trim())))
    control.value = given[control.name] ?? control.dataset.default;
  strange = nothing();
  mark();
  document.getElementById("calculator-own").textContent = Object.values(read).map((each) => each.said).join(" ");
  const note = document.getElementById("calculator-left-out");
  note.textContent = left_out;
  note.hidden = !left_out;
}

function show(reply) {
  results.innerHTML = reply.html;
  lines.innerHTML = reply.lines;
  // For whoever builds on this page: the numbers themselves.
  root.dispatchEvent(new CustomEvent("answer", { detail: reply }));
}

function drawn({ id, last, reply }) {
  if (id !== shown || id < sent) return;
  const reading = lines.contains(document.activeElement);
  show(reply);
  if (reading) lines.querySelector("[tabindex]").focus({ preventScroll: true });
  if (last) root.setAttribute("data-state", "drawn");
}

// --- The form --------------------------------------------------------------------------------------------------------

function showErrors(errors) {
  for (const place of root.querySelectorAll(".error")) {
    const message = errors[place.id.slice("error-".length)] ?? "";
    place.textContent = message;
    place.hidden = !message;
    const control = form.elements[place.id.slice("error-".length)];
    if (control) control.setAttribute("aria-invalid", Boolean(message));
    if (message) unfold(place);
  }
}

// Every fold around a place.
function unfold(place) {
  for (let fold = place.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
}

// What an address says of a name; said twice, both are shown, and Python refuses them.
const said = (given, name) => (given.has(name) ? given.getAll(name).join(" and ") : undefined);

function unknown(given) {
  const found = nothing();
  for (const name of given.keys()) {
    const ours = name === "chapter" || (name === "preset" && said(given, name) === "published") || (name === "embed" && embedded) || name.startsWith("job.");
    if (!named.has(name) && !ours) found[name] = said(given, name);
  }
  return found;
}

function fill(query) {
  const given = new URLSearchParams(query);
  strange = unknown(given);
  for (const control of controls) control.value = said(given, control.name) ?? control.dataset.default;
  for (const control of controls.filter((each) => each.tagName === "SELECT" && each.selectedIndex < 0)) {
    // A name that the list does not have is Python's to refuse.
    strange[control.name] = said(given, control.name);
    control.value = control.dataset.default;
  }
  mark();
}

function mark() {
  for (const control of controls) control.closest(".field").classList.toggle("changed", text(control) !== control.dataset.default);
}

function stepped(control, sign) {
  const step = Number(control.dataset.step);
  const digits = (control.dataset.step.split(".")[1] ?? "").length;
  const value = Number(control.value);
  if (!Number.isFinite(value)) return;
  control.value = String(Number((value + sign * step).toFixed(Math.max(digits, (control.value.split(".")[1] ?? "").length))));
  control.dispatchEvent(new Event("input", { bubbles: true }));
}

form.addEventListener("input", ({ target }) => {
  if (!named.has(target.name)) return;
  strange = nothing();
  mark();
  // Half a name of a model is no mistake yet.
  if (!target.list || offered.has(target.value.trim()) || own.has(target.value.trim())) ask();
});
form.addEventListener("change", ({ target }) => {
  if (target.list && named.has(target.name)) ask();
});
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("reset", (event) => {
  event.preventDefault();
  fill("");
  ask();
});
form.addEventListener("keydown", (event) => {
  const sign = { ArrowUp: 1, ArrowDown: -1 }[event.key];
  if (!sign || !event.target.dataset.step) return;
  event.preventDefault();
  stepped(event.target, sign);
});
form.addEventListener("focusin", start, { once: true });

// A list offers what fits the words in its input: one that is opened, by pointer or arrow, starts from no words.
for (const control of controls.filter((each) => each.list)) {
  let entered = control.value;
  const empty = () => {
    if (!control.value || control.value !== entered) return;
    control.dataset.held = text(control);
    control.placeholder = control.value;
    control.value = "";
  };
  control.addEventListener("focus", () => (entered = control.value));
  control.addEventListener("pointerdown", () => {
    if (control !== document.activeElement) entered = control.value;
    empty();
  });
  control.addEventListener("keydown", (event) => event.key === "ArrowDown" && empty());
  control.addEventListener("blur", () => {
    if (!control.value && "held" in control.dataset) control.value = control.placeholder;
    delete control.dataset.held;
    control.placeholder = "";
    mark();
  });
}

for (const link of root.querySelectorAll("[data-preset]")) {
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    fill(link.search);
    ask();
  });
}

// --- A model of the reader's own ---------------------------------------------------------------------------------------

const chooser = document.getElementById("calculator-file");
chooser.closest(".own").hidden = location.protocol === "file:";

async function take(file) {
  const control = form.elements.policy_model;
  document.getElementById("calculator-own").textContent = "";
  try {
    const content = new Uint8Array(await file.slice(0, FILE_BYTES).arrayBuffer());
    const name = file.name.replace(/\.json$/i, "").replace(/[^\w.-]/g, "_").slice(0, 60);
    const called = /^(config|\.*)$/.test(name) ? "your model" : name;
    const folder = `/own/${(files += 1)}/${called}`;
    const shownAs = called === "your model" ? called : `${called}.json`;
    if (!own.has(shownAs)) control.list.prepend(new Option("from your file", shownAs));
    own.set(shownAs, `${folder}/config.json`);
    strange = nothing();
    control.value = shownAs;
    mark();
    ask({ folder, content });
  } catch {
    showErrors({ policy_model: "What you gave is no file that can be read: give one config.json." });
  }
}

chooser.addEventListener("change", async () => {
  if (chooser.files.length) await take(chooser.files[0]);
  chooser.value = ""; // the same file, edited, is another
});
const dropped = (event) => location.protocol !== "file:" && event.dataTransfer?.types.includes("Files");
for (const kind of ["dragenter", "dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    if (!dropped(event)) return;
    event.preventDefault(); // or the page gives way to the file
    chooser.closest(".own").classList.toggle("over", kind === "dragenter" || kind === "dragover");
    if (kind === "drop" && event.dataTransfer.files.length) (estimates.shown() ? estimates.take : take)(event.dataTransfer.files[0]);
  });
}

// --- Taking results away ---------------------------------------------------------------------------------------------

for (const button of root.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", async () => {
    const text = taking(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(text.textContent);
      status.textContent = "Copied.";
    } catch {
      // Without a secure address browsers give no clipboard: the text is selected, ready to be copied by hand.
      getSelection().selectAllChildren(text);
      status.textContent = "Selected: copy it with the keyboard.";
    }
  });
}

document.getElementById("calculator-download").addEventListener("click", () => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([taking("scenario").textContent], { type: "application/yaml" }));
  link.download = "scenario.yml";
  link.click();
  URL.revokeObjectURL(link.href);
});

if (location.protocol !== "file:") status.textContent += " Change one, and Python starts in this page.";

// --- From the address ------------------------------------------------------------------------------------------------

const given = new URLSearchParams(location.search);
const chapter = said(given, "chapter");
const known = chapter !== undefined && Object.hasOwn(chapters, chapter);
for (const name of known ? chapters[chapter] : []) {
  const field = form.elements[name].closest(".field");
  field.classList.add("of-chapter");
  unfold(field);
}
if (known) status.textContent += ` The inputs of chapter ${chapter} are marked.`;
else if (chapter !== undefined) status.textContent += ` There is no chapter ${chapter.slice(0, 60)}.`;
if (embedded) root.querySelectorAll("a:not([data-preset])").forEach((link) => (link.target = "_blank"));
const estimates = job({ root, offered, embedded, send: (message) => (start(), worker?.postMessage({ kind: "job", ...message })) });
taking("link").textContent = location.href.replace(/([?&])embed=1(&|$)/, (_, before, after) => (after ? before : ""));
if (controls.some((control) => given.has(control.name)) || Object.keys(unknown(given)).length) {
  fill(location.search);
  ask();
}
