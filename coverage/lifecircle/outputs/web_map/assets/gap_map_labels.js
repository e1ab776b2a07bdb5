"use strict";
/* Names of the communities that fall short, those that lack most first, where they run into nothing. */
(function (app) {
  var word = app.word;
  app.FONTS = "'Noto Sans SC', 'Noto Sans CJK SC', 'Microsoft YaHei', 'PingFang SC', sans-serif";

  function written(row) {
    var theme = app.state.view, mark = theme.status[row], missing = app.at(theme.deficit, row);
    var lines = [app.communityName(row)];
    if (app.state.measure === "minutes") {
      var minutes = app.minutesOf(theme, row);
      lines.push(minutes === Infinity ? word("map.unreached") : minutes === null ? word("status.no-data") : app.figure(minutes, "min"));
    } else if (app.state.after && theme.status[row] !== app.state.theme.status[row]) {
      lines.push(app.turnWords(app.state.theme.status[row], mark));
    } else if (app.isShort(mark) && !app.unknown(missing)) {
      lines.push((mark === "p" ? "? " : "") + "−" + app.figure(missing, theme.deficit_unit));
    }
    return lines;
  }

  function overlaps(box, taken) {
    return taken.some(function (other) {
      return box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3];
    });
  }

  /* The community chosen, then those short by the size of the gap; the others only close by. */
  function order(close) {
    var theme = app.state.view, short = app.shortRows(theme), rest = [];
    if (app.state.community !== null) { short = [app.state.community].concat(short.filter(function (row) { return row !== app.state.community; })); }
    if (close) {
      app.data.communities.code.forEach(function (ignored, row) { if (short.indexOf(row) < 0) { rest.push(row); } });
    }
    return short.concat(rest);
  }

  function write(brush, words, x, y, size, bold) {
    brush.font = (bold ? "600 " : "") + size + "px " + app.FONTS;
    brush.strokeText(words, x, y);
    brush.fillText(words, x, y);
  }

  /* Pins keep their place, too. */
  function pins(map) {
    if (!map.hasLayer(app.layers.proposals)) { return []; }
    return app.sitesOf(app.state.theme).map(function (site) {
      var at = map.latLngToContainerPoint(app.place(site.x, site.y, app.data.origin));
      return [at.x - 15, at.y - 38, at.x + 15, at.y];
    });
  }

  function draw(brush, map, size) {
    var taken = (map.hasLayer(app.layers.facilities) ? app.writtenBoxes : []).concat(pins(map)), all = app.data.communities;
    var close = map.getZoom() >= 14.5;
    brush.textAlign = "center";
    brush.textBaseline = "middle";
    brush.lineJoin = "round";
    brush.lineWidth = 3;
    brush.strokeStyle = "rgba(255, 255, 255, 0.92)";
    order(close).forEach(function (row) {
      var at = map.latLngToContainerPoint(app.place(all.x[row], all.y[row], app.data.origin));
      if (at.x < 0 || at.y < 0 || at.x > size.x || at.y > size.y) { return; }
      var lines = written(row);
      brush.font = "600 12px " + app.FONTS;
      var wide = Math.min(brush.measureText(lines[0]).width, 200);
      brush.font = "10.5px " + app.FONTS;
      if (lines[1]) { wide = Math.max(wide, brush.measureText(lines[1]).width); }
      var tall = lines.length > 1 ? 30 : 16, box = [at.x - wide / 2 - 4, at.y - tall / 2 - 1, at.x + wide / 2 + 4, at.y + tall / 2 + 1];
      if (box[0] < 0 || box[2] > size.x || overlaps(box, taken)) { return; }
      taken.push(box);
      brush.fillStyle = "#1c1a17";
      write(brush, lines[0], at.x, lines.length > 1 ? at.y - 7 : at.y, 12, true);
      if (lines.length > 1) { write(brush, lines[1], at.x, at.y + 8, 10.5, false); }
    });
    app.labelBoxes = taken;
  }

  app.nameLayer = function () { return new app.Sketch("names", draw); };
}(lifecircle));
