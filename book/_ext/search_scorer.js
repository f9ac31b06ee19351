// What readers ask is answered by a section first. A row has what its question must name, one word of each group, then the
// page, the place in it, and what stands there. Labels of sections and ids of tables do not change.
const ASKED = [
  [/\bmcp\b|context protocol/, /./, "book/cite", "sec-mcp", "answers for programs"],
  [/\bserv(e|ing)\b|inference|vllm|tokens (per|a) (second|gpu)|throughput/, /./, "notebooks/11_inference", "sec-inference", "what serving and generating cost"],
  [/\b(service|managed|together|fireworks|tinker)\b/, /cost|pric|tun|train|dpo|sft/, "book/estimate", "sec-elsewhere", "what training services ask"],
  [/accura|valid|trust|how (sure|wrong|good) |\berror/, /estimat|number|predict|book|model|these/, "notebooks/17_validation", "sec-validation", "predictions beside published measurements"],
  [/\b(q?lora|adapters?)\b/, /\b(memory|v?ram|gb|fits?|gpus?)\b/, "notebooks/08_memory", "tab-memory-one-gpu", "the largest model that one GPU trains, also with LoRA"],
  [/\b(memory|v?ram|gb)\b|can (i|we|you) /, /\b\d+b\b|train|tun(e|ing)|dpo|sft|ppo|grpo/, "notebooks/08_memory", "tab-memory-one-gpu", "the largest model that one GPU trains"],
  [/reference model|critic|four (models|copies)/, /./, "notebooks/08_memory", "sec-memory", "what fills the GPU"],
  [/\bgpus?\b/, /how many|number|fewest|need|\b(ppo|grpo|dpo|sft|\d+b)\b/, "notebooks/08_memory", "tab-memory-fewest-gpus", "the fewest GPUs, by model"],
  [/\b(ppo|grpo|rlhf|reinforcement)\b/, /cost|pric|dollar|usd|hour|time|long|expensive/, "book/estimate", "sec-loops", "what PPO and GRPO cost"],
  [/\b(sft|dpo|finetun\w*|fine|kto|orpo|reward model)\b/, /cost|pric|dollar|usd|hour|time|long|expensive/, "book/estimate", "sec-estimate", "GPUs, hours and dollars of one stage"],
  [/out of memory|\boom\b|not fit|too (big|large)/, /./, "book/estimate", "sec-does-not-fit", "what makes a job fit"],
  [/\bgpus?\b|\b[abh]\d00\b/, /cost|pric|rent|hour/, "book/estimate", "sec-prices", "what a GPU-hour costs"],
  [/label|annotat|calendar|project/, /long|days|weeks|calendar|fast|delay/, "notebooks/15_full_picture", "sec-full-picture", "the calendar of a project"],
  [/label|annotat|comparison|people|human|\bpairs?\b|mturk|prolific|scale ai|surge/, /cost|pric|wage|paid|expensive/, "notebooks/02_human_label_cost", "sec-human-label-cost", "prices of labels by people"],
  [/judge|rlaif|ai feedback/, /cost|pric|cheap/, "book/compare", "sec-judge", "price and agreement of a judge"],
  [/better|quality|agree|win rate|as good/, /label|people|human|judge|rlaif|\bai\b/, "notebooks/20_quality", "sec-quality", "what labels bought"],
  [/break.?even|flip|when .*(cheaper|pay)/, /./, "notebooks/14_break_even", "sec-break-even", "where the choice flips"],
  [/constitutional|self.?reward|distill/, /./, "book/compare", "sec-compare", "every method side by side"],
  [/\bvs\b|versus|\bor\b|compared/, /rlhf|rlaif|dpo|ppo|people|human|judge/, "notebooks/12_equal_footing", "sec-equal-footing", "whole projects side by side"],
  [/cheapest|budget|which method|what method|startup|how many .*pairs/, /./, "book/decide", "sec-decide", "a method and a budget for your case"],
  [/energy|electric|kwh|co2|carbon/, /./, "book/estimate", "sec-energy-of-a-stage", "electricity and CO2 of a job"],
  [/\b(yaml|config\w*|trl|axolotl|verl|torchtune|llama.?factory|openrlhf)\b/, /./, "book/recipes", "sec-recipes", "an estimate from your configuration"],
  [/\b(cite|citation|bibtex|ris|doi)\b/, /./, "book/cite", "sec-cite", "how to cite the book or one number"],
];
// What lists or records comes after what explains, and the reference of the package after all other pages.
const LATER = { "book/api": 100, "book/bibliography": 20, "book/changelog": 20, "book/status": 20, "book/data": 6,
  "book/parameters": 6, "book/nomenclature": 6, "book/claims": 4, "book/glossary": 4, "book/index": 2 };
// Words of a question that no answer repeats; what a quotation of a page leaves out.
stopwords.push("can", "do", "does", "how", "i", "many", "much", "my", "need", "what", "when", "which", "you");
const UNQUOTED = "h1, script, style, pre, table, button, summary, math, svg, .headerlink, .cell_input, .costlib-links";

const asked = (query, { docnames, titles }) =>
  ASKED.filter(([one, other]) => one.test(query) && other.test(query)).map(([, , page, place, says]) => {
    const file = docnames.indexOf(page);
    return [page, `${titles[file]} > ${says}`, `#${place}`, null, 1000, Search._index.filenames[file]];
  });

// This file is read after Sphinx's searchtools.js and before the index.
const inPages = Search._performSearch;
// The last result is shown first.
Search._performSearch = (query, ...terms) => [
  ...inPages(query, ...terms), ...asked(query.toLowerCase(), Search._index).reverse(),
];
Search.htmlToText = (text, anchor) => {
  const page = new DOMParser().parseFromString(text, "text/html");
  const all = page.querySelector("[role=main] article") ?? page.querySelector("[role=main]");
  const part = (anchor && page.getElementById(anchor.slice(1))?.closest("section")) || all;
  part.querySelectorAll(UNQUOTED).forEach((each) => each.remove());
  // Sphinx appends what it makes of these words, and makes nothing of none.
  return part.textContent.replace(/\s+/g, " ").trim() || page.title;
};

var Scorer = {
  score: ([docname, , , , score]) =>
    score - (LATER[Object.keys(LATER).find((page) => docname.startsWith(page))] ?? 0),
  // The values below are Sphinx's own.
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};
