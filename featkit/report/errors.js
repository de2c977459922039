// Fills the error browser of a system when it is opened first: a sortable table, a CSV to save, and
// a button for each clip whose recording is in the page.
{
  const element = (name, text, attributes = {}) => {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = text;
    Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
    return made;
  };

  const rowsOf = (data, system) =>
    system.errors.map(([clip, truth, predicted, probability, runs]) => ({
      Clip: data.clips[clip],
      True: data.labels[truth],
      Predicted: data.labels[predicted],
      Probability: probability,
      Runs: runs,
    }));

  const columnsOf = (system, rows) =>
    ["Clip", "True", "Predicted", "Probability", "Runs"].filter(
      (name) =>
        (name !== "Probability" || rows.some((row) => row.Probability !== null)) &&
        (name !== "Runs" || system.runs > 1),
    );

  const quoted = (value) => `"${String(value ?? "").replaceAll('"', '""')}"`;

  const saved = (columns, rows, name) => {
    const lines = [columns, ...rows.map((row) => columns.map((column) => row[column]))];
    const text = lines.map((line) => line.map(quoted).join(",")).join("\n") + "\n";
    const link = element("a", `Save these ${rows.length} rows as CSV`, {
      download: `errors ${name.replace(/[^\w.=+ -]/g, "_")}.csv`,
      href: URL.createObjectURL(new Blob([text], { type: "text/csv" })),
    });
    const line = element("p");
    line.append(link);
    return line;
  };

  const playerOf = (section, clip) =>
    [...section.querySelectorAll("audio")].find((audio) => audio.dataset.clip === clip);

  const cellOf = (row, column, section) => {
    if (column === "Listen") {
      const cell = element("td", undefined, { "data-value": "" });
      const player = playerOf(section, row.Clip);
      if (player) {
        const button = element("button", "play", { type: "button", "aria-label": `Play ${row.Clip}` });
        button.addEventListener("click", () => (player.paused ? player.play() : player.pause()));
        cell.append(button);
      }
      return cell;
    }
    const number = column === "Probability" || column === "Runs";
    const value = column === "Probability" && row[column] !== null ? row[column].toFixed(3) : row[column];
    return element("td", value ?? "–", { "data-value": row[column] ?? -1, ...(number ? { class: "num" } : {}) });
  };

  const fill = (place) => {
    const data = JSON.parse(document.getElementById(`errors-${place.dataset.set}`).textContent);
    const system = data.systems[Number(place.dataset.system)];
    const rows = rowsOf(data, system);
    if (!rows.length) {
      place.replaceChildren();
      return;
    }
    const section = place.closest("section");
    const columns = columnsOf(system, rows);
    const shown = rows.some((row) => playerOf(section, row.Clip)) ? [...columns, "Listen"] : columns;
    const table = element("table", undefined, { class: "plain board" });
    const head = table.createTHead().insertRow();
    for (const column of shown) {
      const cell = element("th", undefined, { scope: "col" });
      cell.append(element("button", column, { type: "button" }));
      head.append(cell);
    }
    const body = table.createTBody();
    for (const row of rows) {
      body.insertRow().append(...shown.map((column) => cellOf(row, column, section)));
    }
    makeSortable(table);
    const box = element("div", undefined, {
      class: "scroll tall", tabindex: "0", role: "region", "aria-label": `Errors of ${system.name}`,
    });
    box.append(table);
    place.replaceChildren(saved(columns, rows, system.name), box);
  };

  for (const place of document.querySelectorAll(".errors")) {
    const box = place.closest("details");
    const once = () => {
      if (!box.open || box.dataset.filled) return;
      box.dataset.filled = "yes";
      fill(place);
    };
    box.addEventListener("toggle", once);
    once();
  }
}
