"use strict";
// A map: names of points on hover and focus, arrows from point to point, cards with players.
for (const map of document.querySelectorAll(".map")) {
  const points = [...map.querySelectorAll("[data-at]")];
  const places = points.map((point) => {
    const { e, f } = point.transform.baseVal.consolidate().matrix;
    return [e, f];
  });
  const pointed = map.querySelector(".pointed");
  const absent = map.querySelector(".cards > .note");
  const cards = new Map([...map.querySelectorAll("[data-card]")].map((box) => [box.dataset.card, box]));
  const buttons = [...map.querySelectorAll(".kinds button")];
  const nameOf = (point) => point.querySelector("title").textContent;

  const reach = (point) => {
    points.forEach((other) => other.setAttribute("tabindex", other === point ? "0" : "-1"));
    point.focus();
  };

  const open = (point) => {
    const chosen = cards.get(point.dataset.at);
    for (const box of cards.values()) {
      const player = box.querySelector("audio");
      if (player && box !== chosen) player.pause();
      box.hidden = box !== chosen;
    }
    absent.hidden = Boolean(chosen);
    points.forEach((other) => other.classList.toggle("chosen", other === point));
    pointed.textContent = nameOf(point);
    const player = chosen && chosen.querySelector("audio");
    if (player) player.play().catch((error) => { pointed.textContent += `: cannot be played (${error.name})`; });
  };

  // The nearest point within 45 degrees of a direction, sideways distance counting double.
  const next = (from, right, down) => {
    const [x, y] = places[points.indexOf(from)];
    let best = null;
    let least = Infinity;
    points.forEach((point, at) => {
      const along = (places[at][0] - x) * right + (places[at][1] - y) * down;
      const across = Math.abs((places[at][0] - x) * down) + Math.abs((places[at][1] - y) * right);
      if (along <= 0 || across > along || along + 2 * across >= least) return;
      least = along + 2 * across;
      best = point;
    });
    return best;
  };

  const arrows = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
  const svg = map.querySelector(".points");
  const pointOf = (event) => event.target.closest("[data-at]");
  svg.addEventListener("keydown", (event) => {
    const point = pointOf(event);
    if (!point) return;
    if (event.key === "Enter" || event.key === " ") open(point);
    else if (event.key in arrows) {
      const other = next(point, ...arrows[event.key]);
      if (other) reach(other);
    } else return;
    event.preventDefault();
  });
  svg.addEventListener("click", (event) => {
    const point = pointOf(event);
    if (!point) return;
    reach(point);
    open(point);
  });
  for (const kind of ["mouseover", "focusin"]) {
    svg.addEventListener(kind, (event) => {
      const point = pointOf(event);
      if (point) pointed.textContent = nameOf(point);
    });
  }

  for (const button of buttons) {
    button.addEventListener("click", () => {
      button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
      const pressed = new Set(
        buttons.filter((each) => each.getAttribute("aria-pressed") === "true").map((each) => each.dataset.kind),
      );
      points.forEach((point) => point.classList.toggle("faint", pressed.size > 0 && !pressed.has(point.dataset.kind)));
    });
  }
}
