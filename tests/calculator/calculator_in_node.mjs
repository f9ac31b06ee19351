// Asks the wheel of the site in Pyodide, without a browser: node calculator_in_node.mjs PYODIDE WHEEL QUESTIONS.json
import { readFileSync } from "node:fs";
const [folder, wheel, questions] = process.argv.slice(2);
const { loadPyodide } = await import(`${folder}/pyodide.mjs`);
const python = await loadPyodide({ indexURL: `${folder}/` });
python.unpackArchive(new Uint8Array(readFileSync(wheel)), "wheel");
python.globals.set("text", readFileSync(questions, "utf8"));
console.log(
  python.runPython(`
import importlib, json, sys
from pathlib import Path
asked = json.loads(text)
for name in asked["modules"]:
    importlib.import_module(name)
for path, content in asked["files"].items():
    Path(path).parent.mkdir(parents=True)
    Path(path).write_text(content)
from costlib.calculator import Calculator
calculator, replies = Calculator(), []
for inputs, draws in asked["questions"]:
    reply = calculator.answer(inputs)
    if not reply["errors"]:
        reply = calculator.draw(draws) if draws else reply
    replies.append({"errors": reply.get("errors", {}), "numbers": reply.get("numbers")})
json.dumps({"replies": replies,
            "loaded": sorted({name.split(".")[0] for name in sys.modules}), "python": sys.version.split()[0]})
`),
);
