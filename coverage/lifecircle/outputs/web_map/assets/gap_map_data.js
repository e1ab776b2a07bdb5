"use strict";
/* Reads the data block and unpacks its shapes. Everything of ours hangs on one name. */
/** @type {Page} */
var lifecircle = /** @type {any} */ ({});

(function (app) {
  var STEPS_PER_DEGREE = 1e5;

  app.read = function () {
    var block = document.getElementById("lifecircle-data");
    var data = JSON.parse((block && block.textContent) || "{}");
    (data.themes || []).forEach(function (theme) { theme.verdicts = rowsOf(theme.verdicts); });
    return data;
  };

  /* A table told by column, as one object a row; a column that is no array says the same of every row. */
  function rowsOf(table) {
    var names = Object.keys(table).filter(function (name) { return name !== "rows"; }), rows = [];
    for (var at = 0; at < table.rows; at += 1) {
      rows.push(names.reduce(function (row, name) {
        row[name] = Array.isArray(table[name]) ? table[name][at] : table[name];
        return row;
      }, {}));
    }
    return rows;
  }

  /**
   * One encoded polyline as [[lat, lon], ...].
   * @param {string} text
   * @param {number[]} origin
   */
  function line(text, origin) {
    var at = 0, x = origin[0], y = origin[1], points = [];
    function offset() {
      var folded = 0, shift = 0, chunk;
      do {
        chunk = text.charCodeAt(at++) - 63;
        folded |= (chunk & 31) << shift;
        shift += 5;
      } while (chunk & 32);
      return (folded >>> 1) ^ -(folded & 1);
    }
    while (at < text.length) {
      x += offset();
      y += offset();
      points.push([y / STEPS_PER_DEGREE, x / STEPS_PER_DEGREE]);
    }
    return points;
  }

  app.lines = function (text, origin) {
    return text ? text.split(",").map(function (part) { return line(part, origin); }) : [];
  };

  app.polygons = function (text, origin) {
    return text ? text.split(";").map(function (part) { return app.lines(part, origin); }) : [];
  };

  /* How far a corner is cut back at most, metres: in the first round, and in the second. */
  var CUTS_M = [20, 10], EARTH_M = 111195;

  /* A ring with its corners cut twice (Chaikin): each side loses a quarter at either end, but no more than so many metres. */
  function ringRounded(ring) {
    return CUTS_M.reduce(function (corners, most) {
      var count = corners.length, wide = EARTH_M * Math.cos(corners[0][0] * Math.PI / 180), made = [];
      corners.forEach(function (corner, at) {
        var next = corners[(at + 1) % count], north = next[0] - corner[0], east = next[1] - corner[1], long = Math.hypot(north * EARTH_M, east * wide);
        var share = long ? Math.min(0.25, most / long) : 0;
        if (long) { made.push([corner[0] + share * north, corner[1] + share * east], [next[0] - share * north, next[1] - share * east]); }
      });
      return made.length ? made : corners;
    }, ring);
  }

  /* Areas as they are drawn: corners rounded for the eye, a ring's closing vertex said once. */
  app.roundedOff = function (polygons) {
    return polygons.map(function (rings) {
      return rings.map(function (ring) {
        var last = ring[ring.length - 1], open = ring.length > 1 && last[0] === ring[0][0] && last[1] === ring[0][1] ? ring.slice(0, -1) : ring;
        return open.length < 3 ? ring : ringRounded(open);
      });
    });
  };

  /* How far what is drawn may be from the exact line: simplified before, rounded here. */
  app.roundedWords = function (off_m) { return app.word("map.smoothed", { n: app.number(off_m + CUTS_M[0] + CUTS_M[1]) }); };

  app.place = function (x, y, origin) {
    return [(y + origin[1]) / STEPS_PER_DEGREE, (x + origin[0]) / STEPS_PER_DEGREE];
  };

  /* A DOM node whose text is text and nothing else. */
  app.node = function (tag, className, words) {
    var made = document.createElement(tag);
    if (className) { made.className = className; }
    if (words !== undefined && words !== null) { made.textContent = words; }
    return made;
  };

  app.byId = function (id) { return document.getElementById(id); };

  app.empty = function (element) {
    while (element.firstChild) { element.removeChild(element.firstChild); }
    return element;
  };

  /* A button that looks like a link; outside names keep their own direction. */
  app.link = function (words, act, className) {
    var made = app.node("button", className || "link");
    made.type = "button";
    made.appendChild(app.node("bdi", "", words));
    made.addEventListener("click", act);
    return made;
  };

  app.option = function (value, words, chosen) {
    var made = app.node("option", "", words);
    made.value = value;
    made.selected = chosen;
    return made;
  };
}(lifecircle));
