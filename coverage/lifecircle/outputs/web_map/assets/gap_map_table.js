"use strict";
/* The table of communities, or of what else the rule judges: sorted, filtered, as many rows as can be seen; a row and its place on the map are one. */
(function (app) {
  var node = app.node, word = app.word, HIGH = 44, SPARE = 6;
  var COLUMNS = app.COLUMNS, SHOWN = app.SHOWN, SURE = app.SURE, WORDS = ["name", "township", "status"], PLACE = ["lat", "lon"];
  var rows = [], drawn = "", pointed = -1;
  /** Rows in sight, by their place in the order. @type {Map<number, any>} */
  var lines = new Map();

  /* What a row of the table tells of: a community by its number, or another unit that the rule judges. */
  function statusOf(row) { return typeof row === "number" ? app.told().status[row] : row.status; }

  /** Whether a row is short of the target, or of those that a share of the whole still waits for. */
  function isMissing(row) {
    if (typeof row === "number") { return app.isShort(statusOf(row)) || app.isAwaited(app.told(), row); }
    var standing = app.standingOf(app.told(), row);
    return app.isShort(standing ? standing.mark : statusOf(row));
  }

  function peopleOf(row) { return typeof row === "number" ? app.at(app.told().people, row) : row.people; }

  function townshipOf(row) { return typeof row === "number" ? app.data.communities.township[row] : row.township; }

  /** Whether the filters keep a unit; one whose people affected are unknown has no number to reach. @param {State} state */
  function show(state, row) {
    var mark = statusOf(row), kept = { all: true, short: isMissing(row), met: app.isMet(mark) }[state.show];
    return kept && (state.sure === "any" || SURE[state.sure].indexOf(mark) >= 0) && (!state.least || (peopleOf(row) || 0) >= state.least) && (state.only === null || townshipOf(row) === state.only);
  }

  function valueOf(column, row) {
    var all = app.data.communities, theme = app.told(), own = typeof row === "number";
    return {
      name: function () { return own ? app.communityName(row) : row.name; },
      township: function () { return app.townshipName(townshipOf(row)); },
      status: function () { return "stpcmnqrda-".indexOf(statusOf(row)); },
      deficit: function () { return own ? app.at(theme.deficit, row) : row.deficit; },
      people: function () { return peopleOf(row); },
      value: function () { return own ? app.at(theme.value, row) : row.value; },
      minutes: function () { return own ? app.minutesOf(theme, row) : null; },
      residents: function () { return own ? all.residents[row] : null; }
    }[column]();
  }

  function unitOf(column, row) { return column === "deficit" ? row.deficit_unit || app.told().deficit_unit : column === "value" ? row.unit || app.told().unit : ""; }

  function cellWords(column, row) {
    var value = valueOf(column, row);
    var standing = column === "status" && typeof row !== "number" ? app.standingOf(app.told(), row) : null;
    if (standing) { return standing.words; }
    if (column === "status") { return isMissing(row) && !app.isShort(statusOf(row)) ? word("map.unit.adds") : app.statusWords(statusOf(row)); }
    if (column === "name" || column === "township") { return value; }
    if (app.unknown(value)) { return ""; }
    if (column === "minutes") { return value === Infinity ? word("map.unreached") : app.minutes(value); }
    if (column === "deficit" || column === "value") { return app.figure(value, unitOf(column, row)); }
    return app.number(Math.round(value), 0);
  }

  /** Rows of the table in the order shown. @param {State} state */
  app.tableRows = function (state) {
    var all = app.judgedUnits(app.told()) || app.data.communities.code.map(function (ignored, row) { return row; }), sign = state.down ? -1 : 1;
    return all.filter(function (row) { return show(state, row); }).sort(function (a, b) {
      var x = valueOf(state.sort, a), y = valueOf(state.sort, b), tie = typeof a === "number" ? a - b : 0;
      if (app.unknown(x) || app.unknown(y)) { return Number(app.unknown(x)) - Number(app.unknown(y)) || tie; }
      return (typeof x === "string" ? x.localeCompare(y, "zh-CN") : x - y) * sign || tie;
    });
  };

  function columns() {
    var units = app.judgedUnits(app.told());
    if (units) { return COLUMNS.filter(function (column) { return column !== "minutes" && column !== "residents" && (column !== "township" || units.some(function (unit) { return unit.township >= 0 && unit.level !== "township"; })); }); }
    return COLUMNS.filter(function (column) { return (column !== "minutes" || app.hasMinutes(app.toldRule())) && (column !== "township" || app.data.townships.length) && (app.knowsResidents() || (column !== "people" && column !== "residents")); });
  }

  /* The heading of a column; units that are no communities are named by their level. */
  function columnWords(column) {
    var level = app.judgedLevel(app.told()), services = app.judgedServices(app.told());
    if (column === "name" && services.length && app.told().facilities.level === level) { return app.list(services.map(app.serviceName)); }
    if (column === "name" && (level === "city" || level === "province")) { return word("map.whole-city"); }
    return column === "name" && level !== "community" ? app.sentence(word("status." + level)) : word("map.column." + column, { mode: app.modeWords() });
  }

  function drawHead(state) {
    var table = app.empty(app.byId("table")), head = node("thead"), line = node("tr");
    columns().forEach(function (column) {
      var cell = node("th", WORDS.indexOf(column) < 0 ? "number" : ""), sorted = state.sort === column;
      cell.scope = "col";
      cell.setAttribute("aria-sort", sorted ? state.down ? "descending" : "ascending" : "none");
      cell.appendChild(app.link(columnWords(column) + (sorted ? state.down ? " ▼" : " ▲" : ""), function () { app.choose({ sort: column, down: sorted ? !state.down : column !== "name" && column !== "township" }); }, "sort"));
      line.appendChild(cell);
    });
    head.appendChild(line);
    table.appendChild(head);
    table.appendChild(node("tbody"));
    table.setAttribute("aria-rowcount", String(rows.length + 1));
    lines.clear();
    drawn = "";
  }

  function openRow(row) {
    if (typeof row === "number") { app.choose({ community: row, fly: true }); } else { app.showUnit(row); }
  }

  /** Whether a row is the one chosen. @param {State} state */
  function isChosen(state, row) {
    if (typeof row === "number") { return row === state.community; }
    return row.facility ? Boolean(state.facility) && row.facility.service === state.facility.service && row.facility.row === state.facility.row : row.level === "township" && row.township === state.township && state.community === null;
  }

  /* A row without figures yet; which row it shows is told by its data-at, which community by its data-row. */
  function blankLine() {
    var line = node("tr");
    columns().forEach(function (column) {
      var cell = node(column === "name" ? "th" : "td", WORDS.indexOf(column) >= 0 ? "words" : "");
      if (column === "name") {
        cell.scope = "row";
        cell.appendChild(app.link("", function () { openRow(rows[Number(line.dataset.at)]); }));
      }
      line.appendChild(cell);
    });
    line.addEventListener("mouseenter", function () { app.glimpse(rows[Number(line.dataset.at)]); });
    line.addEventListener("mouseleave", function () { app.glimpse(null); });
    return line;
  }

  function fillLine(line, at) {
    var row = rows[at];
    line.className = isChosen(app.state, row) ? "chosen" : row === pointed ? "under" : "";
    line.setAttribute("aria-rowindex", String(at + 2));
    line.dataset.at = String(at);
    line.dataset.row = typeof row === "number" ? String(row) : row.code;
    columns().forEach(function (column, place) {
      var cell = line.cells[place];
      (column === "name" ? cell.firstChild : cell).textContent = cellWords(column, row);
    });
  }

  /* A blank row as high as the rows that are not there. */
  function gap(count) {
    var line = node("tr", "gap"), cell = node("td");
    cell.colSpan = columns().length;
    cell.style.height = count * HIGH + "px";
    line.setAttribute("aria-hidden", "true");
    line.appendChild(cell);
    return line;
  }

  /* Only the rows in sight are there; blank ones above and below keep the scroll bar honest. A row that leaves
     on one side comes back on the other with other figures, unless the keyboard is in it. */
  function drawRows() {
    var scroll = app.byId("table-scroll"), body = app.byId("table").tBodies[0];
    if (!body) { return; }
    var first = Math.max(0, Math.floor(scroll.scrollTop / HIGH) - SPARE), last = Math.min(rows.length, first + Math.ceil((scroll.clientHeight || 300) / HIGH) + 2 * SPARE);
    if (drawn === first + "/" + last) { return; }
    drawn = first + "/" + last;
    var spare = [];
    body.querySelectorAll(".gap").forEach(function (line) { line.remove(); });
    lines.forEach(function (line, at) {
      if (at >= first && at < last) { return; }
      lines.delete(at);
      if (line.contains(document.activeElement)) { line.remove(); } else { spare.push(line); }
    });
    for (var at = last - 1, next = null; at >= first; at -= 1) {
      var line = lines.get(at);
      if (!line) {
        line = spare.pop() || blankLine();
        fillLine(line, at);
        lines.set(at, line);
      }
      if (line.parentNode !== body || line.nextSibling !== next) { body.insertBefore(line, next); }
      next = line;
    }
    spare.forEach(function (line) { line.remove(); });
    if (first) { body.insertBefore(gap(first), body.firstChild); }
    if (last < rows.length) { body.appendChild(gap(rows.length - last)); }
  }

  /* The row of the community under the pointer on the map, now and when it is scrolled into sight. @param {number} row */
  app.markRow = function (row) {
    var before = pointed;
    pointed = row;
    lines.forEach(function (line, at) { if (rows[at] === before || rows[at] === row) { fillLine(line, at); } });
  };

  /* Scrolls to the community chosen where its row is out of sight. */
  function bringRow(state) {
    var at = rows.findIndex(function (row) { return isChosen(state, row); }), scroll = app.byId("table-scroll"), head = app.byId("table").tHead.offsetHeight;
    if (at < 0 || (at * HIGH >= scroll.scrollTop && (at + 1) * HIGH + head <= scroll.scrollTop + scroll.clientHeight)) { return; }
    scroll.scrollTop = Math.max(0, at * HIGH - (scroll.clientHeight - head - HIGH) / 2);
  }

  /* A list to choose from, named by its label. @param {string[][]} choices */
  function filter(name, label, choices, chosen, act) {
    var select = node("select");
    select.setAttribute("aria-label", label);
    select.id = "filter-" + name;
    choices.forEach(function (one) { select.appendChild(app.option(one[0], one[1], one[0] === chosen)); });
    select.addEventListener("change", function () { act(select.value); });
    return select;
  }

  /* At least so many residents affected; not where nobody knows how many there are. @param {State} state */
  function peopleFilter(state) {
    var label = node("label", "least", word("map.filter-people")), box = node("input");
    box.type = "number";
    box.min = "0";
    box.step = "100";
    box.id = "filter-people";
    box.value = state.least ? String(state.least) : "";
    box.addEventListener("change", function () { app.choose({ least: Math.max(0, Number(box.value) || 0) }); });
    label.appendChild(box);
    return label;
  }

  /** @param {State} state */
  function drawFilters(state) {
    var holder = app.empty(app.byId("table-filters"));
    holder.appendChild(filter("status", word("map.filter-status"), SHOWN.map(function (one) { return [one, word(one === "all" && app.judgedUnits(app.told()) ? "map.show.all-units" : "map.show." + one)]; }), state.show, function (one) { app.choose({ show: one }); }));
    holder.appendChild(filter("certainty", word("map.filter-certainty"), Object.keys(SURE).map(function (one) { return [one, one === "any" ? word("map.any-certainty") : app.sentence(word("status." + one))]; }), state.sure, function (one) { app.choose({ sure: one }); }));
    if (app.data.townships.length) {
      var all = [["", word("map.all-townships")]].concat(app.data.townships.map(function (one, at) { return [String(at), one.name]; }));
      holder.appendChild(filter("township", word("map.filter-township"), all, state.only === null ? "" : String(state.only), function (one) { app.choose({ only: one === "" ? null : Number(one) }); }));
    }
    if (app.knowsResidents()) { holder.appendChild(peopleFilter(state)); }
    var csv = app.link(word("map.save-table"), app.saveTable, "plain");
    csv.id = "csv-button";
    holder.appendChild(csv);
  }

  function draw(state) {
    rows = app.tableRows(state);
    var open = state.open || state.tab === "table", toggle = app.byId("table-toggle");
    toggle.textContent = (state.open ? "▾ " : "▴ ") + (app.judgedUnits(app.told()) ? word("map.table-of-units", { n: app.number(rows.length), name: app.judgedWords(app.judgedLevel(app.told())) }) : word("map.table-of", { n: app.number(rows.length) })) + (state.against ? " · " + app.ruleTitle(app.toldRule()) : "");
    toggle.setAttribute("aria-expanded", String(open));
    document.body.classList.toggle("table-open", state.open);
    app.byId("table-body").hidden = !open;
    app.byId("table-filters").hidden = !open;
    drawFilters(state);
    app.byId("table-columns").textContent = word("map.swipe-columns", { n: app.number(columns().length) });
    if (!open) { return; }
    drawHead(state);
    app.byId("table-scroll").scrollTop = 0;
    drawRows();
  }

  /** The rows stay where they are: another one of them is the chosen one. @param {State} state */
  function drawChosen(state) {
    if (app.byId("table-body").hidden) { return; }
    lines.forEach(fillLine);
    bringRow(state);
  }

  /* Whether figures of a column are in several units: what a clause joins by "or" may decide side by side. */
  function isMixed(column) {
    var units = column === "value" ? app.judgedUnits(app.told()) || [] : [];
    return units.some(function (unit) { return unit.unit !== units[0].unit; });
  }

  function csvHead(column) {
    var first = (app.judgedUnits(app.told()) || [])[0] || {}, unit = isMixed(column) ? "" : { deficit: unitOf("deficit", first), value: unitOf("value", first) }[column];
    if (column === "code" || PLACE.indexOf(column) >= 0) { return word("map.column." + column); }
    return columnWords(column) + (unit ? word("map.bracketed", { name: unit === "share" ? "%" : word("status.unit." + unit) }) : "");
  }

  /* Latitude (0) or longitude (1) of a row, blank where the page knows no place of it. */
  function placeCell(row, which) {
    var place = app.placeOfRow(row);
    return place ? Number(place[which].toFixed(5)) : "";
  }

  function csvCell(column, row) {
    if (PLACE.indexOf(column) >= 0) { return placeCell(row, PLACE.indexOf(column)); }
    if (column === "code") { return typeof row === "number" ? app.data.communities.code[row] : row.code; }
    var value = valueOf(column, row), unit = { deficit: unitOf(column, row), value: unitOf(column, row), minutes: "min" }[column] || "persons";
    if (column === "status" || column === "name" || column === "township" || isMixed(column)) { return cellWords(column, row); }
    return app.unknown(value) || !isFinite(value) ? "" : app.roundedFigure(value, unit);
  }

  /* Text as a cell of CSV, no cell of it a formula. */
  function quoted(words) {
    var plain = String(words).replace(/^(\s*)(?=[=+\-@\t＝＋－＠])/, "$1'");
    return /[",\n]/.test(plain) ? "\"" + plain.replace(/"/g, "\"\"") + "\"" : plain;
  }

  /* The rows shown as a CSV file that a Chinese Excel opens as it is, its figures rounded as the table tells them. */
  app.tableCsv = function () {
    var head = ["code"].concat(columns(), PLACE), lines = [head.map(csvHead)].concat(app.tableRows(app.state).map(function (row) { return head.map(function (column) { return csvCell(column, row); }); }));
    return "\ufeff" + lines.map(function (line) { return line.map(function (one) { return typeof one === "number" ? String(one) : quoted(one); }).join(","); }).join("\r\n") + "\r\n";
  };

  app.wireTable = function () {
    app.byId("table-scroll").addEventListener("scroll", drawRows, { passive: true });
    app.byId("table-toggle").addEventListener("click", function () {
      var whole = app.seesAll();
      app.choose({ open: !app.state.open });
      app.map.invalidateSize({ animate: false });
      // who saw the whole study sees it still
      if (whole) { app.showAll(); }
    });
  };

  app.part("table", ["lang", "view", "theme", "compare", "against", "side", "sort", "down", "show", "sure", "least", "only", "open", "tab"], draw);
  app.part("table-row", ["community", "facility", "township", "open", "tab"], drawChosen);
}(lifecircle));
