// Figures that a reader's numbers move: sums of a few products, so nothing is asked of Python.
const place = (value, [low, high]) => (100 * Math.log(value / low)) / Math.log(high / low);
const whole = (value) => Math.round(value).toLocaleString("en-US");
const money = (value) => {
  if (value < 0) return `-${money(-value)}`;
  if (value >= 1e9) return `$${whole(value / 1e6)}\u00a0M`;
  return value < 100 && value > 0 ? `$${(value * (1 + 1e-12)).toFixed(value < 0.1 ? 3 : 2)}` : `$${whole(value)}`;
};

const KINDS = {
  // Totals of methods against the pairs, at a price of a comparison and a number of checks.
  curve(figure, { terms, n, q, e, s, usd, grid }) {
    const pairs = [grid[0], grid.at(-1)];
    const svg = figure.querySelector("svg");
    const said = figure.querySelector(".moving-said");
    let staff = 0; // that a judge takes beyond what the book assumes
    const total = (name, n, q, e) => {
      const [one, withN, withQ, withQN, withE, withEN, withEQ, withEQN] = terms[name];
      return (name === "rlaif" ? staff : 0) + one + withN * n + withQ * q + withQN * q * n + withE * e + withEN * e * n + withEQ * e * q + withEQN * e * q * n;
    };
    // Where people are the cheaper side of two straight lines: a side and a value.
    const crossing = (gap, at, least) => {
      const slope = Number(((gap(2 * at) - gap(at)) / at).toFixed(9));
      const root = slope ? at - gap(at) / slope : 0;
      if (root <= least) return [slope > 0 || (!slope && gap(at) > 0) ? "always" : "never"];
      return [slope > 0 ? "above" : "below", root];
    };
    const cheaper = ([side, value], every, text) => {
      if (value === undefined) return `${side === "always" ? "people’s" : "the judge’s"} project is the cheaper one at every ${every}`;
      return `people’s project is the cheaper one ${side} ${text(value)}, the judge’s ${side === "below" ? "above" : "below"}`;
    };
    const axis = (edges) => {
      figure.querySelectorAll(".y").forEach((tick) => tick.remove());
      for (let power = edges[0]; power < edges[1] * 1.5; power *= 10) {
        const tick = document.createElement("span");
        tick.className = "y";
        tick.style.bottom = `${place(power, edges)}%`;
        tick.textContent = power >= 1e6 ? `$${whole(power / 1e6)}\u00a0M` : `$${whole(power)}`;
        svg.parentElement.append(tick);
      }
    };
    return {
      start: { n, q, e, s },
      read: (name, value) => ({ [name]: name === "n" ? Math.round(10 ** value) : value }),
      draw({ n: at, q: price, e: checks, s: days }, form) {
        staff = days - s;
        figure.querySelector(".upright").style.left = `${place(Math.min(Math.max(at, pairs[0]), pairs[1]), pairs)}%`;
        figure.querySelector("[data-pairs]").textContent = whole(at);
        form.elements.n.setAttribute("aria-valuetext", `${whole(at)} pairs`);
        const sides = Object.keys(terms).map((name) => [name, grid.map((each) => [each, total(name, each, price, checks)])]);
        const every = sides.flatMap(([, points]) => points.map(([, each]) => each)).filter((each) => each > 0);
        // Powers of ten that hold all curves: none leaves the plot, whatever a comparison costs.
        const edges = [Math.min(usd[0], 10 ** Math.floor(Math.log10(Math.min(...every)))), Math.max(usd[1], 10 ** Math.ceil(Math.log10(Math.max(...every))))];
        axis(edges);
        for (const [name, points] of sides) {
          const drawn = points.map(([each, cost]) => `${place(each, pairs)},${100 - place(Math.max(cost, 1e-9), edges)}`);
          figure.querySelector(`polyline.${name}`).setAttribute("points", drawn.join(" "));
          figure.querySelector(`[data-usd="${name}"]`).textContent = money(total(name, at, price, checks));
        }
        svg.setAttribute("aria-label", `Cost of the whole project from ${whole(pairs[0])} to ${whole(pairs[1])} usable pairs: ${sides.map(([name, points]) => `${figure.querySelector(`li.${name}`).textContent.split(":")[0]} ${money(points[0][1])} to ${money(points.at(-1)[1])}`).join("; ")}.`);
        // The bands are those of the published price and checks.
        figure.classList.toggle("own", price !== q || checks !== e);
        if (!said) return;
        const gap = (n, q) => total("rlaif", n, q, checks) - total("human-dpo", n, q, checks);
        const byPairs = cheaper(crossing((each) => gap(each, price), at || 1, 1), "number of pairs", (each) => `${whole(each)} pairs`);
        const byPrice = cheaper(crossing((each) => gap(at, each), 1, 0), "price", (each) => `${money(each)} a comparison`);
        said.textContent = `At ${money(price)} a comparison ${byPairs}. With ${whole(at)} pairs ${byPrice}.`;
      },
    };
  },
  // The article's bill and its ratio at the price of a GPU-hour, which a month or the reader gives.
  price(figure, { price, hours, people, months, years, usd }) {
    return {
      start: { at: months.length - 1, price },
      read: (name, value, form) => {
        if (name === "price") return { price: value };
        form.elements.price.value = months[value][2].toFixed(2);
        return { at: value, price: months[value][2] };
      },
      draw({ at, price }, form) {
        const [name, year, median, providers] = months[at];
        form.elements.at.setAttribute("aria-valuetext", name);
        const inside = Math.min(Math.max(price, usd[0]), usd[1]);
        figure.querySelector(".upright").style.left = `${(100 * (year - years[0])) / (years[1] - years[0])}%`;
        // Later lists are not those that a reader of this month had.
        figure.querySelector("svg").style.clipPath = `inset(0 ${(100 * (years[1] - year)) / (years[1] - years[0]) - 1}% 0 0)`;
        figure.querySelector(".level").style.bottom = `${place(inside, usd)}%`;
        const bill = hours * price;
        const times = people.map(([text, each]) => `${(each / bill).toFixed(each < 10 * bill ? 2 : 1)} times as much at ${text} a pair`);
        const beyond = inside === price ? "" : " This price is off the axis.";
        figure.querySelector(".moving-said").textContent =
          `${name}: ${providers === 1 ? "one provider asked" : `the median of ${providers} providers was`} ${money(median)}. ` +
          `At ${money(price)} a GPU-hour the article’s pipeline costs ${money(bill)}, and people’s labels cost ${times.join(", ")}.${beyond}`;
      },
    };
  },
};

