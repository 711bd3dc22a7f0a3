// What tests/consumers/page.sh runs: `hostile` and `many` print exports; `test` opens pages in Chromium and uses them.
import { createRequire } from "node:module";
import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";

const MARKUP = `"><script>window.pwned = 1</script><img src=x onerror="window.pwned = 1"><b class="injected">'\`</script></style></title><!--`;

const hostile = () => ({
  name: MARKUP,
  nodes: [
    { parameters: { httpMethod: "POST", path: MARKUP, options: {} }, type: "n8n-nodes-base.webhook", typeVersion: 2, position: [0, 0], id: "a", name: `in ${MARKUP}`, webhookId: "w" },
    { parameters: { operation: "executeQuery", query: `SELECT '{{ $json.body.x }}' ${MARKUP}`, options: {} }, type: "n8n-nodes-base.postgres", typeVersion: 2.6, position: [1, 0], id: "b", name: `out ${MARKUP}` },
    { parameters: { method: "POST", url: `http://x.example/${MARKUP}`, options: {} }, type: "n8n-nodes-base.httpRequest", typeVersion: 4.2, position: [2, 0], id: "c", name: `call ${MARKUP}` },
  ],
  connections: {
    [`in ${MARKUP}`]: { main: [[{ node: `out ${MARKUP}`, type: "main", index: 0 }]] },
    [`out ${MARKUP}`]: { main: [[{ node: `call ${MARKUP}`, type: "main", index: 0 }]] },
  },
  active: true,
  settings: {},
});

const many = () => {
  const node = (at) => ({
    parameters: { method: "POST", url: `http://host-${at}.contoso.example/orders`, options: { allowUnauthorizedCerts: true } },
    type: "n8n-nodes-base.httpRequest", typeVersion: 4.2, position: [at, 0], id: `n${at}`, name: `Send to host ${at}`,
  });
  return { name: "Many", nodes: Array.from({ length: 10500 }, (_, at) => node(at)), connections: {}, active: true, settings: {} };
};

const [, , what, ...files] = process.argv;
if (what === "hostile") console.log(JSON.stringify(hostile(), null, 1));
else if (what === "many") console.log(JSON.stringify(many(), null, 1));
else await test(files);

function assert(holds, text) {
  if (!holds) throw new Error(text);
}

