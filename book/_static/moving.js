// The first page's figure, at the reader's numbers. A total is the sum of eight products, so nothing is asked of Python.
document.addEventListener("DOMContentLoaded", () => {
  const figure = document.querySelector("figure.moving");
  if (!figure) return;
  const { terms, n, q, e, usd, grid } = JSON.parse(figure.dataset.numbers);
  const pairs = [grid[0], grid.at(-1)];
  const form = figure.querySelector("form");
  const total = (of, n, q, e) => {
    const [one, withN, withQ, withQN, withE, withEN, withEQ, withEQN] = of;
    return one + withN * n + withQ * q + withQN * q * n + withE * e + withEN * e * n + withEQ * e * q + withEQN * e * q * n;
  };
  const place = (value, [low, high]) => (100 * Math.log(value / low)) / Math.log(high / low);
  const whole = (value) => Math.round(value).toLocaleString("en-US");
  const money = (value) => (value < 100 && value > 0 ? `$${value.toFixed(2)}` : `$${whole(value)}`);
  let moved = { n, q, e };
  const draw = () => {
    const inside = Math.min(Math.max(moved.n, pairs[0]), pairs[1]);
    figure.querySelector(".upright").style.left = `${place(inside, pairs)}%`;
    figure.querySelector("[data-pairs]").textContent = whole(moved.n);
    form.elements.n.setAttribute("aria-valuetext", `${whole(moved.n)} pairs`);
    for (const [name, of] of Object.entries(terms)) {
      const points = grid.map((at) => `${place(at, pairs)},${100 - place(Math.max(total(of, at, moved.q, moved.e), 1e-9), usd)}`);
      figure.querySelector(`polyline.${name}`).setAttribute("points", points.join(" "));
      figure.querySelector(`[data-usd="${name}"]`).textContent = money(total(of, moved.n, moved.q, moved.e));
    }
    // The bands are those of the published price and checks.
    figure.classList.toggle("own", moved.q !== q || moved.e !== e);
  };
  form.addEventListener("input", (event) => {
    const field = event.target;
    const value = field.valueAsNumber;
    field.setAttribute("aria-invalid", !field.checkValidity() || Number.isNaN(value));
    if (field.getAttribute("aria-invalid") === "true") return;
    moved = { ...moved, [field.name]: field.name === "n" ? Math.round(10 ** value) : value };
    draw();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => {
    moved = { n, q, e };
    form.querySelectorAll("[aria-invalid]").forEach((field) => field.removeAttribute("aria-invalid"));
    draw();
  });
  form.hidden = false;
});
