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
