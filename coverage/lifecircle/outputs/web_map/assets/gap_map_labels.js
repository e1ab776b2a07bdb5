"use strict";
/* Names of the communities that fall short, those that lack most first, where they run into nothing. */
(function (app) {
  var word = app.word, BESIDE = 6, WIDEST = 150;
  app.FONTS = "'Noto Sans SC', 'Noto Sans CJK SC', 'Microsoft YaHei', 'PingFang SC', sans-serif";

  /* What stands on the map at a community: its name (the code of a cell of a grid is none), and a figure where there is one of its own. @param {number} row @param {any} [side] the half of a divided map */
  app.labelLines = function (row, side) {
    var half = side || app.halves(app.map.getSize())[0], theme = half.theme, mark = theme.status[row], missing = app.at(theme.deficit, row);
    var lines = app.data.communities.kind[row] === "cell" ? [] : [app.communityName(row)];
    if (half.measure === "minutes") {
      var minutes = app.minutesOf(theme, row, half.before);
      lines.push(minutes === Infinity ? word("map.unreached") : minutes === null ? word("status.no-data") : app.figure(minutes, "min"));
    } else if (app.state.after && theme.status[row] !== half.rule.status[row]) {
      lines.push(app.turnWords(half.rule.status[row], mark));
    } else if (app.isShort(mark) && !app.unknown(missing) && (!theme.level || theme.level === "community")) {
      // what a county or the city lacks is not missing in each of its communities
      lines.push("−" + app.figure(missing, theme.deficit_unit));
    }
    return lines;
  };

  /* A name cut where it is too wide for the map; the panel and the table have the whole. */
  function clipped(brush, words, most) {
    var shown = words;
    while (shown.length > 1 && brush.measureText(shown + (shown === words ? "" : "…")).width > most) { shown = shown.slice(0, -1); }
    return shown === words ? words : shown + "…";
  }

  function overlaps(box, taken) {
    return taken.some(function (other) {
      return box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3];
    });
  }

  /* The community chosen, then those short by the size of the gap; the others only close by. */
  function order(theme, close) {
    var short = app.shortRows(theme), rest = [];
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
    return app.pinPlaces(map).map(function (pin) { return pin.box; });
  }

  /* Where a name may stand: on its community, or beside it for the few that lack most, away from the middle. */
  function places(at, wide, tall, middle) {
    var across = wide / 2 + 22, along = tall / 2 + 20, out = middle ? [at.x - middle.x, at.y - middle.y] : null;
    var round = [[across, 0], [-across, 0], [0, along], [0, -along], [across, along], [-across, along], [across, -along], [-across, -along]].map(function (off) {
      return { off: off, away: out ? (off[0] * out[0] + off[1] * out[1]) / Math.hypot(off[0], off[1]) : 0 };
    });
    var beside = round.filter(function (one) { return one.away > 0; }).sort(function (a, b) { return b.away - a.away; });
    return [[0, 0]].concat(beside.map(function (one) { return one.off; })).map(function (off) { return { x: at.x + off[0], y: at.y + off[1] }; });
  }

  /* The middle of the communities, where they are densest. */
  function middleOf(map) {
    var all = app.data.communities, sorted = [all.x, all.y].map(function (values) { return values.slice().sort(function (a, b) { return a - b; })[values.length >> 1]; });
    return map.latLngToContainerPoint(app.place(sorted[0], sorted[1], app.data.origin));
  }

  function boxOf(spot, wide, tall) { return [spot.x - wide / 2 - 4, spot.y - tall / 2 - 1, spot.x + wide / 2 + 4, spot.y + tall / 2 + 1]; }

  /* A thin line from a community to the name that stands beside it. */
  function leader(brush, at, spot, wide, tall) {
    var x = Math.max(spot.x - wide / 2, Math.min(at.x, spot.x + wide / 2)), y = Math.max(spot.y - tall / 2, Math.min(at.y, spot.y + tall / 2));
    brush.save();
    ["rgba(255, 255, 255, 0.92)", "#1c1a17"].forEach(function (colour, layer) {
      brush.strokeStyle = colour;
      brush.lineWidth = layer ? 1 : 3;
      brush.beginPath();
      brush.moveTo(at.x, at.y);
      brush.lineTo(x, y);
      brush.stroke();
    });
    brush.fillStyle = "#1c1a17";
    brush.beginPath();
    brush.arc(at.x, at.y, 2, 0, 2 * Math.PI);
    brush.fill();
    brush.restore();
  }

  /* What stands over the map: the legend, controls, names of the sides of a divided map; in pixels of the map. */
  function overMap() {
    var frame = app.byId("gap_map").getBoundingClientRect();
    return Array.from(document.querySelectorAll("#key, #gap_map .leaflet-control, .side:not([hidden])")).map(function (part) {
      var box = part.getBoundingClientRect();
      return [box.left - frame.left, box.top - frame.top, box.right - frame.left, box.bottom - frame.top];
    });
  }

  /* Writes every name that has room; the page knows which ones, in what order, and all ground that is taken. */
  function draw(brush, map, size) {
    var over = overMap(), taken = over.concat(map.hasLayer(app.layers.facilities) ? app.writtenBoxes : [], pins(map)), leaders = 0;
    app.labelled = [];
    app.halves(size).forEach(function (half) { leaders += drawHalf(brush, map, size, half, taken); });
    app.labelBoxes = taken.slice(over.length);
    // the legend tells of them once there are any
    if (Boolean(leaders) !== app.hasLeaders) { app.hasLeaders = Boolean(leaders); if (app.legendAgain) { app.legendAgain(); } }
  }

  /* The names of one half, none of them across its edge; how many needed a line to where they belong. */
  function drawHalf(brush, map, size, half, taken) {
    var all = app.data.communities, leaders = 0, close = map.getZoom() >= 14.5, middle = middleOf(map);
    brush.textAlign = "center";
    brush.textBaseline = "middle";
    brush.lineJoin = "round";
    brush.lineWidth = 3;
    brush.strokeStyle = "rgba(255, 255, 255, 0.92)";
    order(half.theme, close).forEach(function (row, rank) {
      if (!close && all.kind[row] === "cell") { return; } // the colour of hundreds of cells says what each lacks
      var at = map.latLngToContainerPoint(app.place(all.x[row], all.y[row], app.data.origin));
      if (at.x < half.from || at.y < 0 || at.x > half.to || at.y > size.y) { return; }
      var lines = app.labelLines(row, half);
      if (!lines.length) { return; }
      brush.font = "600 12px " + app.FONTS;
      lines[0] = clipped(brush, lines[0], WIDEST);
      var wide = brush.measureText(lines[0]).width;
      brush.font = "10.5px " + app.FONTS;
      if (lines[1]) { wide = Math.max(wide, brush.measureText(lines[1]).width); }
      var tall = lines.length > 1 ? 30 : 16;
      var spot = places(at, wide, tall, rank < BESIDE && app.isShort(half.theme.status[row]) ? middle : null).find(function (place) {
        var box = boxOf(place, wide, tall);
        return box[0] >= half.from && box[2] <= half.to && !overlaps(box, taken);
      });
      if (!spot) { return; }
      taken.push(boxOf(spot, wide, tall));
      app.labelled.push(row);
      if (spot.x !== at.x || spot.y !== at.y) { leader(brush, at, spot, wide, tall); leaders += 1; }
      brush.fillStyle = "#1c1a17";
      write(brush, lines[0], spot.x, lines.length > 1 ? spot.y - 7 : spot.y, 12, true);
      if (lines.length > 1) { write(brush, lines[1], spot.x, spot.y + 8, 10.5, false); }
    });
    brush.font = "600 12px " + app.FONTS;
    app.areaLabels(half, map).forEach(function (one) { writeUnit(brush, map.latLngToContainerPoint(one.place), half, one.lines, taken); });
    return leaders;
  }

  /* The name of a unit that is no community, in its middle where that is free. */
  function writeUnit(brush, at, half, lines, taken) {
    var named = clipped(brush, lines[0], WIDEST), wide = Math.max(brush.measureText(named).width, 60), box = boxOf(at, wide, 30);
    if (box[0] < half.from || box[2] > half.to || overlaps(box, taken)) { return; }
    taken.push(box);
    brush.fillStyle = "#1c1a17";
    write(brush, named, at.x, at.y - 7, 12, true);
    write(brush, lines[1], at.x, at.y + 8, 10.5, false);
  }

  app.nameLayer = function () { return new app.Sketch("names", draw); };
}(lifecircle));
