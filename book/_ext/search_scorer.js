// What a reader looks for is answered by a chapter first; the reference of the package comes after all other pages.
var Scorer = {
  score: ([docname, , , , score]) => (docname.startsWith("book/api") ? score - 100 : score),
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
