"use strict";
/* What a rule judges where that is not communities: stations, facilities, townships, counties, estates. */
(function (app) {
  var node = app.node, word = app.word, made = new WeakMap();

  /** The level whose units a rule is told of: communities where the map has a figure for each. @param {Theme} theme */
  app.judgedLevel = function (theme) { return theme.level === "community" ? "community" : theme.judged || theme.counted || theme.level; };

  /** How a rule is judged, in words: station by station, per township. @param {string} level */
  app.judgedWords = function (level) {
    return app.hasWord("map.judged-by." + level) ? word("map.judged-by." + level) : word("map.judged-at", { level: word("status." + level) });
  };

  function ofFacilities(theme) {
    var about = theme.facilities, all = app.data.communities;
    return about.row.map(function (row, at) {
      var service = about.services[about.service[at]], layer = app.data.facilities[service], lies = layer.community[row];
      return {
        level: about.level, code: layer.id[row], name: app.facilityName({ service: service, row: row }), community: lies, township: lies < 0 ? -1 : all.township[lies], status: about.status.charAt(at), value: about.value[at],
        target: about.target[at], deficit: about.deficit[at], people: about.people[at], unit: Array.isArray(about.unit) ? about.unit[at] : about.unit, deficit_unit: about.deficit_unit, facility: { service: service, row: row }
      };
    });
  }

  /* Those listed have all their figures; of a level that is drawn all are told, the unlisted by their status and figure. */
  function ofAreas(theme, level) {
    var listed = theme.verdicts.filter(function (found) { return found.level === level; }).map(ofFinding), like = listed[0];
    return app.drawnUnits(theme, level).filter(function (unit) { return !listed.some(function (one) { return one.code === unit.code; }); }).reduce(function (all, unit) {
      return all.concat(Object.assign({ level: level, target: null, deficit: null, people: null, note: -1, unit: like ? like.unit : theme.unit, deficit_unit: like ? like.deficit_unit : "", community: -1, township: -1, facility: null }, unit));
    }, listed);
  }

  function ofFinding(found) {
    var level = found.level, at = level === "township" ? app.data.townships.findIndex(function (one) { return one.code === found.code; }) : -1;
    return Object.assign({}, found, { name: app.isWhole(found) ? word("map.whole-city") : found.name || word("status." + level), community: -1, township: at, facility: null });
  }

  /**
   * The units that a rule judges where they are not communities: each as a row of the table; null where they are.
   * @param {Theme} theme
   */
  app.judgedUnits = function (theme) {
    var level = app.judgedLevel(theme), held = made.get(theme);
    if (level === "community") { return null; }
    if (!held || held.lang !== app.state.lang) {
      held = { lang: app.state.lang, units: theme.facilities.level === level ? ofFacilities(theme) : ofAreas(theme, level) };
      made.set(theme, held);
    }
    return held.units;
  };

  /** A finding as a unit that can be shown on the map. @param {Verdict} found */
  app.unitOf = ofFinding;

  /* Rows of the communities of a unit above them; none where the page does not know them. */
  function rowsOf(unit) {
    var all = app.data.communities, county = (app.data.counties || []).indexOf(unit.code), rows = all.code.map(function (ignored, row) { return row; });
    if (unit.level === "township") { return rows.filter(function (row) { return unit.township >= 0 && all.township[row] === unit.township; }); }
    if (unit.level === "county") { return rows.filter(function (row) { return county >= 0 && all.county[row] === county; }); }
    return app.isWhole(unit) ? rows : [];
  }

  function placeOf(unit) {
    var drawn = app.areaOf(unit);
    if (drawn) { return drawn.place; }
    if (unit.facility) {
      var layer = app.data.facilities[unit.facility.service];
      return app.place(layer.x[unit.facility.row], layer.y[unit.facility.row], app.data.origin);
    }
    return app.unknown(unit.x) ? null : app.place(unit.x, unit.y, app.data.origin);
  }

  /** Where a row of the table is, in degrees: a community, or another unit that the page knows the place of; null for others. */
  app.placeOfRow = function (row) {
    var all = app.data.communities;
    return typeof row === "number" ? app.place(all.x[row], all.y[row], app.data.origin) : placeOf(row);
  };

  app.canShow = function (unit) { return Boolean(placeOf(unit)) || rowsOf(unit).length > 0; };

  /* Shapes that frame a unit on the map. */
  app.frameOf = function (unit) {
    var place = placeOf(unit), look = { pane: "chosen", fill: false, color: "#e0a100", weight: 4, interactive: false }, drawn = app.areaOf(unit);
    if (drawn) { return [L.polygon(drawn.shape, look), L.circleMarker(place, Object.assign({}, look, { radius: 14, weight: 2 }))]; }
    if (place) { return [L.circleMarker(place, Object.assign({}, look, { radius: 14 }))]; }
    return rowsOf(unit).map(function (row) { return L.polygon(app.shapes[row].getLatLngs(), look); });
  };

  /* Shows a unit on the map, and opens its panel where it has one. */
  app.showUnit = function (unit) {
    var place = placeOf(unit), rows = rowsOf(unit);
    if (unit.facility) { app.choose({ facility: unit.facility, fly: true, tab: "place" }); return; }
    if (unit.level === "township" && unit.township >= 0) { app.choose({ township: unit.township, tab: "place" }); }
    app.glimpse(unit);
    app.legendAgain();
    if (place) { app.map.setView(place, Math.max(app.map.getZoom(), 14), { animate: false }); return; }
    if (rows.length) { app.map.fitBounds(L.latLngBounds(rows.map(function (row) { return app.shapes[row].getBounds(); }).reduce(function (one, other) { return one.extend(other); }, L.latLngBounds([]))), { paddingTopLeft: app.besideLegend(), paddingBottomRight: [30, 30], animate: false }); }
  };

  /** How many units fall short of a rule that is judged neither by community, by facility nor at the whole; else blank. @param {Theme} theme */
  app.judgedLine = function (theme) {
    var level = app.judgedLevel(theme), units = app.judgedUnits(theme) || [], short = units.filter(function (unit) { return app.isShort(unit.status); }).length, judged = short + units.filter(function (unit) { return app.isMet(unit.status); }).length;
    if (!judged || level === "community" || level === "facility" || level === "catchment" || level === "city" || level === "province") { return ""; }
    return app.sentence(word(short ? "map.judged-line" : "map.judged-line-met", { name: app.judgedWords(level), n: app.number(short), number: app.number(judged) }));
  };

  /* What stands in the panel of a community under a rule that does not judge communities: so it is told, and its own units. */
  app.judgedHere = function (theme, row) {
    var level = app.judgedLevel(theme), block = node("section", "now"), list = node("ul", "verdicts");
    var own = (app.judgedUnits(theme) || []).filter(function (unit) { return unit.community === row || (unit.level === "township" && unit.township >= 0 && unit.township === app.data.communities.township[row]) || app.isWhole(unit); });
    block.appendChild(node("h3", "", app.themeTitle(theme)));
    block.appendChild(node("p", "note", app.sentence(app.judgedWords(level)) + word("map.stop")));
    own.forEach(function (unit) {
      var item = node("li", "verdict");
      item.appendChild(app.canShow(unit) && !app.isWhole(unit) ? app.link(unit.name, function () { app.showUnit(unit); }) : node("strong", "", unit.name));
      item.appendChild(app.panel.badge(unit.status));
      if (unit.value !== null) { item.appendChild(node("span", "", word("map.now-is", { value: app.figure(unit.value, unit.unit, unit.target) }))); }
      if (app.isShort(unit.status) && unit.deficit !== null) { item.appendChild(node("span", "", app.lacks(theme, unit.deficit, unit.deficit_unit))); }
      list.appendChild(item);
    });
    if (!own.length && theme.facilities.level === level) { list.appendChild(node("li", "note", word("map.none-of-them-here"))); }
    block.appendChild(list);
    return block;
  };
}(lifecircle));
