// The colours that a reader chose, before anything is drawn.
// A browser may refuse to remember anything within somebody else's page.
const remembered = (name) => {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
};
document.documentElement.dataset.mode = remembered("mode") || "auto";
document.documentElement.dataset.theme = remembered("theme") || "auto";
// Within somebody else's page the calculator stands alone.
if (new URLSearchParams(location.search).get("embed") === "1") document.documentElement.classList.add("embed");
// What is folded is printed as well, and folded again afterwards.
const opened = [];
window.addEventListener("beforeprint", () => {
  for (const fold of document.querySelectorAll("details:not([open], .above-input, .above-output)")) opened.push(fold) && (fold.open = true);
});
window.addEventListener("afterprint", () => {
  for (const fold of opened.splice(0)) fold.open = false;
});
// Whether the code behind tables and figures shows, as the reader left it. Without JavaScript it does, folded.
document.documentElement.dataset.code = remembered("code") || "hidden";

// The switch of that, on pages that have such code.
document.addEventListener("DOMContentLoaded", () => {
  const bar = document.querySelector(".article-header-buttons");
  if (!bar || !document.querySelector(".tag_hide-input, .tag_hide-cell")) return;
  const button = document.createElement("button");
  const { dataset } = document.documentElement;
  const say = () => button.setAttribute("aria-pressed", dataset.code === "shown");
  button.type = "button";
  button.className = "btn btn-sm code-switch";
  button.title = "Show the code of tables and figures";
  button.setAttribute("aria-label", button.title);
  button.innerHTML = '<i class="fa-solid fa-code"></i>';
  button.addEventListener("click", () => {
    dataset.code = dataset.code === "shown" ? "hidden" : "shown";
    localStorage.setItem("code", dataset.code);
    say();
  });
  say();
  bar.prepend(button);
});

// Filters the claims ledger by verdict, document and words. Without JavaScript the ledger is simply complete.
document.addEventListener("DOMContentLoaded", () => {
  const bar = document.getElementById("ledger-filter");
  if (!bar) return;
  const claims = [...document.querySelectorAll(".claim")];
  const verdictOf = (claim) => [...claim.classList].find((name) => name.startsWith("verdict-")).slice(8);
  const options = [...new Set(claims.map(verdictOf))].sort().map((name) => `<option>${name}</option>`).join("");
  bar.innerHTML =
    `<label>verdict <select name="verdict"><option value="">all</option>${options}</select></label>` +
    '<label>document <select name="document"><option value="">both</option><option value="b">article</option>' +
    '<option value="a">course page</option></select></label>' +
    '<label>words <input name="words" type="search" placeholder="such as DPO"></label>' +
    '<output id="ledger-count" aria-live="polite"></output>';
  bar.hidden = false;
  const field = (name) => bar.querySelector(`[name=${name}]`);
  const apply = () => {
    const words = field("words").value.trim().toLowerCase().split(/\s+/);
    let shown = 0;
    for (const claim of claims) {
      const text = claim.textContent.toLowerCase();
      const fits =
        (!field("verdict").value || verdictOf(claim) === field("verdict").value) &&
        (!field("document").value || claim.id.startsWith(`claim-${field("document").value}`)) &&
        words.every((word) => text.includes(word));
      claim.hidden = !fits;
      shown += fits;
    }
    document.getElementById("ledger-count").textContent = `${shown} of ${claims.length} statements`;
  };
  // A link to one claim must show it, whatever was filtered before.
  const reveal = () => {
    const target = location.hash && document.getElementById(location.hash.slice(1));
    if (!target || !target.classList.contains("claim") || !target.hidden) return;
    bar.querySelectorAll("select, input").forEach((input) => (input.value = ""));
    apply();
    target.scrollIntoView();
  };
  bar.addEventListener("input", apply);
  window.addEventListener("hashchange", reveal);
  apply();
});

// What scrolls sideways can be reached and scrolled with the keyboard; what does not scroll is not a stop for it.
document.addEventListener("DOMContentLoaded", () => {
  const boxes = document.querySelectorAll("pre, .pst-scrollable-table-container, .costlib-table, div.math");
  const mark = () => {
    for (const box of boxes) {
      const scrolls = box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight;
      if (scrolls || box.hasAttribute("tabindex")) box.tabIndex = scrolls ? 0 : -1;
      box.style.setProperty("--caption-height", `${box.querySelector("caption")?.offsetHeight ?? 0}px`); // does not fade
      fade(box);
    }
  };
  // On which sides more of a box lies than shows, for its edges to say so.
  const fade = (box) => {
    const rest = box.scrollWidth - box.clientWidth - box.scrollLeft;
    const sides = [box.scrollLeft > 1 && "left", rest > 1 && "right"].filter(Boolean).join(" ");
    if (sides) box.dataset.more = sides;
    else delete box.dataset.more;
  };
  for (const box of boxes) box.addEventListener("scroll", () => fade(box), { passive: true });
  mark();
  new ResizeObserver(mark).observe(document.body);
});

document.addEventListener("DOMContentLoaded", () => {
  if (typeof Search === "undefined") return;
  // The search shows titles as HTML, but has all headings as words.
  const box = document.createElement("p");
  const escaped = (words) => ((box.textContent = words), box.innerHTML);
  const headings = Object.entries(Search._index?.alltitles ?? {});
  if (headings.length) Search._index.alltitles = Object.fromEntries(headings.map(([words, at]) => [escaped(words), at]));
});

// What the buttons of the theme do: the policy of the pages allows no script in an attribute.
document.addEventListener("click", (event) => {
  const name = event.target.closest("[data-does]")?.dataset.does;
  if (name === "toggleFullScreen") window.toggleFullScreen();
  if (name === "window.print") window.print();
});

document.addEventListener("DOMContentLoaded", () => {
  document.querySelector(".bd-search-container form.bd-search input")?.focus();
  // Browsers run no calculator from files; its page says so.
  const words = document.querySelector("#calculator .local-file");
  if (!words || location.protocol !== "file:") return;
  words.hidden = false;
  words.parentElement.classList.add("as-file");
  for (const control of words.parentElement.querySelectorAll("input, select, button")) control.disabled = true;
});
