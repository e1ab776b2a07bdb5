"use strict";
/* How far one walks in 5, 10 and 15 minutes from a place clicked: the streets of the page, walked here. */
(function (app) {
  var BANDS = [15, 10, 5], COLOURS = { 15: "#a1d99b", 10: "#41ab5d", 5: "#006d2c" }, WIDE_M = 60, FARTHEST_M = 300;
  var EARTH_M = 111195;
  var graph = null;

  /* Metres east and north of the page's origin, near enough over a city. */
  function metres(place) {
    var origin = app.data.origin, north = origin[1] / 1e5;
    return [(place[1] - origin[0] / 1e5) * EARTH_M * Math.cos(north * Math.PI / 180), (place[0] - north) * EARTH_M];
  }

  app.hasNetwork = function () { return Boolean(app.data.network && app.data.network.lines); };

  /* Stretches between junctions, each known by the places of its ends; built when first asked for. */
  app.walkGraph = function () {
    if (graph) { return graph; }
    var net = app.data.network, numbers = {}, closed = {};
    graph = { lines: [], from: [], to: [], length: net.length_m, box: [], at: [], shut: closed };
    net.closed.forEach(function (place) { closed[place] = true; });
    function junction(place) {
      var key = place[0].toFixed(5) + "/" + place[1].toFixed(5);
      if (numbers[key] === undefined) { numbers[key] = graph.at.length; graph.at.push([]); }
      return numbers[key];
    }
    app.lines(net.lines, app.data.origin).forEach(function (line, number) {
      var flat = line.map(metres), x = flat.map(function (one) { return one[0]; }), y = flat.map(function (one) { return one[1]; });
      graph.lines.push(flat);
      graph.from.push(junction(line[0]));
      graph.to.push(junction(line[line.length - 1]));
      graph.at[graph.from[number]].push(number);
      graph.at[graph.to[number]].push(number);
      graph.box.push([Math.min.apply(null, x), Math.min.apply(null, y), Math.max.apply(null, x), Math.max.apply(null, y)]);
    });
    return graph;
  };

  /* Nearest place on a stretch: how far away in a straight line, and what share of the stretch lies before it. */
  function nearestOn(line, spot) {
    var best = { away: Infinity, share: 0 }, gone = 0;
    for (var at = 1; at < line.length; at += 1) {
      var a = line[at - 1], b = line[at], dx = b[0] - a[0], dy = b[1] - a[1], long = Math.sqrt(dx * dx + dy * dy);
      var t = long ? Math.max(0, Math.min(1, ((spot[0] - a[0]) * dx + (spot[1] - a[1]) * dy) / (long * long))) : 0;
      var away = Math.sqrt(Math.pow(a[0] + t * dx - spot[0], 2) + Math.pow(a[1] + t * dy - spot[1], 2));
      if (away < best.away) { best = { away: away, share: gone + t * long }; }
      gone += long;
    }
    return { away: best.away, share: best.share / (gone || 1) };
  }

  /* The street that a place joins: the nearest that may be joined, within 300 m; null where there is none. */
  app.joined = function (spot) {
    var net = app.walkGraph(), best = null;
    net.lines.forEach(function (line, number) {
      var box = net.box[number], reach = best ? best.away : FARTHEST_M;
      if (net.shut[number] || box[0] - reach > spot[0] || box[2] + reach < spot[0] || box[1] - reach > spot[1] || box[3] + reach < spot[1]) { return; }
      var found = nearestOn(line, spot);
      if (found.away <= reach) { best = { away: found.away, share: found.share, number: number }; }
    });
    return best;
  };

  /* The next junction in order of distance: a binary heap of [metres, junction]. */
  function push(heap, entry) {
    var at = heap.push(entry) - 1;
    while (at) {
      var above = (at - 1) >> 1;
      if (heap[above][0] <= heap[at][0]) { return; }
      var moved = heap[above];
      heap[above] = heap[at];
      heap[at] = moved;
      at = above;
    }
  }

  function pop(heap) {
    var first = heap[0], last = heap.pop(), at = 0;
    if (!heap.length) { return first; }
    heap[0] = last;
    for (;;) {
      var child = 2 * at + 1;
      if (child >= heap.length) { return first; }
      if (child + 1 < heap.length && heap[child + 1][0] < heap[child][0]) { child += 1; }
      if (heap[at][0] <= heap[child][0]) { return first; }
      var moved = heap[child];
      heap[child] = heap[at];
      heap[at] = moved;
      at = child;
    }
  }

  /**
   * Metres from a place to every junction within a limit, the straight walk to its street included.
   * @param {{away: number, share: number, number: number}} start
   * @param {number} limit
   * @returns {Record<number, number>}
   */
  app.walked = function (start, limit) {
    var net = app.walkGraph(), heap = [], reached = {}, long = net.length[start.number];
    push(heap, [start.away + start.share * long, net.from[start.number]]);
    push(heap, [start.away + (1 - start.share) * long, net.to[start.number]]);
    while (heap.length) {
      var entry = pop(heap), far = entry[0], here = entry[1];
      if (far > limit) { break; }
      if (reached[here] !== undefined) { continue; }
      reached[here] = far;
      net.at[here].forEach(function (number) {
        var other = net.from[number] === here ? net.to[number] : net.from[number];
        if (reached[other] === undefined) { push(heap, [far + net.length[number], other]); }
      });
    }
    return reached;
  };

  /**
   * Which parts of which stretches are reached within some metres: [number, first share, last share].
   * @param {{away: number, share: number, number: number}} start
   * @param {Record<number, number>} reached
   * @param {number} limit
   */
  app.reachedParts = function (start, reached, limit) {
    var net = app.walkGraph(), parts = [], seen = {};
    if (start.away > limit) { return parts; }
    Object.keys(reached).forEach(function (junction) { net.at[junction].forEach(function (number) { seen[number] = true; }); });
    seen[start.number] = true;
    Object.keys(seen).map(Number).forEach(function (number) {
      var long = net.length[number], a = reached[net.from[number]], b = reached[net.to[number]], own = [];
      var ahead = a === undefined ? 0 : Math.max(0, Math.min(1, (limit - a) / long)), behind = b === undefined ? 1 : Math.min(1, Math.max(0, 1 - (limit - b) / long));
      if (ahead > 0) { own.push([0, ahead]); }
      if (behind < 1) { own.push([behind, 1]); }
      if (number === start.number) { own.push([Math.max(0, start.share - (limit - start.away) / long), Math.min(1, start.share + (limit - start.away) / long)]); }
      own.sort(function (one, other) { return one[0] - other[0]; });
      own.forEach(function (part) {
        var last = parts[parts.length - 1];
        if (last && last[0] === number && part[0] <= last[2]) { last[2] = Math.max(last[2], part[1]); } else { parts.push([number, part[0], part[1]]); }
      });
    });
    return parts;
  };

  /* What is reached from a place: per band its parts and kilometres; null where no street is near. */
  app.walkFrom = function (place) {
    var start = app.joined(metres(place));
    if (!start) { return null; }
    var pace = app.data.network.speed_kmh * 1000 / 60, reached = app.walked(start, BANDS[0] * pace), net = app.walkGraph();
    return BANDS.map(function (minutes) {
      var parts = app.reachedParts(start, reached, minutes * pace);
      var long = parts.reduce(function (sum, part) { return sum + net.length[part[0]] * (part[2] - part[1]); }, 0);
      return { minutes: minutes, parts: parts, km: long / 1000 };
    });
  };

  /* The corners of a stretch from one share of its length to another. */
  function cut(line, first, last) {
    var long = 0, gone = 0, made = [], at;
    for (at = 1; at < line.length; at += 1) { long += Math.sqrt(Math.pow(line[at][0] - line[at - 1][0], 2) + Math.pow(line[at][1] - line[at - 1][1], 2)); }
    for (at = 1; at < line.length; at += 1) {
      var a = line[at - 1], b = line[at], step = Math.sqrt(Math.pow(b[0] - a[0], 2) + Math.pow(b[1] - a[1], 2)) || 1e-9;
      var from = Math.max(0, (first * long - gone) / step), to = Math.min(1, (last * long - gone) / step);
      if (from <= 1 && to >= 0 && from <= to) {
        if (!made.length) { made.push([a[0] + from * (b[0] - a[0]), a[1] + from * (b[1] - a[1])]); }
        made.push([a[0] + to * (b[0] - a[0]), a[1] + to * (b[1] - a[1])]);
      }
      gone += step;
    }
    return made;
  }

  var walked = { spot: null, bands: null };

  /* Where the walk shown begins: the place clicked, or the site chosen where people are taken to walk. */
  app.walkOrigin = function () {
    return app.state.spot || (app.state.site !== null && app.data.mode === "walk" ? app.sitePlace(app.state.site) : null);
  };

  /* A message about the walk, as it begins at a place clicked or at a site. @param {string} key */
  app.walkWord = function (key, values) { return app.word(key + (app.state.spot ? "" : "-site"), values); };

  app.walkShown = function () {
    var spot = app.walkOrigin();
    if (!spot || !app.hasNetwork()) { return null; }
    if (walked.spot === null || walked.spot.join() !== spot.join()) { walked = { spot: spot, bands: app.walkFrom(spot) }; }
    return walked.bands;
  };

  /* Everything within 30 m of the streets reached, as broad strokes; the farthest band below. */
  app.drawWalk = function (brush, map) {
    var bands = app.walkShown(), net;
    if (!bands) { return; }
    net = app.walkGraph();
    var origin = L.latLng(app.data.origin[1] / 1e5, app.data.origin[0] / 1e5), zero = map.latLngToContainerPoint(origin);
    var far = map.latLngToContainerPoint(L.latLng(origin.lat + 0.1, origin.lng + 0.1)), ground = metres([origin.lat + 0.1, origin.lng + 0.1]);
    var sx = (far.x - zero.x) / ground[0], sy = (far.y - zero.y) / ground[1];
    brush.lineCap = brush.lineJoin = "round";
    brush.lineWidth = Math.max(3, WIDE_M * Math.abs(sx));
    bands.forEach(function (band) {
      brush.beginPath();
      band.parts.forEach(function (part) {
        cut(net.lines[part[0]], part[1], part[2]).forEach(function (corner, at) {
          brush[at ? "lineTo" : "moveTo"](zero.x + corner[0] * sx, zero.y + corner[1] * sy);
        });
      });
      brush.strokeStyle = COLOURS[band.minutes];
      brush.globalAlpha = 0.62;
      brush.stroke();
    });
    brush.globalAlpha = 1;
    var place = app.walkOrigin(), here = map.latLngToContainerPoint(L.latLng(place[0], place[1]));
    brush.beginPath();
    brush.arc(here.x, here.y, 6, 0, 7);
    brush.fillStyle = "#ffffff";
    brush.strokeStyle = "#111111";
    brush.lineWidth = 3;
    brush.fill();
    brush.stroke();
  };

  app.walkColour = function (minutes) { return COLOURS[minutes]; };
}(lifecircle));
