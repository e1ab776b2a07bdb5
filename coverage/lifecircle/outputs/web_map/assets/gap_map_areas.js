"use strict";
/* Units of a rule that are neither communities nor above them: life circles, estates, grid cells, each in its outline. */
(function (app) {
  var word = app.word, SMALL = 12, NAMED = 74, FEW = 60;
  /* How the plan's count stands where a unit has no verdict of its own: it is in the count, or would still add to it. */
  var COUNTED = "m", ADDS = "s";

  function shapesOf(level) {
    var layer = app.data.areas[level];
    if (!layer.flat) {
      layer.flat = layer.shape.map(function (text) { return app.flattened([].concat.apply([], app.polygons(text, app.data.origin))); });
    }
    return layer.flat;
  }

  /* The middle of a unit's outline, in degrees. */
  function middleOf(level, row) {
    var centre = L.latLngBounds([].concat.apply([], [].concat.apply([], app.polygons(app.data.areas[level].shape[row], app.data.origin)))).getCenter();
    return [centre.lat, centre.lng];
  }

  function adds(area, at) { return area.status.charAt(at) === "c" && !app.unknown(app.at(area.adds, at)); }

  /* The mark that a unit is drawn by. */
  function markOf(area, at) { return adds(area, at) ? area.adds[at] > 0 ? ADDS : COUNTED : area.status.charAt(at); }

  function wordsOf(area, at) { return adds(area, at) ? word(area.adds[at] > 0 ? "map.unit.adds" : "map.unit.counted") : app.statusWords(area.status.charAt(at)); }

  function levelWords(level) { return app.sentence(word("status." + level)); }

  /* A finding of the list of verdicts that is about a unit drawn: its row among the level's outlines; -1 for others. */
  function rowOf(unit) {
    var layer = app.data.areas[unit.level];
    if (!layer) { return -1; }
    layer.rows = layer.rows || new Map(layer.code.map(function (code, row) { return [code, row]; }));
    var found = layer.rows.get(unit.code);
    return found === undefined ? -1 : found;
  }

  /* Where a unit is, in degrees, and its outline; null for one that is not drawn. @param {{ level: string, code: string }} unit */
  app.areaOf = function (unit) {
    var row = rowOf(unit), layer = app.data.areas[unit.level];
    return row < 0 || !layer.shape[row] ? null : { place: middleOf(unit.level, row), shape: app.polygons(layer.shape[row], app.data.origin) };
  };

  function eachUnit(theme, act) {
    (theme.areas || []).forEach(function (area) {
      area.row.forEach(function (row, at) { if (app.data.areas[area.level].shape[row]) { act(area, at, app.data.areas[area.level], row); } });
    });
  }

  /* How large a unit is on the screen, by its longer side in pixels. */
  function sizeOf(map, flat) {
    var scale = Math.pow(2, map.getZoom()), box = flat.reduce(function (all, line) { return [Math.min(all[0], line.box[0]), Math.min(all[1], line.box[1]), Math.max(all[2], line.box[2]), Math.max(all[3], line.box[3])]; }, [Infinity, Infinity, -Infinity, -Infinity]);
    return [(box[2] - box[0]) * scale, (box[3] - box[1]) * scale];
  }

  app.drawAreas = function (brush, map, size) {
    app.inHalves(brush, size, function (half) {
      var marks = [];
      eachUnit(half.theme, function (area, at, layer, row) {
        var mark = markOf(area, at), border = app.border(mark), flat = shapesOf(area.level)[row], wide = sizeOf(map, flat);
        app.trace(brush, map, size, flat);
        brush.globalAlpha = 0.85;
        brush.fillStyle = app.plainFill(mark);
        brush.fill("evenodd");
        brush.globalAlpha = 1;
        brush.strokeStyle = border.color;
        brush.lineWidth = 1.4;
        brush.setLineDash(border.dashArray ? border.dashArray.split(" ").map(Number) : []);
        brush.stroke();
        brush.setLineDash([]);
        // of many only those that fall short are marked
        if (Math.max(wide[0], wide[1]) < SMALL && (area.row.length <= FEW || app.isShort(mark))) { marks.push([map.latLngToContainerPoint(middleOf(area.level, row)), mark]); }
      });
      marks.forEach(function (one) { app.drawMark(brush, one[0].x, one[0].y, 4.5, one[1]); });
    });
  };

  /**
   * How a unit stands that the plan counts with others as a whole: counted already or not; null for one with a verdict of its own.
   * @param {Theme} theme @param {{ level: string, code: string }} unit
   */
  app.standingOf = function (theme, unit) {
    var row = rowOf(unit), area = row < 0 ? undefined : (theme.areas || []).find(function (one) { return one.level === unit.level; }), at = area ? area.row.indexOf(row) : -1;
    return area && at >= 0 && adds(area, at) ? { mark: markOf(area, at), words: wordsOf(area, at) } : null;
  };

  /* Units that have room for their name, those that fall short first: [{place, lines}]. */
  app.areaLabels = function (half, map) {
    var found = [];
    eachUnit(half.theme, function (area, at, layer, row) {
      if (sizeOf(map, shapesOf(area.level)[row])[0] < NAMED) { return; }
      found.push({ short: app.isShort(markOf(area, at)), place: middleOf(area.level, row), lines: [layer.name[row], wordsOf(area, at)] });
    });
    return found.sort(function (a, b) { return Number(b.short) - Number(a.short); });
  };

  /* Every unit of one level that is drawn under a rule: code, name, status and figure. @param {Theme} theme @param {string} level */
  app.drawnUnits = function (theme, level) {
    var found = [];
    eachUnit(theme, function (area, at, layer, row) {
      if (area.level === level) { found.push({ code: layer.code[row], name: layer.name[row], status: area.status.charAt(at), value: area.value[at] }); }
    });
    return found;
  };

  /* What the legend says of them: a mark, its words and how many there are, for each look. */
  app.areaLines = function (theme) {
    var lines = [];
    eachUnit(theme, function (area, at) {
      var said = levelWords(area.level) + word("map.colon") + wordsOf(area, at), line = lines.find(function (one) { return one.words === said; });
      if (!line) { lines.push(line = { mark: markOf(area, at), words: said, count: 0 }); }
      line.count += 1;
    });
    return lines.sort(function (a, b) { return Number(app.isShort(b.mark)) - Number(app.isShort(a.mark)); });
  };

  function inside(flat, x, y) {
    var odd = false;
    flat.forEach(function (line) {
      for (var at = 0, last = line.x.length - 1; at < line.x.length; last = at, at += 1) {
        if ((line.y[at] > y) !== (line.y[last] > y) && x < (line.x[last] - line.x[at]) * (y - line.y[at]) / (line.y[last] - line.y[at]) + line.x[at]) { odd = !odd; }
      }
    });
    return odd;
  }

  /* Words for the units under a place of the map. @param {Theme} theme */
  app.areasAt = function (theme, latlng) {
    var world = app.map.project(latlng, 0), told = [];
    eachUnit(theme, function (area, at, layer, row) {
      if (inside(shapesOf(area.level)[row], world.x, world.y)) { told.push(layer.name[row] + word("map.colon") + wordsOf(area, at)); }
    });
    return told;
  };
}(lifecircle));
