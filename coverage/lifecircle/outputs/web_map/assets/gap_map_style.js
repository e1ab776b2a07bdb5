"use strict";
/* Colours, hatchings and classes. Orange to brown is what is missing, blue is met: told apart by everyone. */
(function (app) {
  var SVG = "http://www.w3.org/2000/svg";
  var MISSING = ["#fde0a6", "#fdbb63", "#f08a2c", "#c9560d", "#7f2c04"];
  var REACHED = ["#cfe3f1", "#9ecae1", "#6aaed6", "#3585bf", "#0d559c"];
  var PLAIN = ["#fee838", "#bcae6c", "#7c7b78", "#434e6c", "#00224e"];
  var OWN = { m: "#cfe3f1", n: "#cfe3f1", q: "#cfe3f1", r: "#e9e7ee", c: "#eef1e6", d: "#e4e4e4", a: "#f1f0ee", "-": "#e3e5e7" };
  var BORDERS = {
    s: { color: "#5a2600", weight: 1.1, dashArray: null },
    t: { color: "#5a2600", weight: 1.1, dashArray: null },
    p: { color: "#5a2600", weight: 1.1, dashArray: "4 3" },
    m: { color: "#6f8fa6", weight: 0.8, dashArray: null },
    n: { color: "#6f8fa6", weight: 0.8, dashArray: null },
    q: { color: "#6f8fa6", weight: 0.8, dashArray: "4 3" },
    d: { color: "#8a8a8a", weight: 0.8, dashArray: "1 3" },
    a: { color: "#9a9a9a", weight: 0.8, dashArray: "1 3" },
    r: { color: "#8d86a0", weight: 0.8, dashArray: null },
    c: { color: "#8a9178", weight: 0.8, dashArray: null },
    "-": { color: "#b4b9be", weight: 0.6, dashArray: null }
  };
  var patterns = {};

  function svg(tag, attributes, parent) {
    var made = document.createElementNS(SVG, tag);
    Object.keys(attributes).forEach(function (name) { made.setAttribute(name, attributes[name]); });
    if (parent) { parent.appendChild(made); }
    return made;
  }
  app.svg = svg;

  function shelf() {
    var found = document.getElementById("patterns");
    if (found) { return found; }
    var holder = svg("svg", { "class": "shelf", "aria-hidden": "true" }, document.body);
    return svg("defs", { id: "patterns" }, holder);
  }

  /* A fill that carries a mark as well as a colour: made once for each pair. */
  function pattern(mark, colour) {
    var id = "fill-" + mark + "-" + colour.slice(1);
    if (!patterns[id]) {
      var made = svg("pattern", { id: id, width: 8, height: 8, patternUnits: "userSpaceOnUse" }, shelf());
      svg("rect", { width: 8, height: 8, fill: colour }, made);
      if (mark === "dots") {
        svg("circle", { cx: 4, cy: 4, r: 1, fill: "#777777" }, made);
      } else {
        svg("path", { d: "M-1,1 L1,-1 M0,8 L8,0 M7,9 L9,7", stroke: mark === "light" ? "#ffffff" : "#5f7f96", "stroke-width": 1.1 }, made);
      }
      patterns[id] = "url(#" + id + ")";
    }
    return patterns[id];
  }

  /* Up to five colours spread over a ramp. */
  function spread(ramp, count) {
    return Array.from({ length: count }, function (ignored, place) {
      return ramp[count === 1 ? 2 : Math.round(place * (ramp.length - 1) / (count - 1))];
    });
  }

  var MINUTES = [5, 10, 15, 20, 30], NEAR_TO_FAR = ["#8fbfdc", "#bfdbec", "#e6f1f8", "#fdd08a", "#f08a2c", "#a3430a", "#4a1a02"];

  /* The rule whose classes a rule is drawn in: on the right of a divided map the left one's, where both measure the same. */
  function classed(theme, measure) {
    var left = app.state.compare && app.state.against && app.sameRule(theme, app.state.against) ? app.state.theme : null;
    var alike = left && (measure === "people" || (measure === "deficit" ? left.deficit_unit === theme.deficit_unit : left.unit === theme.unit && left.comparator === theme.comparator && left.target === theme.target));
    return alike && left.breaks[measure].length ? left : theme;
  }

  app.breaksOf = function (theme, measure) { return measure === "minutes" ? MINUTES : classed(theme, measure).breaks[measure]; };

  app.colours = function (theme, measure) {
    if (measure === "minutes") { return NEAR_TO_FAR; }
    var breaks = app.breaksOf(theme, measure), count = breaks.length + 1;
    if (measure !== "value") { return spread(MISSING, count); }
    var cut = Array.isArray(theme.target) ? -1 : breaks.indexOf(theme.target);
    if (cut < 0) { return spread(PLAIN, count); }
    var below = cut + 1, above = count - below, low = theme.comparator.charAt(0) === "<";
    return low
      ? spread(REACHED, below).reverse().concat(spread(MISSING, above))
      : spread(MISSING, below).reverse().concat(spread(REACHED, above));
  };

  /* Classes hold their lower limit; where the plan says "at most", their upper one. */
  app.classOf = function (theme, measure, value) {
    if (value === Infinity) { return MINUTES.length + 1; }
    var upper = measure === "minutes" || (measure === "value" && theme.comparator.charAt(0) === "<");
    return app.breaksOf(theme, measure).filter(function (limit) { return upper ? value > limit : value >= limit; }).length;
  };

  /* The class a community is drawn in, or -1 where its status alone decides. */
  app.classAt = function (theme, measure, row, before) {
    if (measure === "minutes") {
      var minutes = app.minutesOf(theme, row, before);
      return minutes === null ? -1 : app.classOf(theme, measure, minutes);
    }
    return app.classOfFound(theme, measure, { status: theme.status[row], value: app.at(theme.value, row), deficit: app.at(theme.deficit, row), people: app.at(theme.people, row) });
  };

  /* The class of one finding with its figures, or -1 where its status alone decides. */
  app.classOfFound = function (theme, measure, found) {
    var mark = found.status, value = found[measure];
    if (!(app.isShort(mark) || app.isMet(mark) || mark === "c") || value === null || value === undefined) { return -1; }
    if (measure !== "value" && !(value > 0)) { return -1; }
    return app.classOf(theme, measure, value);
  };

  /* Minutes colour a community whatever its status; where they are unknown it looks like no data. */
  app.lookAt = function (theme, measure, row, before) {
    var mark = theme.status[row], place = app.classAt(theme, measure, row, before);
    if (measure === "minutes") { return place < 0 ? app.fill("d", null) : app.colours(theme, measure)[place]; }
    return app.fill(mark, place < 0 ? null : app.colours(theme, measure)[place]);
  };

  app.fill = function (mark, colour) {
    if (colour === null) {
      if (mark === "d") { return pattern("dots", OWN.d); }
      if (mark === "q") { return pattern("dark", OWN.q); }
      if (mark === "p") { return pattern("light", MISSING[2]); }
      return mark === "s" || mark === "t" ? MISSING[2] : OWN[mark];
    }
    return mark === "p" || mark === "q" ? pattern("light", colour) : colour;
  };

  /* The colour alone of a mark without a figure, where no pattern can be drawn. */
  app.plainFill = function (mark) { return app.isShort(mark) ? MISSING[2] : OWN[mark]; };

  app.border = function (mark) { return BORDERS[mark]; };

  var SERVICE_COLOURS = ["#0b3c5d", "#8c2d6f", "#1b7837", "#5e3c99", "#00707a", "#a50f15", "#4d4d4d", "#3f5f00"];
  var SERVICE_SHAPES = ["round", "square", "triangle", "diamond", "star", "plus", "pentagon", "wedge", "bar", "cross", "hexagon", "plank"];

  /* How the services of a rule are told apart: an outline of its own for each of twelve, a letter where there is room, and colour. */
  app.serviceLook = function (place) {
    return {
      colour: SERVICE_COLOURS[place % SERVICE_COLOURS.length],
      shape: SERVICE_SHAPES[place % SERVICE_SHAPES.length],
      letter: "ABCDEFGHIJKLMNOPQRSTUVWXYZ".charAt(place % 26)
    };
  };

  /* Outlines of one size: [corners on a circle, its radius, turned by (of a whole turn), how far in each second corner lies], or corners. */
  var OUTLINES = {
    square: [4, 1.2, 1 / 8, 1], triangle: [3, 1.45, 0, 1], diamond: [4, 1.35, 0, 1], star: [10, 1.6, 0, 0.45], pentagon: [5, 1.15, 0, 1], wedge: [3, 1.45, 1 / 2, 1], hexagon: [6, 1.15, 1 / 12, 1],
    plus: [[-0.45, -1.3], [0.45, -1.3], [0.45, -0.45], [1.3, -0.45], [1.3, 0.45], [0.45, 0.45], [0.45, 1.3], [-0.45, 1.3], [-0.45, 0.45], [-1.3, 0.45], [-1.3, -0.45], [-0.45, -0.45]],
    cross: [[0, -0.6], [0.75, -1.3], [1.3, -0.75], [0.6, 0], [1.3, 0.75], [0.75, 1.3], [0, 0.6], [-0.75, 1.3], [-1.3, 0.75], [-0.6, 0], [-1.3, -0.75], [-0.75, -1.3]],
    bar: [[-0.6, -1.4], [0.6, -1.4], [0.6, 1.4], [-0.6, 1.4]], plank: [[-1.4, -0.6], [1.4, -0.6], [1.4, 0.6], [-1.4, 0.6]]
  };

  /* Corners of an outline round a centre, as [x, y] pairs; none for a round one. */
  app.corners = function (shape, x, y, size) {
    var outline = OUTLINES[shape], count = outline && outline[0];
    if (!outline) { return []; }
    if (Array.isArray(count)) { return outline.map(function (corner) { return [x + size * corner[0], y + size * corner[1]]; }); }
    return Array.from({ length: count }, function (ignored, at) {
      var angle = 2 * Math.PI * (outline[2] + at / count) - Math.PI / 2, radius = size * outline[1] * (at % 2 ? outline[3] : 1);
      return [x + radius * Math.cos(angle), y + radius * Math.sin(angle)];
    });
  };
}(lifecircle));