async function test([governed, hostilePage, manyPage, fixtures]) {
  const require = createRequire(resolve("page.mjs"));
  const { chromium } = require("playwright-core");
  const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
  const args = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
  const browser = await chromium.launch({ executablePath: process.env.BROWSER, args });

  // A page that is opened, with all that it says to the console and asks of the network.
  const open = async (file, { address = "", ...options } = {}) => {
    const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, ...options });
    const page = await context.newPage();
    const complaints = [];
    page.on("console", (message) => complaints.push(`console: ${message.text()}`));
    page.on("pageerror", (error) => complaints.push(`error: ${error.message}`));
    page.on("request", (request) => {
      if (!request.url().startsWith("file://") && !request.url().startsWith("data:")) complaints.push(`request: ${request.url()}`);
    });
    await page.goto(`file://${resolve(file)}${address}`);
    page.close_ = async () => {
      assert(complaints.length === 0, `${file}: ${complaints.join("\n")}`);
      await context.close();
    };
    return page;
  };
  const shot = async (page, name) => {
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${name}.png`, fullPage: name.startsWith("print") });
  };
  const total = async (page) => parseInt((await page.textContent("#status")).replace(/\u00a0/g, ""), 10);
  const views = (page) => page.$$eval(".view", (views) => views.map((view) => view.id));

  // Every view, in both themes, against the rules of axe-core. The policy of the page keeps scripts out, so axe comes through the debugger.
  const violations = [];
  for (const colorScheme of ["light", "dark"]) {
    for (const file of [governed, hostilePage, fixtures]) {
      const page = await open(file, { colorScheme });
      for (const view of await views(page)) {
        await page.evaluate((view) => (location.hash = view), view);
        await page.waitForSelector(`#${view}.shown`);
        if (view === "findings") await page.keyboard.press("j");
        await page.$$eval(`#${view} details`, (all) => all.slice(0, 12).forEach((one) => (one.open = true)));
        const result = await page.evaluate(`${axe}; axe.run(document, { resultTypes: ["violations"] })`);
        const told = result.violations.map((one) => `${one.id}: ${one.help}\n  ${one.nodes.slice(0, 3).map((node) => node.html.slice(0, 200)).join("\n  ")}`);
        if (told.length) violations.push(`${file}#${view}, ${colorScheme}:\n${told.join("\n")}`);
        await page.$$eval(`#${view} details`, (all) => all.forEach((one) => (one.open = one.matches(".drawing"))));
        await shot(page, `${file.replace(".html", "")}-${view}-${colorScheme}`);
      }
      await page.close_();
    }
  }
  assert(violations.length === 0, violations.join("\n"));
  console.log("every view is without violations in both themes");

  // Search, filters, the keyboard, links.
  {
    const page = await open(fixtures, { address: "#findings" });
    const all = await total(page);
    assert(all > 10, `the fixtures have findings, not ${all}`);
    await page.keyboard.press("/");
    await page.keyboard.type("webhook");
    const found = await total(page);
    assert(found > 0 && found < all, `a search changes the list: ${found} of ${all}`);
    assert((await page.evaluate(() => location.hash)).includes("q=webhook"), "the address keeps the search");
    await page.click("#clear");
    assert((await total(page)) === all, "the filters are gone");
    await page.click("[data-severity=critical]");
    const critical = await total(page);
    assert(critical > 0 && critical < all, "severities filter");
    assert((await page.getAttribute("[data-severity=critical]", "aria-pressed")) === "true", "the button says so");
    const rule = await page.$eval("#rule", (select) => select.options[1].value);
    await page.click("#clear");
    await page.selectOption("#rule", rule);
    const shown = await page.$$eval(".row .rule", (all) => all.map((one) => one.textContent));
    assert(shown.length > 0 && shown.every((one) => one === rule), `only ${rule} is shown`);
    await page.selectOption("#rule", "");
    await page.selectOption("#platform", "salesforce");
    assert((await total(page)) < all, "platforms filter");
    await page.click("#clear");

    await page.evaluate(() => document.activeElement.blur());
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    const message = await page.textContent("[aria-current] .message");
    assert((await page.textContent("#detail h3")) === message, "j shows the next finding");
    await page.keyboard.press("Enter");
    assert(await page.evaluate(() => document.activeElement.id === "detail"), "Enter leads into the finding");
    assert((await page.$$("#detail mark")).length > 0, "the place is marked");
    await page.keyboard.press("Escape");
    assert(await page.evaluate(() => document.activeElement.matches(".row")), "Escape leads back to the list");
    const link = await page.evaluate(() => location.hash);
    assert(link.startsWith("#finding-f1"), `the address is that of the finding: ${link}`);
    await page.close_();

    const linked = await open(fixtures, { address: link });
    assert((await linked.textContent("#detail h3")) === message, "a link opens its finding");
    await linked.emulateMedia({ media: "print" });
    await linked.waitForSelector("#printed li");
    assert(await linked.isVisible("#coverage"), "all views are printed");
    assert(!(await linked.isVisible("#workbench")), "controls are not printed");
    await shot(linked, "print");
    const pdf = await linked.pdf({ format: "A4" });
    assert(pdf.length > 10_000, "it can be printed");
    await linked.close_();
  }
  console.log("search, filters, keyboard, links and print work");

  // Tiles and counts are links that filter.
  {
    const page = await open(fixtures);
    await page.click(".tile.high");
    await page.waitForSelector("#findings.shown");
    assert((await page.$$eval(".row .severity", (all) => all.map((one) => one.textContent))).every((one) => one === "high"), "a tile filters");
    await page.click("#theme");
    await page.click("#theme");
    assert((await page.evaluate(() => document.documentElement.dataset.theme)) === "dark", "the theme can be chosen");
    await page.reload();
    assert((await page.evaluate(() => document.documentElement.dataset.theme)) === "dark", "the theme is kept");
    await page.close_();
  }

  // What the run knew of governance and time.
  {
    const page = await open(governed);
    const text = (view) => page.textContent(`#${view}`);
    assert((await text("governance")).includes(".flowgate/policy.yaml"), "the policy is named");
    assert((await text("governance")).includes("nobody"), "a waiver that nobody has approved says so");
    assert((await page.$$("#trend svg rect")).length >= 2, "the trend has bars");
    assert((await page.$$("#flows svg .node")).length >= 2, "the drawing has nodes");
    assert((await page.$$("#risk .stake")).length >= 1, "apps have a risk");
    await page.close_();
  }

  // Names that try to be markup are text, wherever they stand.
  {
    const page = await open(hostilePage);
    for (const view of await views(page)) {
      await page.evaluate((view) => (location.hash = view), view);
      await page.waitForSelector(`#${view}.shown`);
    }
    await page.evaluate(() => (location.hash = "findings"));
    const rows = await total(page);
    for (let at = 0; at < Math.min(rows, 30); at++) await page.keyboard.press("j");
    await page.emulateMedia({ media: "print" });
    const state = await page.evaluate(() => ({
      pwned: window.pwned,
      injected: document.querySelectorAll(".injected, img, b.injected").length,
      scripts: document.scripts.length,
      text: document.body.innerText.includes('<b class="injected">'),
    }));
    assert(state.pwned === undefined && state.injected === 0 && state.scripts === 3, `markup of an export is markup: ${JSON.stringify(state)}`);
    assert(state.text, "it is shown as text");
    await page.close_();
  }
  console.log("markup of exports is text");

  // Without the script, the verdict and the worst findings are there.
  {
    const page = await open(fixtures, { javaScriptEnabled: false });
    assert(await page.isVisible("#overview h2"), "the verdict is there without the script");
    assert((await page.locator(".still li").count()) > 0, "the worst findings are there without the script");
    assert(await page.isVisible("#coverage"), "so are the other views");
    await page.close_();
  }

  // Ten thousand findings stay quick.
  {
    const page = await open(manyPage, { address: "#findings" });
    const all = await total(page);
    assert(all >= 10_000, `more than ten thousand findings: ${all}`);
    const loaded = await page.evaluate(() => Math.round(performance.getEntriesByType("navigation")[0].domComplete));
    const timed = (action) => page.evaluate(`(() => {
      const start = performance.now();
      ${action};
      document.body.offsetHeight;
      return Math.round(performance.now() - start);
    })()`);
    const search = (text) => `const query = document.getElementById("query"); query.value = "${text}"; query.dispatchEvent(new Event("input"))`;
    const first = await timed(search("host-4999"));
    const next = await timed(search("host-49"));
    const severity = await timed(`document.querySelector("[data-severity=high]").click()`);
    const order = await timed(`const order = document.getElementById("order"); order.value = "place"; order.dispatchEvent(new Event("change"))`);
    const size = (statSync(manyPage).size / 1e6).toFixed(1);
    console.log(`${all} findings, ${size} MB: opened in ${loaded} ms, first search ${first} ms, next ${next} ms, filter ${severity} ms, order ${order} ms`);
    // Far above what it takes, so that a busy machine does not fail.
    for (const time of [first, next, severity, order]) assert(time < 3000, `filtering takes ${time} ms`);
    await page.close_();
  }
  await browser.close();
}
