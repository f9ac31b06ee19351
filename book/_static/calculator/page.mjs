// The calculator's form: keeps the address, the worker and the page in step. What is computed, Python computes.
const root = document.getElementById("calculator");
const form = root.querySelector("form");
const results = document.getElementById("calculator-results");
const status = document.getElementById("calculator-status");
const chapters = JSON.parse(document.getElementById("calculator-chapters").textContent);
const controls = [...form.querySelectorAll("[name]")];
const taking = (key) => root.querySelector(`[data-take=${key}]`);
const full = (path) => new URL(path, location.href).href;

let worker;
let sent = 0; // number of the newest request
let shown = 0; // number of the newest answer
const named = new Set(controls.map((control) => control.name));
const nothing = () => Object.create(null); // an address may hold any name, such as those that objects have
let strange = nothing(); // what the address holds and the form does not
let files = 0; // of the reader, that were given
const FILE_BYTES = 1_000_001; // one more than Python takes, which then says so

// --- Python ----------------------------------------------------------------------------------------------------------

function start() {
  if (worker || location.protocol === "file:") return;
  status.textContent = "Python is loading, once, about 7 MB. The results below are those from before.";
  root.setAttribute("data-state", "loading");
  worker = new Worker(new URL("worker.mjs", import.meta.url), { type: "module" });
  worker.onmessage = ({ data }) => (({ ready, failed, answer, drawn })[data.kind] ?? (() => {}))(data);
  worker.onerror = (event) => failed({ message: event.message ?? "the worker could not start" });
  const draws = root.dataset.draws.split(" ").map(Number);
  const { commit, pyodide, wheel } = root.dataset;
  worker.postMessage({ kind: "start", pyodide: full(pyodide), wheel: full(wheel), draws, commit });
}

function ready({ version }) {
  root.setAttribute("data-state", "ready");
  root.setAttribute("data-python", version);
  status.textContent = `Computed in this page by ${version}.`;
}

function failed({ message }) {
  root.setAttribute("data-state", "failed");
  status.textContent = `Python could not run here: ${message}. The command below gives the same results.`;
}

function ask(file) {
  start();
  const inputs = nothing();
  for (const control of controls) if (control.value.trim() !== control.dataset.default) inputs[control.name] = control.value;
  Object.assign(inputs, strange);
  sent += 1;
  worker?.postMessage({ kind: "ask", id: sent, inputs, file });
}

function answer({ id, reply }) {
  if (id < sent) return;
  showErrors(reply.errors);
  const wrong = Object.keys(reply.errors).length;
  root.setAttribute("data-state", wrong ? "wrong" : "answered");
  if (wrong) {
    status.textContent = "An input is not allowed: the results are the last ones that were.";
    return;
  }
  shown = id;
  settle(reply);
  show(reply);
  const address = reply.query ? `?${reply.query}` : location.pathname;
  history.replaceState(null, "", address);
  for (const key of ["scenario", "command", "python", "citation"]) taking(key).textContent = reply[key];
  taking("link").textContent = location.href;
  taking("citation").textContent += ` ${location.href}`;
  const count = Object.keys(reply.given).length;
  const differ = count === 1 ? "1 input differs" : `${count} inputs differ`;
  status.textContent = `${count ? differ : "No input differs"} from the published ones. Computed in this page by ${root.dataset.python}.`;
}

// Lists show what Python made of a name: one of theirs, or a model of the reader's own.
function settle({ given, own, left_out }) {
  for (const control of controls.filter((each) => each.tagName === "SELECT")) {
    if (control.name in strange) choose(control, given[control.name] ?? control.dataset.default);
    const chosen = control.selectedOptions[0];
    if (Object.hasOwn(own, control.name) && "own" in chosen.dataset) chosen.textContent = own[control.name].label;
  }
  strange = nothing();
  mark();
  document.getElementById("calculator-own").textContent = Object.values(own).map((each) => each.said).join(" ");
  const note = document.getElementById("calculator-left-out");
  note.textContent = left_out;
  note.hidden = !left_out;
}

function choose(control, value) {
  control.value = value;
  if (control.selectedIndex >= 0) return;
  control.querySelector("[data-own]")?.remove();
  const option = new Option("your model", value);
  option.dataset.own = "";
  control.append(option);
  control.value = value;
}

function show(reply) {
  results.innerHTML = reply.html;
  // For whoever builds on this page: the numbers themselves.
  root.dispatchEvent(new CustomEvent("answer", { detail: reply }));
}

function drawn({ id, last, reply }) {
  if (id !== shown || id < sent) return;
  const reading = results.contains(document.activeElement) && document.activeElement;
  show(reply);
  if (reading) results.querySelector("[tabindex]").focus({ preventScroll: true });
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
    if (message) place.closest("details")?.setAttribute("open", "");
  }
}

// What an address says of a name; said twice, both are shown, and Python refuses them.
const said = (given, name) => (given.has(name) ? given.getAll(name).join(" and ") : undefined);

function unknown(given) {
  const found = nothing();
  for (const name of given.keys()) {
    const ours = name === "chapter" || (name === "preset" && said(given, name) === "published");
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
  for (const control of controls) control.closest(".field").classList.toggle("changed", control.value.trim() !== control.dataset.default);
}

function stepped(control, sign) {
  const step = Number(control.dataset.step);
  const digits = (control.dataset.step.split(".")[1] ?? "").length;
  const value = Number(control.value);
  if (!Number.isFinite(value)) return;
  control.value = String(Number((value + sign * step).toFixed(Math.max(digits, (control.value.split(".")[1] ?? "").length))));
  control.dispatchEvent(new Event("input", { bubbles: true }));
}

form.addEventListener("input", (event) => {
  if (!named.has(event.target.name)) return;
  strange = nothing();
  mark();
  ask();
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
    const folder = `/own/${(files += 1)}/${/^(config|\.*)$/.test(name) ? "your model" : name}`;
    strange = nothing();
    choose(control, `${folder}/config.json`);
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
    if (kind === "drop" && event.dataTransfer.files.length) take(event.dataTransfer.files[0]);
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

// --- From the address ------------------------------------------------------------------------------------------------

const given = new URLSearchParams(location.search);
const chapter = said(given, "chapter");
const known = chapter !== undefined && Object.hasOwn(chapters, chapter);
for (const name of known ? chapters[chapter] : []) {
  const field = form.elements[name].closest(".field");
  field.classList.add("of-chapter");
  field.closest("details")?.setAttribute("open", "");
}
if (known) status.textContent += ` The inputs of chapter ${chapter} are marked.`;
else if (chapter !== undefined) status.textContent += ` There is no chapter ${chapter.slice(0, 60)}.`;
taking("link").textContent = location.href;
if (controls.some((control) => given.has(control.name)) || Object.keys(unknown(given)).length) {
  fill(location.search);
  ask();
}
