"use strict";
/* Reads the data block and unpacks its shapes. Everything of ours hangs on one name. */
var lifecircle = {};

(function (app) {
  var STEPS_PER_DEGREE = 1e5;

  app.read = function () {
    return JSON.parse(document.getElementById("lifecircle-data").textContent);
  };

  /* One encoded polyline as [[lat, lon], ...]. */
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

  app.empty = function (element) {
    while (element.firstChild) { element.removeChild(element.firstChild); }
    return element;
  };

  /* The catalogue's words in the page's language, {placeholders} filled in. */
  app.word = function (key, values) {
    var words = app.data.words[app.state.lang][key];
    if (words === undefined) { return key; }
    return words.replace(/\{(\w+)\}/g, function (whole, name) {
      return values && values[name] !== undefined ? values[name] : whole;
    });
  };

  app.named = function (names, otherwise) {
    return (names && (names[app.state.lang] || names.zh || names.en)) || otherwise;
  };

  app.serviceName = function (service) {
    var own = app.data.words[app.state.lang]["map.variant." + service];
    return app.named(app.data.services[service], own || service);
  };

  app.number = function (value, digits) {
    if (value === null || value === undefined) { return app.word("map.unknown"); }
    var places = digits !== undefined ? digits : Math.abs(value) >= 100 ? 0 : 2;
    return value.toLocaleString(app.state.lang === "zh" ? "zh-CN" : "en-GB", { maximumFractionDigits: places });
  };

  /* A figure with its unit; shares as percentages. */
  app.figure = function (value, unit) {
    if (value === null || value === undefined) { return app.word("map.unknown"); }
    if (unit === "share") { return app.number(value * 100, 1) + "%"; }
    var key = "status.unit." + unit, known = app.data.words[app.state.lang][key];
    var words = known === undefined ? unit : known;
    return app.number(value) + (words === "%" ? "%" : words ? " " + words : "");
  };

  app.rule = function (theme) {
    var plan = app.data.plans.find(function (entry) { return entry.id === theme.plan; });
    return (plan && plan.rules[theme.rule]) || {};
  };

  app.ruleTitle = function (theme) { return app.named(app.rule(theme).title, theme.rule); };

  app.themeTitle = function (theme) {
    return app.ruleTitle(theme) + (theme.service ? " · " + app.serviceName(theme.service) : "");
  };

  /* The services a theme is about: its own, or all that its rule names or judges. */
  app.servicesOf = function (theme) {
    if (theme.service) { return [theme.service]; }
    var judged = app.data.themes.filter(function (other) {
      return other.plan === theme.plan && other.rule === theme.rule && other.service;
    }).map(function (other) { return other.service; });
    return judged.length ? judged : app.rule(theme).services || [];
  };

  app.hasVerdict = function (theme) {
    return app.data.themes.some(function (other) { return other.plan === theme.plan && other.rule === theme.rule && !other.service; });
  };

  app.targetOf = function (theme, row) {
    return Array.isArray(theme.target) ? theme.target[row] : theme.target;
  };

  app.communityName = function (row) { return app.data.communities.name[row] || app.data.communities.code[row]; };

  app.isShort = function (mark) { return mark === "s" || mark === "p"; };
}(lifecircle));
