// The page at `/`. Its policy lets it load nothing but its own files, and ask nobody but its server.

export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  'img-src blob:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>primal-attention</title>
<link rel="stylesheet" href="page/style.css">
<script type="module" src="page/main.js"></script>
</head>
<body>
<h1>primal-attention</h1>
<p id="about">Loading the models ...</p>
<div class="row">
<label>Model <select id="model"></select></label>
<label id="token-field" hidden>Token <input id="token" type="password" autocomplete="off"></label>
</div>
<label for="text">Cases: drop a file here, or type them</label>
<textarea id="text" rows="6" spellcheck="false"></textarea>
<div class="row">
<input id="file" type="file" aria-label="File with cases">
<button id="example" type="button">Example</button>
<button id="predict" type="button">Predict</button>
</div>
<p id="message" role="status"></p>
<div id="results" hidden>
<h2>Predictions</h2>
<div class="wide"><table id="predictions"><thead></thead><tbody></tbody></table></div>
<p id="more"></p>
<h2 id="case-title">Case</h2>
<div id="case" class="wide"></div>
<h2>Attention</h2>
<div id="attention" class="wide"></div>
</div>
</body>
</html>
`;

export const css = `
body { font: 15px/1.5 Helvetica, Arial, sans-serif; color: #222; background: white; max-width: 960px; margin: 32px auto; padding: 0 24px; }
h1 { font-size: 26px; margin: 0 0 4px; } h2 { font-size: 20px; margin: 32px 0 8px; border-bottom: 1px solid #ddd; padding-bottom: 4px; }
.row { display: flex; flex-wrap: wrap; gap: 16px; align-items: center; margin: 12px 0; }
textarea { display: block; width: 100%; box-sizing: border-box; font: 13px/1.4 monospace; padding: 8px; border: 2px dashed #bbb; border-radius: 6px; }
textarea.over { border-color: #2171b5; background: #f0f6fc; }
button, select, input { font: inherit; } button { padding: 6px 18px; border-radius: 6px; border: 1px solid #bbb; background: #f3f4f6; cursor: pointer; }
#predict { background: #2171b5; border-color: #2171b5; color: white; } button:disabled { opacity: 0.5; }
#message:empty { display: none; } #message.error { background: #fdf1dc; border-left: 4px solid #E69F00; padding: 8px 12px; }
.wide { overflow-x: auto; } table { border-collapse: collapse; font-size: 13px; width: 100%; }
th, td { padding: 4px 10px; text-align: left; border-bottom: 1px solid #eee; } tbody tr { cursor: pointer; }
td.chances-cell { width: 75%; } td.lines { white-space: pre; font-variant-numeric: tabular-nums; } tbody tr.chosen { background: #f0f6fc; } td.number { width: 1%; text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
progress { width: 100%; height: 12px; accent-color: #2171b5; } .chances { display: grid; grid-template-columns: auto 1fr auto; gap: 2px 10px; align-items: center; }
svg, img, canvas { display: block; max-width: 100%; height: auto; margin: 8px 0; } canvas { image-rendering: pixelated; min-width: 160px; }
code { background: #f3f4f6; padding: 2px 6px; border-radius: 4px; font-size: 13px; }
/* Figures are read at their size, and moved sideways. */
@media (max-width: 720px) { #case svg { width: 720px; max-width: none; } #attention img { max-width: none; } }`;
