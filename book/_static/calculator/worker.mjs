// Runs costlib in Pyodide, off the page's main thread. No formula is here: texts go in, results come out.
let python;
let calculator; // the Python object, once it is there
let file; // the newest of the reader, to be written before the next answer
let kept; // the folder of the one before
let asked = []; // jobs that wait for Python
let latest; // the newest request; an older one stops for it
let busy = false;
let milestones = []; // numbers of draws after which the intervals so far are shown

const DRAWS_AT_A_TIME = 10; // short enough that a change never waits long
const channel = new MessageChannel();
const pause = () => new Promise((go) => ((channel.port1.onmessage = go), channel.port2.postMessage(0)));

async function start({ pyodide, wheel, draws, commit }) {
  milestones = draws;
  const { loadPyodide } = await import(`${pyodide}pyodide.mjs`);
  const manifest = await (await fetch(wheel)).json();
  let archive;
  [python, archive] = await Promise.all([
    loadPyodide({ indexURL: pyodide }),
    fetch(new URL(manifest.file, wheel)).then((reply) => reply.arrayBuffer()),
  ]);
  // crypto.subtle exists only where the page is secure: over https, or on this machine.
  if (globalThis.crypto?.subtle) {
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", archive));
    const found = [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    if (found !== manifest.sha256) throw new Error(`${manifest.file} is not the file that was built`);
  }
  python.unpackArchive(archive, "wheel");
  python.globals.set("commit", commit);
  python.runPython(
    "import json, os\nos.environ['COSTLIB_COMMIT'] = commit\nfrom costlib.calculator import Calculator, estimated\ncalculator = Calculator()\n" +
      "def estimate(text): return json.dumps(estimated(json.loads(text)))\n" +
      "def answer(text): return json.dumps(calculator.answer(json.loads(text)))\n" +
      "def draw(stop): return json.dumps(calculator.draw(stop))",
  );
  calculator = { answer: python.globals.get("answer"), draw: python.globals.get("draw"), estimate: python.globals.get("estimate"), grow: python.globals.get("calculator").grow };
  return python.runPython("import costlib, platform; f'costlib {costlib.__version__}, Python {platform.python_version()}'");
}

// A file of the reader, for Python to read; the one before it goes, of which nothing is asked again.
function keep() {
  if (!file) return;
  if (kept) python.FS.unlink(`${kept}/config.json`);
  put(file);
  kept = file.folder;
  file = undefined;
}

function put({ folder, content }) {
  python.FS.mkdirTree(folder);
  python.FS.writeFile(`${folder}/config.json`, content);
}

// Jobs take milliseconds, and are answered between two draws of the methods.
function estimate() {
  for (const { id, inputs, file } of asked.splice(0)) {
    if (file) put(file);
    postMessage({ id, kind: "estimated", reply: JSON.parse(calculator.estimate(JSON.stringify(inputs))) });
  }
}

async function work() {
  if (busy || !calculator) return;
  busy = true;
  while (latest) {
    const { id, inputs } = latest;
    latest = undefined;
    keep();
    const reply = JSON.parse(calculator.answer(JSON.stringify(inputs)));
    postMessage({ id, kind: "answer", reply });
    if (Object.keys(reply.errors).length) continue;
    let drawn = reply.numbers.draws;
    for (const milestone of milestones) {
      while (drawn < milestone && !latest) {
        await pause();
        if (!latest) calculator.grow((drawn += DRAWS_AT_A_TIME));
      }
      if (latest) break;
      if (drawn === milestone) postMessage({ id, kind: "drawn", last: milestone === milestones.at(-1), reply: JSON.parse(calculator.draw(milestone)) });
    }
  }
  busy = false;
}

onmessage = async ({ data }) => {
  if (data.kind === "start") {
    try {
      postMessage({ kind: "ready", version: await start(data) });
      estimate();
    } catch (error) {
      postMessage({ kind: "failed", message: String(error.message ?? error).trim().split("\n").at(-1) });
    }
  } else if (data.kind === "job") {
    asked.push(data);
    try {
      if (calculator) estimate();
    } catch (error) {
      postMessage({ kind: "failed", message: String(error.message ?? error).trim().split("\n").at(-1) });
    }
    return;
  } else {
    latest = data;
    file = data.file ?? file;
  }
  work().catch((error) => postMessage({ kind: "failed", message: String(error.message ?? error).trim().split("\n").at(-1) }));
};
