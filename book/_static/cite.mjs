// The form of the cite page. Every text comes from the templates and fields that Python put into the page.
const data = JSON.parse(document.getElementById("cite-data").textContent);
const box = document.getElementById("cite-one");
const ids = Object.keys(data.pieces);

const element = (tag, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
};

// Behind a name, _json is its value inside a text of JSON.
const quoted = (fields, name) => name.endsWith("_json") && JSON.stringify(fields[name.slice(0, -5)] ?? "").slice(1, -1);
export const fill = (template, fields) =>
  template.replace(/@(\w+)@/g, (found, name) => fields[name] ?? (quoted(fields, name) || found));

const find = (typed) => ids.find((id) => id.toLowerCase() === typed.trim().toLowerCase());

const input = element("input", {
  id: "cite-input", type: "text", autocomplete: "off", spellcheck: false,
  className: "form-control", placeholder: "such as B066, fig-ladder, tab-gpus or saved",
});
input.setAttribute("list", "cite-ids");
const hint = element("p", { id: "cite-hint" });
hint.setAttribute("role", "status");
input.setAttribute("aria-describedby", "cite-hint");
const shown = element("div", { id: "cite-forms" });

const copy = async (text, pre, button) => {
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = "Copy"), 1500);
  } catch {
    // Without the right to write to the clipboard the text is selected, ready for the keyboard.
    getSelection().selectAllChildren(pre);
  }
};

const form = (name, piece) => {
  const text = fill(data.templates[name], piece);
  const [ending, kind] = data.files[name];
  const pre = element("pre", { textContent: text, tabIndex: 0 });
  pre.dataset.form = name;
  const button = element("button", { type: "button", className: "btn btn-sm", textContent: "Copy" });
  button.setAttribute("aria-label", `Copy ${data.names[name]}`);
  button.addEventListener("click", () => copy(text, pre, button));
  const file = `costofalignment-${piece.id.replace("/", "-")}.${ending}`;
  const save = element("a", {
    download: file, textContent: `Save as ${file}`, href: `data:${kind};charset=utf-8,${encodeURIComponent(text + "\n")}`,
  });
  const line = element("p", { className: "costlib-links" }, button, " ", save);
  return [element("p", {}, element("strong", { textContent: data.names[name] })), pre, line];
};

const show = (id) => {
  const piece = data.pieces[id];
  const place = element("a", { href: `../${piece.page}`, textContent: id });
  const earlier = (piece.earlier ?? []).map((text) => element("li", { textContent: text }));
  const code = element("a", { href: fill(data.code, piece), textContent: piece.file });
  shown.replaceChildren(
    element("p", {}, place, ` ${piece.body}`),
    ...(data.code ? [element("p", {}, "Code at this commit: ", code)] : []),
    ...Object.keys(data.templates).flatMap((name) => form(name, piece)),
    ...(earlier.length ? [element("p", { textContent: "Earlier values:" }), element("ul", {}, ...earlier)] : []),
  );
  hint.textContent = `The citation of ${id} stands below.`;
};

const update = () => {
  const id = find(input.value);
  if (id) {
    show(id);
    history.replaceState(null, "", `#${id}`);
    return;
  }
  shown.replaceChildren();
  const typed = input.value.trim().toLowerCase();
  const near = typed ? ids.filter((each) => each.toLowerCase().includes(typed)).slice(0, 5) : [];
  hint.textContent = near.length ? `Go on typing: ${near.join(", ")}` : typed ? `No id contains “${typed}”.` : "";
};

const follow = () => {
  const id = find(decodeURIComponent(location.hash.slice(1)));
  if (!id) return;
  input.value = id;
  show(id);
  box.scrollIntoView();
};

for (const option of document.querySelectorAll("#cite-ids option")) option.label = data.pieces[option.value].body;
box.replaceChildren(
  element("label", { htmlFor: "cite-input", textContent: "Id of a claim, figure, table or number" }), input, hint, shown,
);
// An address of a number is its row where no script runs, and here the form.
document.querySelectorAll("tr[id]").forEach((row) => row.removeAttribute("id"));
input.addEventListener("input", update);
window.addEventListener("hashchange", follow);
follow();
