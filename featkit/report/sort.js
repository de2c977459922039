"use strict";
// Sorts tables of class "sortable" by the column whose heading is pressed: numbers high to low
// first, texts from A to Z first.
function makeSortable(table) {
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  const value = (row, column) => row.cells[column].dataset.value;
  heads.forEach((head, column) => {
    head.querySelector("button").addEventListener("click", () => {
      const rows = [...body.rows];
      const numeric = rows.every((row) => !Number.isNaN(Number(value(row, column))));
      const first = numeric && column > 0 ? "descending" : "ascending";
      const other = first === "ascending" ? "descending" : "ascending";
      const direction = head.getAttribute("aria-sort") === first ? other : first;
      const sign = direction === "ascending" ? 1 : -1;
      rows.sort((a, b) => {
        const [left, right] = [value(a, column), value(b, column)];
        return sign * (numeric ? Number(left) - Number(right) : left.localeCompare(right));
      });
      heads.forEach((each) => each.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", direction);
      body.append(...rows);
    });
  });
}
document.querySelectorAll("table.sortable").forEach(makeSortable);