function live(figure) {
  const form = figure.querySelector("form");
  const { start, read, draw } = KINDS[figure.dataset.kind](figure, JSON.parse(figure.dataset.numbers));
  let moved = start;
  const told = new Map();
  for (const field of form.querySelectorAll("input")) {
    const error = document.createElement("span");
    error.className = "moving-error";
    error.id = `${figure.id}-${field.name}-error`;
    field.after(error);
    field.setAttribute("aria-describedby", error.id);
    told.set(field, error);
  }
  const wrong = (field, is) => {
    const kind = field.step === "1" ? "a whole number" : "a number";
    field.setAttribute("aria-invalid", is);
    told.get(field).textContent = is ? `Give ${kind} from ${Number(field.min).toLocaleString("en-US")} to ${Number(field.max).toLocaleString("en-US")}.` : "";
  };
  form.addEventListener("input", ({ target: field }) => {
    const value = field.valueAsNumber;
    wrong(field, !field.checkValidity() || Number.isNaN(value));
    if (field.getAttribute("aria-invalid") === "true") return;
    moved = { ...moved, ...read(field.name, value, form) };
    for (const other of told.keys()) if (other.checkValidity() && other.value) wrong(other, false);
    draw(moved, form);
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => {
    moved = start;
    for (const field of told.keys()) wrong(field, false);
    draw(moved, form);
  });
  figure.hidden = form.hidden = false;
  draw(moved, form);
}

document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("figure.moving:not([data-still])").forEach(live));
