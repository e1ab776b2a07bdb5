"use strict";
/* All rules: topic, then rule, then service; those with shortfalls first, what is not judged folded away. */
(function (app) {
  var node = app.node, word = app.word, sought = "";

  function verdicts() {
    return app.data.themes.filter(function (theme) { return app.verdictOf(theme) === theme; });
  }

  /* Whether any unit came to one of some marks: an area above communities, or a facility. */
  function any(theme, is) { return theme.verdicts.some(function (one) { return is(one.status); }) || (theme.facilities.status || "").split("").some(is); }

  /** Whether anything came to a verdict under a rule. @param {Theme} theme */
  app.isJudged = function (theme) { return app.shortCount(theme) + app.metCount(theme) > 0 || any(theme, function (mark) { return app.isShort(mark) || app.isMet(mark); }); };

  function fits(theme) {
    if (!sought) { return true; }
    var rule = app.rule(theme), words = [app.ruleTitle(theme), app.clauseOf(theme), rule.quote, theme.rule, rule.initials].concat(app.servicesOf(theme).map(app.serviceName));
    return words.some(function (one) { return String(one || "").toLowerCase().indexOf(sought) >= 0; });
  }

  /* What a rule has come to, in a few signs: units short, or the verdict on the whole. */
  function tally(theme) {
    var short = app.shortCount(theme), wide = any(theme, app.isShort);
    // the whole is not one of several units
    if (short && theme.counted !== "city" && theme.counted !== "province") { return word("map.n-short", { n: app.number(short) }); }
    if (wide) { return word("status.short"); }
    return app.isJudged(theme) ? word("status.met") : "";
  }

  function line(theme, state) {
    var item = node("li"), go = app.link(app.bareTitle(theme), function () { app.choose({ theme: theme, community: null, facility: null, township: null, tab: "place" }); }, "rule-link"), words = tally(theme);
    go.setAttribute("aria-current", String(app.sameRule(theme, state.theme)));
    var about = node("small", "", app.planAndClause(theme));
    go.appendChild(about);
    item.appendChild(go);
    if (words) { item.appendChild(node("span", app.shortCount(theme) || words === word("status.short") ? "tally is-short" : "tally", words)); }
    return item;
  }

  function topicBlock(topic, own, state) {
    var made = node("details", "topic"), list = node("ul"), quiet = [], bad = 0;
    own.forEach(function (theme) {
      if (!app.isJudged(theme)) { quiet.push(theme); return; }
      if (tally(theme) !== word("status.met")) { bad += 1; }
      list.appendChild(line(theme, state));
    });
    var head = node("summary");
    head.appendChild(node("span", "", word("map.topic." + topic)));
    head.appendChild(node("span", bad ? "tally is-short" : "tally", bad ? word("map.topic-short", { n: app.number(bad), number: app.number(own.length - quiet.length) }) : word("map.topic-rules", { n: app.number(own.length) })));
    made.appendChild(head);
    made.appendChild(list);
    if (quiet.length) {
      var rest = node("details", "quiet"), others = node("ul");
      rest.appendChild(node("summary", "", word("map.not-judged", { n: app.number(quiet.length) })));
      quiet.forEach(function (theme) { others.appendChild(line(theme, state)); });
      rest.appendChild(others);
      rest.open = Boolean(sought);
      made.appendChild(rest);
    }
    made.open = Boolean(sought) || own.some(function (theme) { return app.sameRule(theme, state.theme); });
    return made;
  }

  function weight(theme) { return app.shortCount(theme) || (any(theme, app.isShort) ? 0.5 : 0); }

  function draw(state) {
    var holder = app.empty(app.byId("rule-list")), all = verdicts().map(app.seen).filter(fits), of = {};
    all.forEach(function (theme) {
      var topic = app.topicOf(theme);
      (of[topic] = of[topic] || []).push(app.data.themes[theme.index]);
    });
    app.data.topics.forEach(function (topic) {
      if (!of[topic]) { return; }
      of[topic].sort(function (a, b) { return weight(b) - weight(a); });
      holder.appendChild(topicBlock(topic, of[topic], state));
    });
    if (!all.length) { holder.appendChild(node("p", "note", word("map.nothing-found"))); }
  }

  app.wireRules = function () {
    app.byId("rule-search").addEventListener("input", function (event) {
      sought = /** @type {HTMLInputElement} */ (event.target).value.trim().toLowerCase();
      draw(app.state);
    });
  };

  app.part("rules", ["lang", "theme", "scenario", "after"], draw);
}(lifecircle));
