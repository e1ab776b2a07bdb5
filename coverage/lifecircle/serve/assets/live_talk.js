"use strict";
/* Talks with the server: requests with the token, events as they come, times from click to pixels. */
(function (app) {
  var DESK = "lifecircle-desk", token = new URLSearchParams(window.location.search).get("token") || "";
  var live = { version: -1, shown: -1, state: null, times: [], began: 0, source: null };
  app.live = live;

  /* This tab's own desk: a tab that is loaded anew goes on with its scenario. */
  function desk() {
    var kept = null;
    try { kept = window.sessionStorage.getItem(DESK); } catch (ignored) { /* no memory: a new desk each time */ }
    if (kept) { return kept; }
    var bytes = new Uint8Array(16);
    window.crypto.getRandomValues(bytes);
    kept = Array.from(bytes, function (one) { return one.toString(16).padStart(2, "0"); }).join("");
    try { window.sessionStorage.setItem(DESK, kept); } catch (ignored) { /* as above */ }
    return kept;
  }
  live.desk = desk();

  live.address = function (path) { return path + "?" + new URLSearchParams({ desk: live.desk, token: token }).toString(); };

  /* Ask for something; what is refused is said, and answers as null. */
  live.ask = function (path, values) {
    return window.fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json", Authorization: "Bearer " + token },
      body: JSON.stringify(Object.assign({ desk: live.desk }, values || {}))
    }).then(function (answer) {
      return answer.json().then(function (told) {
        if (answer.ok) { return told; }
        live.tellFaults(told.faults || []);
        return null;
      });
    }).catch(function () { live.say("lost", app.word("live.lost")); return null; });
  };

  /* Everything that changes the scenario goes this way: the clock starts with the click. */
  live.change = function (path, values) {
    live.began = performance.now();
    return live.ask(path, values);
  };

  live.edit = function (edit) { return live.change("edit", { edit: edit }); };

  /* Calls back once what was drawn is on the screen. */
  function painted(then) { window.requestAnimationFrame(function () { window.requestAnimationFrame(then); }); }

  function timed(kind, told) {
    var began = live.began, version = told.version;
    painted(function () { live.times.push({ kind: kind, version: version, ms: performance.now() - began, server: told.ms }); });
  }

  /* Answers for a scenario that is not the latest any more are never shown. */
  function listen(kind, act) {
    live.source.addEventListener(kind, function (event) {
      var told = JSON.parse(event.data);
      if (told.version !== undefined && kind !== "state" && told.version !== live.version) { return; }
      act(told);
    });
  }

  live.connect = function () {
    live.source = new window.EventSource(live.address("events"));
    listen("state", function (told) { live.version = told.version; live.state = told; live.unsay("lost"); live.showState(); });
    listen("first", function (told) { live.first = told; live.showFirst(); timed("first", told); });
    listen("verdicts", function (told) { live.shown = told.version; live.showVerdicts(told); timed("verdicts", told); });
    live.source.addEventListener("fault", function (event) { live.tellFaults(JSON.parse(event.data).faults, true); });
    listen("job", function (told) { live.showJob(told); });
    listen("sites", function (told) { live.showSites(told); });
    listen("results", function (told) { live.showResults(told); });
    live.source.addEventListener("ended", function () { live.source.close(); live.say("lost", app.word("live.ended")); });
    live.source.onerror = function () { if (live.source.readyState !== 2) { live.say("lost", app.word("live.lost")); } };
  };

  /* A message of a sort takes the place of the one before; each can be closed. */
  live.say = function (sort, words, remark) {
    var holder = app.byId("live-messages"), made = app.node("div", "live-message" + (remark ? " remark" : ""));
    live.unsay(sort);
    made.dataset.sort = sort;
    made.appendChild(app.node("span", "", words));
    var close = app.node("button", "", "×");
    close.type = "button";
    close.setAttribute("aria-label", app.word("live.dismiss"));
    close.addEventListener("click", function () { made.remove(); });
    made.appendChild(close);
    holder.appendChild(made);
  };

  live.unsay = function (sort) {
    document.querySelectorAll("#live-messages [data-sort=\"" + sort + "\"]").forEach(function (old) { old.remove(); });
  };

  live.tellFaults = function (faults, back) {
    var words = faults.map(function (fault) { return app.named(fault, ""); }).join("\n");
    if (words) { live.say("fault", back ? app.word("live.refused", { value: words }) : words); }
  };
}(lifecircle));
