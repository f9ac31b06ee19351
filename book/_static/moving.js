// Figures at the reader's numbers. A total is the sum of eight products, so nothing is asked of Python.
document.addEventListener("DOMContentLoaded", () => {
  const place = (value, [low, high]) => (100 * Math.log(value / low)) / Math.log(high / low);
  const whole = (value) => Math.round(value).toLocaleString("en-US");
  const money = (value) => (value < 100 && value > 0 ? `$${value.toFixed(2)}` : `$${whole(value)}`);
  const three = (value) => Number(value.toPrecision(3)).toLocaleString("en-US", { maximumSignificantDigits: 3 });

  // Watches the fields of a figure: `moved` hears of each value that is allowed, `back` of a reset.
  function watch(figure, moved, back) {
    const form = figure.querySelector("form");
    const wrong = form.querySelector(".moving-wrong");
    const clear = (field) => {
      field.removeAttribute("aria-invalid");
      field.removeAttribute("aria-describedby");
    };
    form.addEventListener("input", ({ target }) => {
      const typed = target.type === "number";
      const refused = typed && (!target.checkValidity() || Number.isNaN(target.valueAsNumber));
      wrong.textContent = "";
      form.querySelectorAll("[aria-invalid]").forEach(clear);
      if (refused) {
        target.setAttribute("aria-invalid", true);
        target.setAttribute("aria-describedby", wrong.id);
        const whole = target.step === "1" ? "a whole number" : "a number";
        wrong.textContent = `${target.labels[0].firstChild.textContent} must be ${whole} from ${target.min} to ${target.max}; the figure keeps the value before.`;
        return;
      }
      moved(target.name, typed || target.type === "range" ? target.valueAsNumber : target.value);
    });
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", () => {
      wrong.textContent = "";
      form.querySelectorAll("[aria-invalid]").forEach(clear);
      back();
    });
    form.hidden = figure.hidden = false;
    return form;
  }

  function curve(figure) {
    const { terms, n, q, e, s, usd, grid } = JSON.parse(figure.dataset.numbers);
    const pairs = [grid[0], grid.at(-1)];
    let moved = { n, q, e, s };
    // Staff that the reader adds is a judge's alone.
    const total = (name, n, q, e) => {
      const [one, withN, withQ, withQN, withE, withEN, withEQ, withEQN] = terms[name];
      return one + (name === "rlaif" ? moved.s - s : 0) + withN * n + withQ * q + withQN * q * n + withE * e + withEN * e * n + withEQ * e * q + withEQN * e * q * n;
    };
    const saved = (n, q, e) => total("human-dpo", n, q, e) - total("rlaif", n, q, e);
    // Where a straight line is above 0: from `start` at 0 on, by what one more adds.
    const above = (start, each, text, every, none) => {
      if (each > 0) return start >= 0 ? every : `above ${text(-start / each)}`;
      if (each < 0) return start > 0 ? `below ${text(start / -each)}` : none;
      return start > 0 ? every : none;
    };
    const meeting = (start, each) => (start * each < 0 ? -start / each : undefined);
    const even = () => {
      const { n, q, e } = moved;
      const none = saved(0, q, e);
      const free = saved(n, 0, e);
      const meet = meeting(none, saved(1, q, e) - none);
      const line = figure.querySelector(".meet");
      line.hidden = meet === undefined || meet < pairs[0] || meet > pairs[1];
      if (!line.hidden) line.style.left = `${place(meet, pairs)}%`;
      const told = figure.querySelector(".moving-even");
      const byPairs = above(none, saved(1, q, e) - none, (at) => `${three(at)} pairs`, "at every number of pairs", "at no number of pairs");
      const byPrice = above(free, saved(n, 1, e) - free, money, "at every price of a comparison", "at no price of a comparison");
      told.textContent = `At this price the judge's project is the cheaper one ${byPairs}; with these pairs, ${byPrice}.`;
      told.hidden = false;
    };
    const draw = () => {
      const inside = Math.min(Math.max(moved.n, pairs[0]), pairs[1]);
      figure.querySelector(".upright").style.left = `${place(inside, pairs)}%`;
      figure.querySelector("[data-pairs]").textContent = whole(moved.n);
      form.elements.n.setAttribute("aria-valuetext", `${whole(moved.n)} pairs`);
      const found = Object.keys(terms).map((name) => [name, grid.map((at) => total(name, at, moved.q, moved.e))]);
      // The axis grows by powers of ten where a curve would leave it.
      const most = Math.max(...found.flatMap(([, each]) => each));
      const top = Math.max(usd[1], 10 ** Math.ceil(Math.log10(most)));
      const edges = [usd[0], top];
      for (const [name, each] of found) {
        const points = each.map((at, step) => `${place(grid[step], pairs)},${100 - place(Math.max(at, 1e-9), edges)}`);
        figure.querySelector(`polyline.${name}`).setAttribute("points", points.join(" "));
        figure.querySelector(`[data-usd="${name}"]`).textContent = money(total(name, moved.n, moved.q, moved.e));
      }
      figure.querySelectorAll(".y").forEach((tick) => (tick.style.bottom = `${place(Number(tick.dataset.at), edges)}%`));
      let above = figure.querySelector(".plot > .y.more");
      if (top > usd[1] && !above) {
        above = document.createElement("span");
        above.className = "y more";
        figure.querySelector(".plot").append(above);
      }
      if (above) {
        above.hidden = top === usd[1];
        above.dataset.at = top;
        above.style.bottom = "100%";
        above.textContent = top >= 1e9 ? `$${whole(top / 1e9)} B` : `$${whole(top / 1e6)} M`;
      }
      // The bands are those of the published price and checks.
      figure.classList.toggle("own", moved.q !== q || moved.e !== e);
      even();
    };
    const form = watch(figure, (name, value) => {
      moved = { ...moved, [name]: name === "n" ? Math.round(10 ** value) : value };
      draw();
    }, () => {
      moved = { n, q, e, s };
      draw();
    });
    even();
  }

  function price(figure) {
    const { usd, price, at_one, latest } = JSON.parse(figure.dataset.numbers);
    const form = watch(figure, (name, value) => {
      moved = { ...moved, [name]: value };
      draw();
    }, () => {
      moved = { price, gpu: start };
      draw();
    });
    const start = form.elements.gpu.value;
    let moved = { price, gpu: start };
    const draw = () => {
      for (const dots of figure.querySelectorAll("path")) dots.classList.toggle("chosen", dots.dataset.gpu === moved.gpu);
      figure.querySelector(".level").style.bottom = `${Math.min(Math.max(place(moved.price, usd), 0), 100)}%`;
      const lists = latest[moved.gpu];
      const less = lists.filter((each) => each < moved.price).length;
      const [low, high] = at_one.map((each) => `${three(each / moved.price)}x`);
      figure.querySelector(".moving-even").textContent =
        `${less} of ${lists.length} providers ask less than ${money(moved.price)} for an hour of this GPU. ` +
        `The article's pipeline, priced at it, gives people's labels ${low} to ${high} its cost.`;
    };
    draw();
  }

  document.querySelectorAll("figure.moving.curve").forEach(curve);
  document.querySelectorAll("figure.moving.price").forEach(price);
});
