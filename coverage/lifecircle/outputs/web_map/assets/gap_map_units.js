"use strict";
/* Rules judged station by station, facility by facility: how many fall short, which, and of what. */
(function (app) {
  var node = app.node, word = app.word, FEW = 10;

  /** How many of the stations or facilities judged fall short; blank for a rule that judges none. @param {Theme} theme */
  app.unitsLine = function (theme) {
    var short = app.shortCount(theme), judged = short + app.metCount(theme);
    if (!theme.units.judged || theme.counted !== theme.units.level || !judged) { return ""; }
    return word(short ? "map.units-line." + theme.units.level : "map.units-line-met." + theme.units.level, { n: app.number(short), number: app.number(judged) });
  };

  /** Whether the rule stands as its stations do, so that the study's own row only tells their number. @param {Theme} theme */
  app.isByStation = function (theme) { return theme.judged === "catchment"; };

  /** What the study's own row says of a rule judged by station: there are enough of them, or too few. @param {Verdict} found */
  app.numberWords = function (found) {
    var values = { value: app.figure(found.value, found.unit, found.target), target: app.figure(found.target, found.unit), missing: app.gap(found.deficit, found.deficit_unit) };
    return word(app.isShort(found.status) ? "map.number-too-few" : "map.number-enough", values);
  };

  function conditionWords(one) {
    var values = { name: word("map.variant." + one.service), value: app.number(one.value, 0), target: app.figure(one.target, one.unit) };
    return word("map.condition", values);
  }

  /* One of them: its name, where it lies, whom it serves, by how much it falls short. */
  function unitItem(theme, unit) {
    var item = node("li"), all = app.data.communities, said = [], at = unit.community >= 0 ? all.township[unit.community] : -1;
    if (unit.row >= 0) { item.appendChild(app.link(unit.name, function () { app.choose({ facility: { service: unit.service, row: unit.row }, fly: true, tab: "place" }); })); } else { item.appendChild(node("span", "", unit.name)); }
    if (unit.deficit !== null) { item.appendChild(node("span", "amount", word(theme.units.level === "catchment" ? "map.units-to-add" : "map.still-lacks", { value: app.gap(unit.deficit, unit.deficit_unit) }))); }
    if (at >= 0) { said.push(app.townshipName(at)); }
    if (unit.conditions.length) { said = said.concat(unit.conditions.map(conditionWords)); } else if (unit.value !== null && unit.target !== null) { said.push(word("map.unit-now", { value: app.figure(unit.value, unit.unit, unit.target), target: app.targetWords(theme, unit.target, unit.unit) })); }
    if (theme.units.level === "catchment" && unit.people) { said.push(word("map.units-people", { n: app.number(Math.round(unit.people), 0) })); }
    item.appendChild(node("small", "", said.join(" · ")));
    return item;
  }

  function unitList(theme, units, all) {
    var list = node("ol", "worst");
    list.dataset.all = String(all);
    units.forEach(function (unit) { list.appendChild(unitItem(theme, unit)); });
    return list;
  }

  /** The stations or facilities that fall short, the first few in sight; null where a rule judges none. @param {Theme} theme */
  app.unitsBlock = function (theme) {
    var short = theme.units.short || [], made = node("section", "units");
    // a scenario tells how many fall short under it, not which
    if (!short.length || (app.scenario() && app.state.after)) { return null; }
    made.appendChild(node("h3", "", word("map.units-short-list")));
    made.appendChild(unitList(theme, short.slice(0, FEW), short.length));
    if (short.length > FEW) {
      var folded = node("details");
      folded.appendChild(node("summary", "", word("map.more-gaps", { n: app.number(short.length - FEW) })));
      folded.appendChild(unitList(theme, short.slice(FEW), short.length - FEW));
      made.appendChild(folded);
    }
    return made;
  };
}(lifecircle));
