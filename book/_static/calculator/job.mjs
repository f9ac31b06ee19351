// One job on GPUs, in a tab of its own: texts of its inputs go to Python, what it answers is shown.
const FILE_BYTES = 1_000_001; // one more than Python takes, which then says so

// A text as a word of a shell.
export const word = (text) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'"'"'`)}'`);

// Sets the tab up; `send` gives a message to the worker, `offered` are the names of models that are known.
export function job({ root, offered, embedded, send }) {
  const panel = document.getElementById("calculator-job");
  const form = panel.querySelector("form");
  const results = document.getElementById("job-results");
  const status = document.getElementById("job-status");
  const note = panel.querySelector(".stale-note");
  const starting = JSON.parse(panel.dataset.starting);
  const controls = Object.keys(starting).map((name) => form.elements[name]);
  const tabs = [...root.querySelectorAll("[role=tab]")];
  const panels = tabs.map((tab) => document.getElementById(tab.getAttribute("aria-controls")));
  const taking = (key) => panel.querySelector(`[data-take=job-${key}]`);
  let sent = 0;
  let answered = false; // the numbers are of the inputs
  let files = 0;
  let broken = false; // there is no Python
  let own; // the reader's file by its name in the input, and its place for Python

  const shown = () => !panel.hidden;
  const shared = (query) => new URL(query ? `?${query}` : location.pathname, location.href).href;

  function say(words) {
    status.textContent = words;
  }

  // Where Python cannot start, the command follows the form unchecked.
  function follow() {
    broken = true;
    const given = controls.map((each) => [each.name, own?.name === each.value ? "./config.json" : each.value.trim()]);
    const flags = given.map(([name, text]) => (!text ? "" : name === "stage" ? ` ${word(text)}` : ` --${name.replace(/_usd.*/, "").replaceAll("_", "-")} ${word(text)}`));
    taking("command").textContent = `costlib estimate${flags.join("")}`;
    note.textContent = "These numbers are for the job that the form starts from; yours cannot be computed here. The command below takes it, not checked here.";
  }

  function ask(file) {
    const inputs = {};
    for (const control of controls) inputs[control.name] = own?.name === control.value ? own.path : control.value;
    if (!answered) {
      note.textContent = "These numbers are for the job that the form starts from; yours are being computed.";
      note.hidden = false;
      panel.classList.add("stale");
    }
    if (!root.dataset.python && !broken) say("Python is loading, once, about 7 MB.");
    sent += 1;
    if (broken) follow();
    else send({ id: sent, inputs, file });
  }

  function showErrors(errors) {
    for (const place of panel.querySelectorAll(".error")) {
      const name = place.id.slice("error-job-".length);
      place.textContent = errors[name] ?? "";
      place.hidden = !errors[name];
      form.elements[name]?.setAttribute("aria-invalid", Boolean(errors[name]));
    }
  }

  function answeredBy({ id, reply }) {
    if (id < sent) return;
    showErrors(reply.errors);
    const wrong = Object.keys(reply.errors).length > 0;
    panel.dataset.state = wrong ? "wrong" : "answered";
    if (wrong) {
      if (!answered) note.textContent = "These numbers are for the job that the form starts from; yours wait for an input that is allowed.";
      return say(answered ? "An input is not allowed: the answer is the last one that was." : "An input is not allowed.");
    }
    answered = true;
    note.hidden = true;
    panel.classList.remove("stale");
    results.innerHTML = reply.html;
    document.getElementById("job-own").textContent = reply.said;
    const address = shared(reply.query);
    history.replaceState(null, "", embedded ? `${address}&embed=1` : address);
    taking("link").textContent = address;
    for (const key of ["command", "python", "citation"]) taking(key).textContent = reply[key];
    taking("citation").textContent += ` ${address}`;
    say(`Computed in this page by ${root.dataset.python}.`);
    panel.dispatchEvent(new CustomEvent("answer", { detail: reply }));
  }

  async function take(file) {
    try {
      const content = new Uint8Array(await file.slice(0, FILE_BYTES).arrayBuffer());
      own = { name: "your model", path: `/job/${(files += 1)}/your model/config.json` };
      form.elements.model.value = own.name;
      ask({ folder: own.path.replace(/\/config\.json$/, ""), content });
    } catch {
      showErrors({ model: "What you gave is no file that can be read: give one config.json." });
    }
  }

  function select(tab) {
    tabs.forEach((each, place) => {
      each.setAttribute("aria-selected", each === tab);
      each.tabIndex = each === tab ? 0 : -1;
      panels[place].hidden = each !== tab;
    });
  }

  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", ({ target }) => {
    // Half a name of a model is no mistake yet.
    if (target.type !== "file" && (!target.list || offered.has(target.value) || target.value === own?.name)) ask();
  });
  form.addEventListener("change", ({ target }) => {
    if (target.list) ask();
    if (target.type === "file" && target.files.length) {
      take(target.files[0]);
      target.value = ""; // the same file, edited, is another
    }
  });
  form.elements.model.addEventListener("paste", (event) => {
    const text = event.clipboardData.getData("text");
    if (!text.trim().startsWith("{")) return;
    event.preventDefault();
    take(new Blob([text]));
  });
  for (const tab of tabs) {
    tab.addEventListener("click", () => select(tab));
    tab.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
      const other = tabs[(tabs.indexOf(tab) + 1) % tabs.length];
      select(other);
      other.focus();
    });
  }

  const given = new URLSearchParams(location.search);
  const known = [...given.keys()].filter((name) => name.startsWith("job."));
  root.querySelector(".tabs").hidden = false; // without scripts one stands below the other
  panels.forEach((each, place) => {
    each.setAttribute("role", "tabpanel");
    each.setAttribute("aria-labelledby", tabs[place].id);
  });
  select(tabs[known.length ? 1 : 0]);
  panel.querySelector(".own").hidden = false;
  taking("link").textContent = shared(`job.stage=${starting.stage}`);
  if (known.length) {
    const strange = known.find((name) => !Object.hasOwn(starting, name.slice("job.".length)));
    for (const control of controls) {
      const value = given.get(`job.${control.name}`);
      if (value === null) continue;
      control.value = value;
      // What a list does not have is Python's to refuse.
      if (control.tagName === "SELECT" && control.selectedIndex < 0) control.append(new Option(value.slice(0, 60), value, true, true));
    }
    if (strange === undefined) ask();
    else {
      showErrors({ "": `There is no ${strange.slice(0, 60)}; a job has ${Object.keys(starting).join(", ")}.` });
      panel.dataset.state = "wrong";
    }
  }
  return { answered: answeredBy, say, take, shown, follow };
}
