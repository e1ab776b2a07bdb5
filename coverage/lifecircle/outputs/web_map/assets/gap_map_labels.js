"use strict";
/* Names of communities where they fit, the most populous first; below, what is missing, the minutes or the turn. */
(function (app) {
  var word = app.word;

  function written(row) {
    var theme = app.state.view, mark = theme.status[row], missing = (theme.deficit || [])[row];
    var lines = [app.communityName(row)];
    if (app.state.measure === "minutes") {
      var minutes = app.minutesOf(theme, row);
      lines.push(minutes === Infinity ? word("map.unreached") : minutes === null ? word("status.no-data") : app.figure(minutes, "min"));
    } else if (app.state.after && theme.status[row] !== app.state.theme.status[row]) {
      lines.push(app.turnWords(app.state.theme.status[row], mark));
    } else if (app.isShort(mark)) {
      lines.push((mark === "p" ? "? " : "") + (missing === null || missing === undefined ? word("status.short") : "−" + app.figure(missing, theme.deficit_unit)));
    } else if (mark === "d" || mark === "a") {
      lines.push(app.word(mark === "d" ? "status.no-data" : "status.not-applicable"));
    }
    return lines;
  }

  function overlaps(box, taken) {
    return taken.some(function (other) {
      return box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3];
    });
  }

  function order() {
    var people = app.data.communities.residents;
    app.byPeople = app.byPeople || people.map(function (ignored, row) { return row; }).sort(function (a, b) { return (people[b] || 0) - (people[a] || 0); });
    return app.byPeople;
  }

  function write(brush, words, x, y, size, bold) {
    brush.font = (bold ? "600 " : "") + size + "px 'Noto Sans CJK SC', 'Noto Sans SC', 'Microsoft YaHei', 'PingFang SC', sans-serif";
    brush.strokeText(words, x, y);
    brush.fillText(words, x, y);
  }

  function draw(brush, map, size) {
    /* What is written beside facilities that fall short keeps its place. */
    var taken = app.map.hasLayer(app.layers.facilities) ? app.writtenBoxes.slice() : [], all = app.data.communities, view = map.getBounds().pad(0.05);
    brush.textAlign = "center";
    brush.textBaseline = "middle";
    brush.lineJoin = "round";
    brush.lineWidth = 3;
    brush.strokeStyle = "rgba(255, 255, 255, 0.9)";
    order().forEach(function (row) {
      var place = app.place(all.x[row], all.y[row], app.data.origin);
      if (!view.contains(place)) { return; }
      var bounds = app.shapes[row].getBounds();
      var width = map.latLngToContainerPoint(bounds.getNorthEast()).x - map.latLngToContainerPoint(bounds.getSouthWest()).x;
      if (width < 34) { return; }
      var lines = written(row), at = map.latLngToContainerPoint(place);
      brush.font = "600 12px sans-serif";
      var wide = Math.min(brush.measureText(lines[0]).width, 220), tall = lines.length > 1 ? 30 : 16;
      var box = [at.x - wide / 2 - 3, at.y - tall / 2, at.x + wide / 2 + 3, at.y + tall / 2];
      if (wide > width * 1.25 || overlaps(box, taken)) { return; }
      taken.push(box);
      brush.fillStyle = "#1c1a17";
      write(brush, lines[0], at.x, lines.length > 1 ? at.y - 7 : at.y, 12, true);
      if (lines.length > 1 && wide * 1.6 > brush.measureText(lines[1]).width * 0.9) { write(brush, lines[1], at.x, at.y + 8, 10.5, false); }
    });
  }

  app.nameLayer = function () { return new app.Sketch("names", draw); };
}(lifecircle));
